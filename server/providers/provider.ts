import type { Trx } from '../db/db.ts';
import type { DomainEvent } from '../events/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { KeyRing } from '../lib/keyring.ts';

/**
 * What a mailbox provider is to the features. What a provider cannot do it says as data, in
 * `capabilities`, with the reason a client is told; features ask for a capability, never for a name.
 */
export interface Provider {
  readonly serviceType: string;
  readonly capabilities: Capabilities;
  readonly mail: MailStore;
  /** Background work; features.ts registers one job for each task and calls this with what was enqueued. */
  readonly tasks: Readonly<Record<ProviderTask, (work: TaskPayload) => Promise<void>>>;
  /** Ends honestly what a task was for that was set aside (it failed too often, or ended its process twice); may run twice. */
  readonly setAside?: Readonly<Partial<Record<ProviderTask, (work: TaskPayload) => Promise<void>>>>;
  /** Takes what inbound SMTP is given; undefined where the provider's mail arrives elsewhere. */
  readonly inbound?: MailReceiver;
}

export interface Capabilities {
  /** True: the server itself stores and sends; a step is sent exactly once. */
  readonly exactlyOnceSend: boolean;
  readonly scheduledSend: Capability;
  readonly createFolders: Capability;
}

export type Capability = { readonly can: true } | { readonly can: false; readonly reason: string };

/** derive: read an accepted message. deliver: one recipient's attempt. sweep: what time has made due, or a crash left. */
export type ProviderTask = 'derive' | 'deliver' | 'sweep';

export interface TaskPayload {
  readonly accountId: number | null;
  readonly ref: string;
}

/** The account as a provider needs it. */
export interface Mailbox {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  /** IANA name; days in searches begin at its midnight. */
  readonly timezone: string;
}

export interface Address {
  readonly name?: string;
  readonly address?: string;
  readonly raw?: string;
}

export interface MailAttachment {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly inline: boolean;
  readonly contentId?: string;
  /** Base64; only where asked for. */
  readonly content?: string;
}

export type SysLabel = 'junk' | 'trash' | 'sent' | 'inbox' | 'unread' | 'flagged' | 'important' | 'draft';

/** A message as the wire contract shows it, with html and text apart so that the caller chooses. */
export interface MailMessage {
  readonly id: string;
  readonly threadId: string | null;
  readonly createdTime: Date;
  readonly lastModifiedTime: Date;
  readonly sentAt: Date | null;
  readonly receivedAt: Date;
  readonly internetMessageId: string | null;
  readonly subject: string;
  readonly sysLabels: SysLabel[];
  readonly keywords: string[];
  readonly meetingMessageMethod: 'request' | 'reply' | 'cancel' | 'counter' | 'other' | null;
  readonly from: Address | null;
  readonly to: Address[];
  readonly cc: Address[];
  readonly bcc: Address[];
  readonly replyTo: Address[];
  readonly hasAttachments: boolean;
  readonly snippet: string;
  readonly attachments: MailAttachment[];
  readonly inReplyTo: string | null;
  readonly references: string[];
  readonly headers: { name: string; value: string }[];
  readonly folderId: string;
  readonly isDraft: boolean;
  readonly automatic: 'no' | 'vacation' | 'other';
  /** Undefined where the body was not asked for. */
  readonly body?: { readonly html: string | null; readonly text: string | null };
}

export interface NewAttachment {
  readonly name: string;
  readonly mimeType: string;
  readonly inline: boolean;
  readonly contentId?: string;
  readonly content: Uint8Array;
}

export interface OpenAttachment {
  readonly id: string;
  /** Another one where the bytes may be others: a draft that was saved again. */
  readonly version: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A checked message that is to be sent or kept as a draft. */
export interface NewMail {
  readonly from: { readonly name?: string; readonly address: string };
  readonly to: readonly { readonly name?: string; readonly address: string }[];
  readonly cc: readonly { readonly name?: string; readonly address: string }[];
  readonly bcc: readonly { readonly name?: string; readonly address: string }[];
  readonly replyTo: readonly { readonly name?: string; readonly address: string }[];
  readonly subject: string;
  /** One of the two; a message with html gets a text alternative made from it. */
  readonly html: string | null;
  readonly text: string | null;
  readonly inReplyTo?: string;
  readonly references: readonly string[];
  readonly xHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly NewAttachment[];
  readonly keywords: readonly string[];
  readonly calendar?: { readonly method: string; readonly content: string };
  /** Fixed beforehand by the caller, with brackets; else made here. */
  readonly internetMessageId?: string;
  readonly threadId?: string;
  /** A robot sends: empty return path, Auto-Submitted. */
  readonly automatic: boolean;
}

export interface SentIds {
  readonly messageId: string;
  readonly threadId: string;
  readonly internetMessageId: string;
}

export interface MessageQuery {
  readonly folderId?: string;
  readonly threadId?: string;
  readonly q?: string;
  readonly includeTrashAndJunk: boolean;
  readonly includeDrafts: boolean;
  readonly body: boolean;
  readonly oldestFirst?: boolean;
  readonly limit: number;
  /** What `next` of the page before said. */
  readonly after?: unknown;
}

export interface MessagePage {
  readonly messages: MailMessage[];
  readonly next?: unknown;
}

export interface MailFolder {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly parentId?: string;
  readonly sysLabel?: SysLabel;
  /** What the mailbox itself uses the folder for. */
  readonly role: 'inbox' | 'sent' | 'drafts' | 'trash' | 'junk' | 'archive' | null;
}

export interface RecipientState {
  readonly recipient: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed' | 'inDoubt';
  readonly response: string | null;
}

/** Messages that are not this mailbox's are not there: lookups answer undefined, changes false. */
export interface MailStore {
  /**
   * Stores the sent copy and queues the delivery inside `trx`. `finish` runs when the ids are known and
   * answers what recipients get instead of the html as written; null leaves it as it is.
   */
  send(trx: Trx, mailbox: Mailbox, mail: NewMail, finish: (ids: SentIds) => Promise<string | null>): Promise<SentIds>;
  list(mailbox: Mailbox, query: MessageQuery): Promise<MessagePage>;
  get(mailbox: Mailbox, messageId: string, db?: Trx): Promise<MailMessage | undefined>;
  findByInternetMessageId(mailbox: Mailbox, internetMessageId: string): Promise<MailMessage | undefined>;
  /** The bytes as received. */
  raw(mailbox: Mailbox, messageId: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** The attachments of these ids, in the order of the message; each is to be read before the next, and the last before the end. */
  attachments(mailbox: Mailbox, messageId: string, ids: readonly string[]): AsyncIterable<OpenAttachment>;
  setStatus(mailbox: Mailbox, messageId: string, status: { unread?: boolean; archived?: boolean; keywords?: readonly string[] }): Promise<boolean>;
  /** To the trash; from the trash for good. */
  remove(mailbox: Mailbox, messageId: string): Promise<boolean>;
  deliveryOf(mailbox: Mailbox, messageId: string): Promise<RecipientState[]>;
  saveDraft(trx: Trx, mailbox: Mailbox, mail: NewMail, extras: unknown, draftId?: string): Promise<string | undefined>;
  /** The draft as it would be sent, with what `extras` was. */
  openDraft(trx: Trx, mailbox: Mailbox, draftId: string): Promise<{ mail: NewMail; extras: unknown } | undefined>;
  removeDraft(trx: Trx, mailbox: Mailbox, draftId: string): Promise<boolean>;
  folders(mailbox: Mailbox): Promise<MailFolder[]>;
  createFolder(trx: Trx, mailbox: Mailbox, name: string, parentId: string | undefined): Promise<MailFolder>;
  /** The folder of each role that the contract lets a client choose; an empty id clears it. */
  setWellKnown(mailbox: Mailbox, roles: { archive?: string; sent?: string }): Promise<void>;
}

/** What inbound SMTP hands over, and how it is answered. */
export interface MailReceiver {
  /** Whether a mailbox answers to the address; asked for each RCPT. */
  knows(address: string): Promise<boolean>;
  /** Resolves when the message is committed for every recipient; throws SmtpRefusal for a reply of its own. */
  take(mail: InboundMail): Promise<void>;
}

export interface InboundMail {
  /** Empty for the null sender. */
  readonly from: string;
  readonly to: readonly string[];
  readonly source: AsyncIterable<Uint8Array>;
  readonly remoteAddress: string;
  readonly helo: string;
  /** Came over TLS. */
  readonly secure?: boolean;
}

/** An answer to DATA: its code, enhanced code (RFC 3463) and text. */
export class SmtpRefusal extends Error {
  override readonly name = 'SmtpRefusal';
  readonly code: number;

  constructor(code: number, enhanced: string, text: string) {
    super(`${enhanced} ${text}`);
    this.code = code;
  }
}

/** How one attempt to hand a message over ended. */
export type DeliveryOutcome =
  | { readonly outcome: 'taken'; readonly response: string }
  | { readonly outcome: 'refused' | 'postponed'; readonly response: string; readonly status: string }
  /** The connection was lost after the whole message went out and before the answer came. */
  | { readonly outcome: 'unknown'; readonly response: string };

export interface Envelope {
  readonly from: string;
  readonly to: string;
}

/** Outbound SMTP, as a provider sees it. */
export interface MailTransport {
  /** `own`: this server's listener. `relay`: SMTP_RELAY_URL. `source` is read only after the far side has said 354. */
  deliver(route: 'own' | 'relay', envelope: Envelope, source: AsyncIterable<Uint8Array>): Promise<DeliveryOutcome>;
  readonly hasRelay: boolean;
}

/** Looks DNS up for SPF, DKIM and DMARC; shaped as node's dns.promises.resolve. */
export type DnsResolver = (name: string, type: string) => Promise<unknown>;

/** All that a provider gets of the server. */
export interface ProviderDeps {
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly transport: MailTransport;
  readonly resolveDns: DnsResolver;
  readonly log: Record<'info' | 'warn', (details: object, message: string) => void>;
  readonly hostedDomains: readonly string[];
  readonly dkimKeys: readonly { readonly domain: string; readonly selector: string; readonly path: string }[];
  emit(trx: Trx, event: DomainEvent): Promise<void>;
  enqueue(trx: Trx, task: ProviderTask, payload: TaskPayload, options?: { startAfter?: Date }): Promise<void>;
  /** The mailboxes behind an address, lower case; several where several applications hold it. */
  mailboxesByAddress(address: string): Promise<Mailbox[]>;
  mailboxById(id: number, trx?: Trx): Promise<Mailbox | undefined>;
}
