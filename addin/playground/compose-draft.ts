import { failed } from './host/failures.ts';
import type { Person } from './protocol.ts';
import type { Methods } from './bridge.ts';
import { stored } from './stored.ts';
import { editable, editedHtml } from './editable.ts';
import { formatRecipients, parseRecipients, textToHtml } from './text.ts';

export interface Notification {
  readonly key: string;
  readonly type: string;
  readonly message: string;
}

/** What a draft starts from. */
export interface DraftStart {
  readonly to?: readonly Person[];
  readonly cc?: readonly Person[];
  readonly subject?: string;
  readonly html?: string;
  /** Set for a reply. */
  readonly replyTo?: { readonly messageId: string; readonly threadId: string | null; readonly internetMessageId: string | null };
  /** A stored draft that is opened again. */
  readonly draftId?: string;
}

/** What the form shows; the body lives in its editor. */
export interface DraftFields {
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly subject: string;
  readonly bodyType: 'html' | 'text';
  readonly notifications: readonly Notification[];
}

export interface Insertions {
  prepend: string;
  append: string;
}

/** The message that is being written: its form's fields, and what the add-in attached to it. */
export interface ComposeDraft {
  readonly key: string;
  readonly start: DraftStart;
  readonly insertions: Insertions;
  readonly headers: Record<string, string>;
  draftId: string | null;
  fields(): DraftFields;
  change(fields: Partial<DraftFields>): void;
  onChange(heard: () => void): () => void;
  /** Makes the editor of the chosen format, with what was written so far; the form puts it on the page. */
  openEditor(): HTMLElement;
  bodyHtml(): string;
  bodyText(): string;
  properties(): Record<string, unknown>;
  methods(save: () => Promise<string>, close: (discard: boolean) => void, from: Person): Methods;
}

let drafts = 0;

export function createDraft(start: DraftStart): ComposeDraft {
  let shown: DraftFields = {
    to: formatRecipients(start.to ?? []), cc: formatRecipients(start.cc ?? []), bcc: '',
    subject: start.subject ?? '', bodyType: 'html', notifications: [],
  };
  let session: Record<string, string> = {};
  let properties = start.draftId ? stored.properties(start.draftId) : {};
  const listeners = new Set<() => void>();
  let editor: HTMLElement | HTMLTextAreaElement | undefined;
  const draft: ComposeDraft = {
    key: `draft-${++drafts}`,
    start,
    insertions: { prepend: '', append: '' },
    headers: {},
    draftId: start.draftId ?? null,
    fields: () => shown,
    change(fields) {
      shown = { ...shown, ...fields };
      for (const heard of listeners) heard();
    },
    onChange(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    openEditor() {
      const before = editor ? { html: draft.bodyHtml(), text: draft.bodyText() } : { html: start.html ?? '<div><br></div>', text: '' };
      editor = shown.bodyType === 'html' ? htmlEditor(before.html) : textEditor(before.text);
      editor.className = 'editor';
      editor.setAttribute('aria-label', 'Message body');
      return editor;
    },
    bodyHtml: () => editor instanceof HTMLTextAreaElement ? textToHtml(editor.value) : editor ? editedHtml(editor) : '',
    bodyText: () => editor instanceof HTMLTextAreaElement ? editor.value : editor?.innerText ?? '',
    properties: () => properties,
    methods(save, close, from) {
      const field = (name: 'to' | 'cc' | 'bcc'): Person[] => parseRecipients(shown[name]);
      const write = (place: Place) => (data: string, type: 'html' | 'text'): void => {
        if (!editor) throw failed('InternalError', 'The message is not open.');
        if (editor instanceof HTMLTextAreaElement) writeText(editor, data, place);
        else writeHtml(editor, editable(type === 'html' ? data : textToHtml(data)), place);
      };
      return {
        'body.type': () => shown.bodyType,
        'body.get': (type: 'html' | 'text') => type === 'html' ? draft.bodyHtml() : draft.bodyText(),
        'body.set': write('all'),
        'body.prepend': write('start'),
        'body.setSelected': write('cursor'),
        'body.setSignature': write('end'),
        'body.appendOnSend': (data: string, type: 'html' | 'text') => {
          draft.insertions.append = onSend(shown.bodyType, data, type);
        },
        'body.prependOnSend': (data: string, type: 'html' | 'text') => {
          draft.insertions.prepend = onSend(shown.bodyType, data, type);
        },
        'selection.get': () => ({ data: String(document.getSelection() ?? ''), sourceProperty: 'body' }),
        'subject.get': () => shown.subject,
        'subject.set': (subject: string) => draft.change({ subject }),
        'recipients.get': (name: 'to' | 'cc' | 'bcc') => field(name).map((p) => ({ ...p, recipientType: 'externalUser', appointmentResponse: 'none' })),
        'recipients.set': (name: 'to' | 'cc' | 'bcc', people: Person[]) => draft.change({ [name]: formatRecipients(people) }),
        'recipients.add': (name: 'to' | 'cc' | 'bcc', people: Person[]) => draft.change({ [name]: formatRecipients([...field(name), ...people]) }),
        'from.get': () => from,
        'headers.get': (names: string[]) => Object.fromEntries(Object.entries(draft.headers).filter(([name]) => names.some((n) => n.toLowerCase() === name.toLowerCase()))),
        'headers.set': (headers: Record<string, string>) => void Object.assign(draft.headers, headers),
        'headers.remove': (names: string[]) => {
          for (const name of names) delete draft.headers[name];
        },
        'notifications.get': () => shown.notifications,
        'notifications.put': (notification: Notification) =>
          draft.change({ notifications: [...shown.notifications.filter((n) => n.key !== notification.key), notification] }),
        'notifications.remove': (key: string) => draft.change({ notifications: shown.notifications.filter((n) => n.key !== key) }),
        'properties.load': () => properties,
        'properties.save': (values: Record<string, unknown>) => {
          properties = values;
          if (draft.draftId) stored.saveProperties(draft.draftId, values);
        },
        'session.get': () => session,
        'session.set': (values: Record<string, string>) => {
          session = values;
        },
        'save': save,
        'itemId': () => {
          if (!draft.draftId) throw failed('ItemNotSaved');
          return draft.draftId;
        },
        'close': close,
      } as Methods;
    },
  };
  return draft;
}

/** What is put in on send, in the form that the body has by then. */
const onSend = (bodyType: 'html' | 'text', data: string, type: 'html' | 'text'): string =>
  bodyType === 'html' && type === 'text' ? textToHtml(data) : data;

function htmlEditor(html: string): HTMLElement {
  const editor = document.createElement('div');
  editor.contentEditable = 'true';
  editor.setAttribute('role', 'textbox');
  editor.setAttribute('aria-multiline', 'true');
  editor.append(editable(html));
  return editor;
}

function textEditor(text: string): HTMLTextAreaElement {
  const editor = document.createElement('textarea');
  editor.value = text;
  return editor;
}

type Place = 'all' | 'start' | 'cursor' | 'end';

function writeText(editor: HTMLTextAreaElement, data: string, place: Place): void {
  if (place === 'all') editor.value = data;
  else if (place === 'cursor') editor.setRangeText(data, editor.selectionStart, editor.selectionEnd, 'end');
  else if (place === 'start') editor.value = data + editor.value;
  else editor.value += data;
}

function writeHtml(editor: HTMLElement, content: DocumentFragment, place: Place): void {
  if (place === 'all') return editor.replaceChildren(content);
  if (place === 'end') return editor.append(content);
  const at = place === 'cursor' ? lastSelection.get(editor) : undefined;
  if (!at || !editor.contains(at.commonAncestorContainer)) return editor.prepend(content);
  at.deleteContents();
  const last = content.lastChild;
  at.insertNode(content);
  if (last) at.setStartAfter(last);
  at.collapse(true);
}

/** Where the cursor was in each editor: the pane's own click moves the focus away before it inserts. */
const lastSelection = new WeakMap<HTMLElement, Range>();

export function rememberSelection(editor: HTMLElement): void {
  const selection = document.getSelection();
  if (selection?.rangeCount && editor.contains(selection.getRangeAt(0).commonAncestorContainer)) {
    lastSelection.set(editor, selection.getRangeAt(0).cloneRange());
  }
}
