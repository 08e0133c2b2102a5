import type { ComposeItem, Item, Person, ReadItem } from '../protocol.ts';
import { answer } from './async.ts';
import { composeBody, readBody } from './body.ts';
import { EventType } from './enums.ts';
import { failed } from './failures.ts';
import { handlers, type Handlers } from './handlers.ts';
import { customProperties, internetHeaders, notificationMessages, recipients, sessionData, subject } from './parts.ts';
import type { Transport } from './transport.ts';

const details = (person: Person) => ({ displayName: person.displayName, emailAddress: person.emailAddress, recipientType: 'externalUser', appointmentResponse: 'none' });

/** Members of the requirement set that this host does not carry out; they fail instead of being absent. */
const unsupported = (...names: readonly string[]): Record<string, (...args: unknown[]) => void> =>
  Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => {
    const at = args.findIndex((arg) => typeof arg === 'function');
    const callback = at < 0 ? [] : [args[at]];
    answer(callback, () => {
      throw failed('OperationNotSupported', `The playground does not carry out ${name}.`);
    });
  }]));

export interface HostedItem {
  /** What becomes Office.context.mailbox.item. */
  readonly item: object;
  readonly handlers: Handlers;
}

export function hostedItem(transport: Transport, state: Item): HostedItem {
  const own = handlers([EventType.RecipientsChanged, EventType.AttachmentsChanged, EventType.InfobarClicked]);
  const common = {
    itemType: 'message',
    notificationMessages: notificationMessages(transport, state.key),
    loadCustomPropertiesAsync(...rest: unknown[]) {
      answer(rest, async () => customProperties(transport, state.key, await transport.call('properties.load', [], state.key) as Record<string, unknown>));
    },
    getInitializationContextAsync(...rest: unknown[]) {
      answer(rest, () => '');
    },
    addHandlerAsync: own.addHandlerAsync,
    removeHandlerAsync: own.removeHandlerAsync,
    ...unsupported('getSharedPropertiesAsync', 'getAttachmentContentAsync'),
  };
  return { handlers: own, item: state.mode === 'read' ? readItem(transport, state, common) : composeItem(transport, state, common) };
}

function readItem(transport: Transport, state: ReadItem, common: object): object {
  const created = new Date(state.created);
  return {
    ...common,
    itemId: state.itemId,
    itemClass: 'IPM.Note',
    conversationId: state.conversationId,
    internetMessageId: state.internetMessageId,
    subject: state.subject,
    normalizedSubject: state.subject.replace(/^((re|fwd?|aw|wg)\s*:\s*)+/i, ''),
    from: details(state.from),
    sender: details(state.from),
    to: state.to.map(details),
    cc: state.cc.map(details),
    dateTimeCreated: created,
    dateTimeModified: created,
    attachments: state.attachments.map((a) => ({ ...a, attachmentType: 'file' })),
    seriesId: null,
    body: readBody(transport, state.key),
    getAllInternetHeadersAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('headers.all', [], state.key));
    },
    displayReplyForm(formData: unknown) {
      void transport.call('reply', [formData, false], state.key);
    },
    displayReplyAllForm(formData: unknown) {
      void transport.call('reply', [formData, true], state.key);
    },
    displayReplyFormAsync(formData: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('reply', [formData, false], state.key));
    },
    displayReplyAllFormAsync(formData: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('reply', [formData, true], state.key));
    },
    ...unsupported('getAsFileAsync'),
  };
}

function composeItem(transport: Transport, state: ComposeItem, common: object): object {
  const { key } = state;
  return {
    ...common,
    conversationId: state.conversationId,
    inReplyTo: state.inReplyTo,
    seriesId: null,
    subject: subject(transport, key),
    body: composeBody(transport, key),
    to: recipients(transport, key, 'to'),
    cc: recipients(transport, key, 'cc'),
    bcc: recipients(transport, key, 'bcc'),
    from: {
      getAsync(...rest: unknown[]) {
        answer(rest, async () => details(await transport.call('from.get', [], key) as Person));
      },
    },
    internetHeaders: internetHeaders(transport, key),
    sessionData: sessionData(transport, key),
    getSelectedDataAsync(type: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('selection.get', [type], key));
    },
    setSelectedDataAsync(data: unknown, ...rest: unknown[]) {
      composeBody(transport, key).setSelectedDataAsync(data, ...rest);
    },
    saveAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('save', [], key));
    },
    getItemIdAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('itemId', [], key));
    },
    getComposeTypeAsync(...rest: unknown[]) {
      answer(rest, () => ({ composeType: state.inReplyTo ? 'reply' : 'newMail', coercionType: 'html' }));
    },
    getItemClassAsync(...rest: unknown[]) {
      answer(rest, () => 'IPM.Note');
    },
    getConversationIndexAsync(...rest: unknown[]) {
      answer(rest, () => null);
    },
    getAttachmentsAsync(...rest: unknown[]) {
      answer(rest, () => []);
    },
    isClientSignatureEnabledAsync(...rest: unknown[]) {
      answer(rest, () => false);
    },
    disableClientSignatureAsync(...rest: unknown[]) {
      answer(rest, () => undefined);
    },
    close() {
      void transport.call('close', [false], key);
    },
    closeAsync(...rest: unknown[]) {
      answer(rest, (options) => transport.call('close', [options.discardItem === true], key));
    },
    ...unsupported('addFileAttachmentAsync', 'addFileAttachmentFromBase64Async', 'addItemAttachmentAsync', 'removeAttachmentAsync'),
  };
}
