/**
 * What the playground's page and the Office.js script inside the pane's frame say to each other. Both are
 * pages of one origin; each side still checks origin and source, as it would have to beside foreign frames.
 */
export interface Person {
  readonly displayName: string;
  readonly emailAddress: string;
}

/** A message that is being read, as far as Office.js shows it without asking. */
export interface ReadItem {
  readonly mode: 'read';
  /** Names this showing of the item: an answer that comes after the item changed is refused by it. */
  readonly key: string;
  readonly itemId: string;
  readonly conversationId: string;
  readonly internetMessageId: string;
  readonly subject: string;
  readonly from: Person;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  /** RFC 3339. */
  readonly created: string;
  readonly attachments: readonly { readonly id: string; readonly name: string; readonly contentType: string; readonly size: number; readonly isInline: boolean }[];
}

export interface ComposeItem {
  readonly mode: 'compose';
  readonly key: string;
  /** Null until a draft that belongs to a conversation is known, as in Outlook. */
  readonly conversationId: string | null;
  readonly inReplyTo: string | null;
}

export type Item = ReadItem | ComposeItem;

export interface HostState {
  readonly user: Person;
  readonly timeZone: string;
  readonly dark: boolean;
  readonly item: Item | null;
  readonly roamingSettings: Readonly<Record<string, unknown>>;
}

/** From the pane's frame to the page. */
export type FromPane =
  | { readonly sundial: 'office'; readonly kind: 'hello' }
  | { readonly sundial: 'office'; readonly kind: 'call'; readonly id: number; readonly item: string | null; readonly method: string; readonly args: readonly unknown[] };

/** From the page to the pane's frame. */
export type ToPane =
  | { readonly sundial: 'office'; readonly kind: 'state'; readonly state: HostState }
  | { readonly sundial: 'office'; readonly kind: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: HostFailure }
  | { readonly sundial: 'office'; readonly kind: 'event'; readonly type: 'recipientsChanged' | 'attachmentsChanged' | 'infobarClicked'; readonly data: unknown };

/** Between a dialog and the pane that opened it. */
export type DialogMessage =
  | { readonly sundial: 'dialog'; readonly kind: 'toParent'; readonly message: string }
  | { readonly sundial: 'dialog'; readonly kind: 'toChild'; readonly message: string };

export interface HostFailure {
  readonly name: string;
  readonly code: number;
  readonly message: string;
}

export function isFromPane(data: unknown): data is FromPane {
  return typeof data === 'object' && data !== null && (data as FromPane).sundial === 'office' && ['hello', 'call'].includes((data as FromPane).kind);
}

export function isToPane(data: unknown): data is ToPane {
  return typeof data === 'object' && data !== null && (data as ToPane).sundial === 'office' && ['state', 'answer', 'event'].includes((data as ToPane).kind);
}

export function isDialogMessage(data: unknown): data is DialogMessage {
  return typeof data === 'object' && data !== null && (data as DialogMessage).sundial === 'dialog' && typeof (data as DialogMessage).message === 'string';
}
