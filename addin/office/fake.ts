/**
 * Office.js for tests: the same calls, callbacks, statuses and error names as the real one, over plain
 * state that a test reads and changes. What a client does not support lies above `mailboxSet`.
 */
export interface FakeRecipient {
  readonly displayName: string;
  readonly emailAddress: string;
}

export interface FakeCompose {
  readonly kind: 'compose';
  itemType: 'message' | 'appointment';
  composeType: 'newMail' | 'reply' | 'forward';
  conversationId: string | null;
  bodyType: 'html' | 'text';
  html: string;
  subject: string;
  to: FakeRecipient[];
  appended: string | null;
  headers: Record<string, string>;
  properties: Record<string, string>;
  infoBar: Record<string, string>;
  session: Record<string, string>;
  inserted: string[];
}

export interface FakeRead {
  readonly kind: 'read';
  itemType: 'message' | 'appointment';
  subject: string;
  from: FakeRecipient;
  to: FakeRecipient[];
  internetMessageId: string;
  conversationId: string;
  properties: Record<string, string>;
  replies: string[];
}

/** Outlook's colours, as `Office.context.officeTheme` tells them. */
export interface FakeTheme {
  readonly bodyBackgroundColor: string;
  readonly bodyForegroundColor: string;
}

export interface FakeOffice {
  item: FakeCompose | FakeRead | null;
  /** Names of calls that fail next time, with Office's error. */
  readonly failures: Map<string, { code: number; name: string; message: string }>;
  readonly roaming: Record<string, unknown>;
  readonly dialogs: { url: string; closed: boolean; answer(message: string, origin?: string): void; closeByUser(): void }[];
  /** Every call that reached the mailbox, in order. */
  readonly calls: string[];
  select(item: FakeCompose | FakeRead | null): void;
  /** Outlook takes another theme. */
  recolour(theme: FakeTheme): void;
  changeRecipients(to: FakeRecipient[]): void;
}

export interface FakeOptions {
  readonly item?: FakeCompose | FakeRead | null;
  /** The minor number of the newest Mailbox set that this client has: 5 for 1.5. */
  readonly mailboxSet?: number;
  readonly token?: () => string;
  readonly host?: string | null;
  readonly platform?: string;
  readonly theme?: FakeTheme;
}

export const ME: FakeRecipient = { displayName: 'Yuki', emailAddress: 'you@playground.test' };

export const fakeCompose = (part: Partial<FakeCompose> = {}): FakeCompose => ({
  kind: 'compose', itemType: 'message', composeType: 'newMail', conversationId: null, bodyType: 'html', html: '<p>Hello</p>', subject: '', to: [],
  appended: null, headers: {}, properties: {}, infoBar: {}, session: {}, inserted: [], ...part,
});

export const fakeRead = (part: Partial<FakeRead> = {}): FakeRead => ({
  kind: 'read', itemType: 'message', subject: 'Offer', from: ME, to: [{ displayName: 'Bea', emailAddress: 'buyer@playground.test' }],
  internetMessageId: '<m1@playground.test>', conversationId: 'thread-1', properties: {}, replies: [], ...part,
});

type Done = (result: unknown) => void;
type Failures = FakeOffice['failures'];

/** Puts the fake where Office.js puts itself; answers the state behind it. */
export function installFakeOffice({ item = null, mailboxSet = 16, token = () => 'identity-token', host = 'Outlook', platform = 'OfficeOnline', theme }: FakeOptions = {}): FakeOffice {
  const failures: Failures = new Map();
  const itemHandlers: (() => void)[] = [];
  const themeHandlers: (() => void)[] = [];
  let recipientHandlers: (() => void)[] = [];
  const fake: FakeOffice = {
    item, failures, roaming: {}, dialogs: [], calls: [],
    select: (next) => {
      fake.item = next;
      for (const handler of itemHandlers) handler();
    },
    recolour: (next) => {
      office.context.officeTheme = next;
      for (const handler of themeHandlers) handler();
    },
    changeRecipients: (to) => {
      if (fake.item) fake.item.to = to;
      for (const handler of recipientHandlers) handler();
    },
  };

  const answer = (name: string, rest: unknown[], work: () => unknown) => {
    const done = rest.findLast((a) => typeof a === 'function') as Done | undefined;
    fake.calls.push(name);
    queueMicrotask(() => {
      const failure = failures.get(name);
      failures.delete(name);
      done?.(failure ? { status: 'failed', error: failure } : { status: 'succeeded', value: work() });
    });
  };

  const properties = (of: { properties: Record<string, string> }) => (...rest: unknown[]) => answer('loadCustomProperties', rest, () => {
    const held = { ...of.properties };
    return {
      get: (name: string) => held[name],
      set: (name: string, value: string) => void (held[name] = value),
      remove: (name: string) => void delete held[name],
      saveAsync: (...saving: unknown[]) => answer('saveCustomProperties', saving, () => void (of.properties = { ...held })),
    };
  });

  const composeView = (c: FakeCompose) => ({
    itemType: c.itemType,
    conversationId: c.conversationId,
    subject: {
      getAsync: (...r: unknown[]) => answer('subject.get', r, () => c.subject),
      setAsync: (text: string, ...r: unknown[]) => answer('subject.set', r, () => void (c.subject = text)),
    },
    body: {
      getTypeAsync: (...r: unknown[]) => answer('body.getType', r, () => c.bodyType),
      getAsync: (_type: string, ...r: unknown[]) => answer('body.get', r, () => c.html),
      setAsync: (html: string, ...r: unknown[]) => answer('body.set', r, () => void (c.html = html)),
      setSelectedDataAsync: (html: string, ...r: unknown[]) => answer('body.setSelectedData', r, () => void c.inserted.push(html)),
      appendOnSendAsync: (html: string | null, ...r: unknown[]) => answer('body.appendOnSend', r, () => void (c.appended = html)),
    },
    ...recipientFields(c),
    internetHeaders: {
      setAsync: (values: Record<string, string>, ...r: unknown[]) => answer('headers.set', r, () => void Object.assign(c.headers, values)),
      removeAsync: (names: string[], ...r: unknown[]) => answer('headers.remove', r, () => names.forEach((name) => delete c.headers[name])),
    },
    notificationMessages: {
      replaceAsync: (key: string, message: { message: string }, ...r: unknown[]) => answer('infoBar.replace', r, () => void (c.infoBar[key] = message.message)),
      removeAsync: (key: string, ...r: unknown[]) => answer('infoBar.remove', r, () => void delete c.infoBar[key]),
    },
    sessionData: {
      getAsync: (name: string, ...r: unknown[]) => answer('session.get', r, () => c.session[name] ?? ''),
      setAsync: (name: string, value: string, ...r: unknown[]) => answer('session.set', r, () => void (c.session[name] = value)),
    },
    loadCustomPropertiesAsync: properties(c),
    getComposeTypeAsync: (...r: unknown[]) => answer('getComposeType', r, () => ({ composeType: c.composeType })),
    addHandlerAsync: (_type: string, handler: () => void) => void recipientHandlers.push(handler),
    removeHandlerAsync: () => void (recipientHandlers = []),
  });

  const recipientFields = (c: FakeCompose) => {
    const field = (read: () => FakeRecipient[]) => ({ getAsync: (...r: unknown[]) => answer('recipients.get', r, read) });
    const [filled, empty] = [field(() => c.to), field(() => [])];
    return c.itemType === 'message' ? { to: filled, cc: empty, bcc: empty } : { requiredAttendees: filled, optionalAttendees: empty };
  };

  const readView = (r: FakeRead) => ({
    itemType: r.itemType, itemId: 'item-1', subject: r.subject, from: r.from, to: r.to, cc: [], internetMessageId: r.internetMessageId, conversationId: r.conversationId,
    dateTimeCreated: new Date('2026-11-21T10:00:00Z'),
    loadCustomPropertiesAsync: properties(r),
    displayReplyFormAsync: (form: { htmlBody: string }, ...rest: unknown[]) => answer('displayReplyForm', rest, () => void r.replies.push(form.htmlBody)),
  });

  const views = new WeakMap<object, object>();
  const viewOf = (of: FakeCompose | FakeRead) => {
    if (!views.has(of)) views.set(of, of.kind === 'compose' ? composeView(of) : readView(of));
    return views.get(of);
  };

  const openDialog = (url: string, ...rest: unknown[]) => answer('displayDialog', rest, () => {
    const handlers: Record<string, (event: unknown) => void> = {};
    const entry: FakeOffice['dialogs'][number] = {
      url, closed: false,
      answer: (message, origin = location.origin) => handlers.dialogMessageReceived?.({ message, origin }),
      closeByUser: () => handlers.dialogEventReceived?.({ error: 12006 }),
    };
    fake.dialogs.push(entry);
    return { addEventHandler: (type: string, handler: (event: unknown) => void) => void (handlers[type] = handler), close: () => void (entry.closed = true) };
  });

  const office = {
    onReady: () => Promise.resolve({ host, platform: null }),
    AsyncResultStatus: { Succeeded: 'succeeded', Failed: 'failed' },
    EventType: { ItemChanged: 'olkItemSelectedChanged', OfficeThemeChanged: 'officeThemeChanged', RecipientsChanged: 'olkRecipientsChanged', DialogMessageReceived: 'dialogMessageReceived', DialogEventReceived: 'dialogEventReceived' },
    context: {
      requirements: { isSetSupported: (_name: string, version: string) => Number(version.split('.')[1]) <= mailboxSet },
      platform,
      officeTheme: theme,
      roamingSettings: { get: (name: string) => fake.roaming[name], set: (name: string, value: unknown) => void (fake.roaming[name] = value), saveAsync: () => {} },
      ui: { displayDialogAsync: openDialog, messageParent: () => {} },
      mailbox: {
        get item() {
          return fake.item && viewOf(fake.item);
        },
        userProfile: { ...ME, timeZone: 'Europe/Berlin', accountType: 'enterprise' },
        addHandlerAsync: (type: string, handler: () => void) => void (type === 'officeThemeChanged' ? themeHandlers : itemHandlers).push(handler),
        getUserIdentityTokenAsync: (...rest: unknown[]) => answer('identityToken', rest, token),
      },
    },
  };
  (globalThis as { Office?: unknown }).Office = office;
  return fake;
}
