import { officeCall, supportsMailbox } from './async.ts';
import { OfficeError } from './errors.ts';

/** Limits of the clients, in characters (facts of Office's documentation, 2026). */
export const APPEND_LIMIT = 5000;
const BODY_LIMIT = 1_000_000;

export interface Recipient {
  readonly name: string;
  readonly email: string;
}

/** The message or appointment that is being written. Every call may reject with `item.changed`. */
export interface ComposeItem {
  readonly sequence: number;
  readonly type: 'message' | 'appointment';
  /** Of a reply or forward; null for a new message until it is saved. */
  readonly conversationId: string | null;
  /** newMail, reply or forward; null where the client cannot tell (before Mailbox 1.10). */
  composeType(): Promise<'newMail' | 'reply' | 'forward' | null>;
  bodyType(): Promise<'html' | 'text'>;
  html(): Promise<string>;
  setHtml(html: string): Promise<void>;
  /** At the cursor; what is selected is replaced by it, as with pasting. */
  insert(html: string, text: string): Promise<void>;
  subject(): Promise<string>;
  setSubject(subject: string): Promise<void>;
  recipients(): Promise<readonly Recipient[]>;
  /** Answers how to stop; does nothing before Mailbox 1.7. */
  onRecipientsChanged(listener: () => void): () => void;
  /** What Outlook appends when the person presses Send; null takes it back. Mailbox 1.9. */
  appendOnSend(html: string | null): Promise<void>;
  /** An internet header of the message; null removes it. Mailbox 1.8; does nothing before. */
  setHeader(name: string, value: string | null): Promise<void>;
  /** A custom property stays with the item into Sent Items; null removes it. */
  property(name: string): Promise<string | null>;
  setProperty(name: string, value: string | null): Promise<void>;
  /** Session data is shared by all that runs beside this message and gone when its window closes. Null before Mailbox 1.11. */
  session(name: string): Promise<string | null>;
  setSession(name: string, value: string): Promise<void>;
  /** The line above the message, at most 150 characters; null removes it. */
  infoBar(key: string, text: string | null): Promise<void>;
  readonly canTrackOpens: boolean;
}

type Native = Office.MessageCompose & Office.AppointmentCompose;

export function composeItem(item: Native, sequence: number, guard: (sequence: number) => void): ComposeItem {
  const call = async <T>(start: (done: (result: Office.AsyncResult<T>) => void) => void): Promise<T> => {
    guard(sequence);
    const value = await officeCall(start);
    guard(sequence);
    return value;
  };
  const type = String(item.itemType) === 'appointment' ? 'appointment' : 'message';
  let properties: Promise<Office.CustomProperties> | undefined;
  const loadProperties = () => {
    properties ??= call<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done));
    properties.catch(() => { properties = undefined; });
    return properties;
  };

  return {
    sequence,
    type,
    conversationId: item.conversationId ?? null,
    canTrackOpens: type === 'message' && supportsMailbox('1.9'),
    composeType: async () => {
      if (type !== 'message' || !supportsMailbox('1.10')) return null;
      return String((await call<{ composeType: string }>((done) => item.getComposeTypeAsync(done as never))).composeType) as 'newMail' | 'reply' | 'forward';
    },
    bodyType: async () => String(await call<Office.CoercionType>((done) => item.body.getTypeAsync(done))) === 'html' ? 'html' : 'text',
    html: () => call<string>((done) => item.body.getAsync('html' as Office.CoercionType, done)),
    setHtml: async (html) => {
      if (html.length > BODY_LIMIT) throw new OfficeError('size.exceeded');
      await call<void>((done) => item.body.setAsync(html, { coercionType: 'html' as Office.CoercionType }, done));
    },
    insert: async (html, text) => {
      const kind = await call<Office.CoercionType>((done) => item.body.getTypeAsync(done));
      const asHtml = String(kind) === 'html';
      await call<void>((done) => item.body.setSelectedDataAsync(asHtml ? html : text, { coercionType: (asHtml ? 'html' : 'text') as Office.CoercionType }, done));
    },
    subject: () => call<string>((done) => item.subject.getAsync(done)),
    setSubject: (subject) => call<void>((done) => item.subject.setAsync(subject, done)),
    recipients: async () => {
      const fields = type === 'message' ? [item.to, item.cc, item.bcc] : [item.requiredAttendees, item.optionalAttendees];
      const found = await Promise.all(fields.filter(Boolean).map((field) => call<Office.EmailAddressDetails[]>((done) => field.getAsync(done))));
      return found.flat().map(recipient);
    },
    onRecipientsChanged: (listener) => {
      if (!supportsMailbox('1.7')) return () => {};
      item.addHandlerAsync(Office.EventType.RecipientsChanged, listener);
      return () => item.removeHandlerAsync(Office.EventType.RecipientsChanged);
    },
    appendOnSend: async (html) => {
      if (html !== null && html.length > APPEND_LIMIT) throw new OfficeError('size.exceeded');
      await call<void>((done) => item.body.appendOnSendAsync(html as string, { coercionType: 'html' as Office.CoercionType }, done));
    },
    setHeader: async (name, value) => {
      if (type !== 'message' || !supportsMailbox('1.8')) return;
      if (value === null) await call<void>((done) => item.internetHeaders.removeAsync([name], done));
      else await call<void>((done) => item.internetHeaders.setAsync({ [name]: value }, done));
    },
    property: async (name) => {
      const value = (await loadProperties()).get(name) as unknown;
      return typeof value === 'string' ? value : null;
    },
    setProperty: async (name, value) => {
      const held = await loadProperties();
      if (value === null) held.remove(name);
      else held.set(name, value);
      await call<void>((done) => held.saveAsync(done));
    },
    // What is not there is an error in Outlook, and for us it is only not there.
    session: async (name) => {
      if (!supportsMailbox('1.11')) return null;
      return call<string>((done) => item.sessionData.getAsync(name, done)).catch(unlessChanged(null));
    },
    setSession: async (name, value) => {
      if (supportsMailbox('1.11')) await call<void>((done) => item.sessionData.setAsync(name, value, done));
    },
    infoBar: async (key, text) => {
      const messages = item.notificationMessages;
      if (text !== null) {
        await call<void>((done) => messages.replaceAsync(key, { type: 'informationalMessage' as never, message: text.slice(0, 150), icon: 'Icon.16x16', persistent: true }, done));
        return;
      }
      // Removing what is not there is an error in some clients and none in others.
      await call<void>((done) => messages.removeAsync(key, done)).catch(unlessChanged(undefined));
    },
  };
}

/** Any failure is this answer; only that the message is another one by now stays a failure. */
const unlessChanged = <T>(otherwise: T) => (error: unknown): T => {
  if (error instanceof OfficeError && error.code === 'item.changed') throw error;
  return otherwise;
};

export const recipient = (details: Pick<Office.EmailAddressDetails, 'displayName' | 'emailAddress'>): Recipient =>
  ({ name: details.displayName || details.emailAddress, email: details.emailAddress.toLowerCase() });
