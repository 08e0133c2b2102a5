import type { z } from 'zod';
import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Settle, Settled } from '../../http/operation.ts';
import { readPageToken, writePageToken } from '../../http/paging.ts';
import { escapeHtml, htmlToText } from '../../lib/html.ts';
import { removeImages, stripQuotedHtml, stripQuotedText } from '../../lib/html-quote.ts';
import type { MailMessage, MessageQuery, OpenAttachment } from '../../providers/provider.ts';
import type { EmailMessagesPageNext, OutgoingEmailReply } from './messages.contract.ts';
import { isWritableId, toNewMail } from './outgoing.ts';
import { mailOf, sendNewMail, type Message, type OutgoingMail, type SendResult } from './service.ts';
import { bodyOf, toWire } from './wire.ts';

type Page = z.output<typeof EmailMessagesPageNext>;

const PAGE = 50;
const MOST_INLINE = 10_000_000;

export interface ListOptions {
  readonly folderId?: string;
  readonly threadId?: string;
  readonly q?: string;
  readonly includeTrashAndJunk?: boolean;
  readonly bodyType?: 'html' | 'text';
  readonly pageToken?: string;
  readonly oldestFirst?: boolean;
}

/** One page of fifty. A token belongs to its list: the same account, folder, thread and search. */
export async function listMessages(deps: Deps, accountId: number, options: ListOptions): Promise<Page> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const purpose = `messages:${accountId}:${JSON.stringify([options.folderId, options.threadId, options.q, options.includeTrashAndJunk ?? false])}`;
  const query: MessageQuery = {
    ...(options.folderId === undefined ? {} : { folderId: options.folderId }),
    ...(options.threadId === undefined ? {} : { threadId: options.threadId }),
    ...(options.q === undefined ? {} : { q: options.q }),
    includeTrashAndJunk: options.includeTrashAndJunk ?? options.threadId !== undefined,
    includeDrafts: options.folderId !== undefined,
    body: options.bodyType !== undefined,
    oldestFirst: options.oldestFirst ?? false,
    limit: PAGE,
    ...(options.pageToken === undefined ? {} : { after: readPageToken(deps.keys, purpose, options.pageToken) }),
  };
  const { messages, next } = await store.list(mailbox, query);
  return {
    ...(next === undefined ? {} : { nextPageToken: writePageToken(deps.keys, purpose, next) }),
    length: messages.length,
    records: messages.map((m) => toWire(m, options)),
  };
}

export async function conversation(deps: Deps, accountId: number, threadId: string, options: Pick<ListOptions, 'bodyType' | 'pageToken'>): Promise<Page> {
  const page = await listMessages(deps, accountId, { ...options, threadId, oldestFirst: true });
  if (!page.length && !options.pageToken) throw notFound('The conversation');
  return page;
}

export interface ShowMessageOptions {
  readonly bodyType: 'html' | 'text';
  readonly loadInlines: boolean;
  readonly stripQuoted: boolean;
  readonly requireThreadId?: boolean;
}

/** The retry of a client that waits for a thread id; deriving takes moments. */
const THREAD_RETRY_SECONDS = 2;

export async function showMessage(deps: Deps, accountId: number, messageId: string, options: ShowMessageOptions): Promise<Message> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const found = await store.get(mailbox, messageId);
  if (!found) throw notFound('The message');
  if (options.requireThreadId && found.threadId === null) {
    throw new AppError('thread.pending', 'The message has just come in and its thread is not known yet; ask again.', { retryAfter: THREAD_RETRY_SECONDS });
  }
  const message = toWire(found, { bodyType: options.bodyType });
  if (options.stripQuoted && message.body !== undefined) message.body = options.bodyType === 'html' ? stripQuotedHtml(message.body) : stripQuotedText(message.body);
  if (options.loadInlines && found.attachments.length) message.attachments = await withInlines(deps, accountId, found);
  return message;
}

/** Content of what the body shows by cid:, and of nothing else. */
async function withInlines(deps: Deps, accountId: number, message: MailMessage): Promise<Message['attachments']> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const shown = (id: string | undefined): boolean => id !== undefined && (message.body?.html ?? '').includes(`cid:${id}`);
  const wanted = new Set(message.attachments.filter((a) => a.inline || shown(a.contentId)).map((a) => a.id));
  if (!wanted.size) return message.attachments;
  const content = new Map<string, string>();
  let left = MOST_INLINE;
  for await (const { id, bytes } of store.attachments(mailbox, message.id, [...wanted])) {
    const read = await upTo(left, bytes);
    if (!read) break;
    left -= read.length;
    content.set(id, read.toString('base64'));
  }
  return message.attachments.map((a) => (content.has(a.id) ? { ...a, content: content.get(a.id)! } : a));
}

/** Undefined where there is more; it is not read then. */
async function upTo(most: number, source: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > most) return undefined;
    held.push(piece);
  }
  return Buffer.concat(held);
}

/** An attachment as its bytes come out of the message; 404 where there is none of that id. */
export async function openAttachment(deps: Deps, accountId: number, messageId: string, attachmentId: string): Promise<OpenAttachment> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const found = store.attachments(mailbox, messageId, [attachmentId])[Symbol.asyncIterator]();
  const { value, done } = await found.next();
  if (done) throw notFound('The attachment');
  const open: OpenAttachment = value;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      yield* open.bytes;
    } finally {
      await found.return?.();
    }
  }
  return { ...open, bytes: bytes() };
}

/** All of an attachment; undefined where it has more than `most` bytes. */
export async function readAttachment(deps: Deps, accountId: number, messageId: string, attachmentId: string, most: number): Promise<Buffer | undefined> {
  return upTo(most, (await openAttachment(deps, accountId, messageId, attachmentId)).bytes);
}

export async function rawMessage(deps: Deps, accountId: number, messageId: string): Promise<AsyncIterable<Uint8Array>> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const raw = await store.raw(mailbox, messageId);
  if (!raw) throw notFound('The message');
  return raw;
}

export async function setStatus(deps: Deps, accountId: number, messageId: string, status: { unread?: boolean; archived?: boolean; keywords?: string[] }): Promise<void> {
  const { mailbox, store } = await mailOf(deps, accountId);
  if (!(await store.setStatus(mailbox, messageId, status))) throw notFound('The message');
}

export async function removeMessage(deps: Deps, accountId: number, messageId: string): Promise<void> {
  const { mailbox, store } = await mailOf(deps, accountId);
  if (!(await store.remove(mailbox, messageId))) throw notFound('The message');
}

type Reply = z.output<typeof OutgoingEmailReply>;

/**
 * An answer in the original's thread: to its Reply-To (or From; of an own message, to its recipients)
 * unless `to` says otherwise, with the original quoted below, without our own old pixels in the quote.
 */
export async function replyTo(deps: Deps, accountId: number, messageId: string, reply: Reply, bodyType: 'html' | 'text', settle: Settle<SendResult>): Promise<Settled<SendResult>> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const original = await store.get(mailbox, messageId);
  if (!original || original.isDraft) throw notFound('The message');
  const body = bodyType === 'html'
    ? `${reply.body ?? ''}${quoteHtml(original, mailbox.timezone, `${deps.config.publicUrl}/t/`)}`
    : `${reply.body ?? ''}\n\n${quoteText(original, mailbox.timezone)}`;
  const mail: OutgoingMail = {
    ...reply,
    to: reply.to?.length ? reply.to : answerTo(original, mailbox.email),
    subject: reply.subject ?? answerSubject(original.subject),
    body,
    ...threadHeaders(original),
  };
  const checked = toNewMail(mailbox, mail, { bodyType, ...(original.threadId ? { threadId: original.threadId } : {}) });
  return transaction(deps.db, async (trx) => settle(trx, await sendNewMail(trx, deps, accountId, checked, mail)));
}

/** Ids that no header can hold (they arrive, in odd mail) are left out: the answer goes all the same, into the same thread. */
function threadHeaders({ internetMessageId: id, references }: MailMessage): Pick<OutgoingMail, 'inReplyTo' | 'references'> {
  const own = id !== null && isWritableId(id) ? [id] : [];
  const all = [...references.filter(isWritableId), ...own];
  return { ...(own[0] ? { inReplyTo: own[0] } : {}), ...(all.length ? { references: all.join(' ') } : {}) };
}

export const answerSubject = (subject: string): string => (/^\s*re:/i.test(subject) ? subject : `Re: ${subject}`.trim());

function answerTo(original: MailMessage, own: string): NonNullable<OutgoingMail['to']> {
  const isOwn = original.from?.address?.toLowerCase() === own.toLowerCase();
  const to = isOwn ? original.to : original.replyTo.length ? original.replyTo : [original.from ?? {}];
  const people = to.flatMap(({ name, address }) => (address && /^[^\s@<>]+@[^\s@<>]+$/.test(address) ? [{ address, ...(name ? { name } : {}) }] : []));
  if (!people.length) throw invalid('to', 'the message names nobody to answer; say who gets the reply.');
  return people;
}

const who = (m: MailMessage): string => m.from?.name ?? m.from?.address ?? 'the sender';
/** By the clock of who answers: he reads it first, and the other side has the zone beside it. */
const when = (m: MailMessage, zone: string): string => new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
}).format(m.sentAt ?? m.receivedAt);

/** The class is what stripQuoted knows our quotes by. */
function quoteHtml(original: MailMessage, zone: string, pixels: string): string {
  const quoted = removeImages(innerBody(original.body ? bodyOf(original.body, 'html') : ''), pixels);
  return `<br><div class="sundial_quote"><div>On ${escapeHtml(when(original, zone))}, ${escapeHtml(who(original))} wrote:</div><blockquote type="cite" style="margin:0 0 0 0.8ex;border-left:1px solid #ccc;padding-left:1ex">${quoted}</blockquote></div>`;
}

/** The inside of a whole document, which cannot stand inside another. */
function innerBody(html: string): string {
  const lower = html.toLowerCase();
  const start = lower.indexOf('<body');
  const from = start < 0 ? 0 : lower.indexOf('>', start) + 1;
  const end = lower.lastIndexOf('</body');
  return html.slice(from, end > from ? end : html.length);
}

function quoteText(original: MailMessage, zone: string): string {
  const text = original.body?.text ?? (original.body?.html ? htmlToText(original.body.html) : '');
  return `On ${when(original, zone)}, ${who(original)} wrote:\n${text.split(/\r?\n/).map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`)).join('\n')}`;
}
