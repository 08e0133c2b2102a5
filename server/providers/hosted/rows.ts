import { createHash } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import { jsonb } from '../../db/db.ts';
import type { FolderRole, MailTables } from '../../db/tables/mail.ts';
import type { ParsedMail } from '../../lib/mime.ts';
import { plainWords } from '../../lib/text.ts';
import { sql } from 'kysely';
import type { MailMessage, SysLabel } from '../provider.ts';

export type MessageRow = Selectable<MailTables['mail_messages']>;
export type NewMessageRow = Insertable<MailTables['mail_messages']>;

/** All that a list shows; bodies are read only where asked for, since they are most of a row. */
export const SUMMARY = [
  'id', 'account_id', 'folder_id', 'kind', 'thread_id', 'derived_at', 'internet_message_id', 'in_reply_to', 'refs', 'subject',
  'from_address', 'to_addresses', 'cc_addresses', 'bcc_addresses', 'reply_to_addresses', 'sent_at', 'received_at', 'created_at',
  'modified_at', 'snippet', 'headers', 'attachments', 'has_attachments', 'unread', 'flagged', 'keywords', 'calendar_method', 'automatic',
] as const satisfies readonly (keyof MessageRow)[];
export const WITH_BODY = [...SUMMARY, 'html', 'body_text'] as const satisfies readonly (keyof MessageRow)[];

export type SummaryRow = Pick<MessageRow, (typeof SUMMARY)[number]> & Partial<Pick<MessageRow, 'html' | 'body_text'>>;

/** A Message-ID may be longer than an index row takes; its hash never is. */
export const messageKey = (internetMessageId: string): string => createHash('sha256').update(internetMessageId).digest('base64url');

const LABEL_OF_ROLE: Record<FolderRole, SysLabel | undefined> = { inbox: 'inbox', sent: 'sent', drafts: 'draft', trash: 'trash', junk: 'junk', archive: undefined };
export const labelOfRole = (role: FolderRole | null): SysLabel | undefined => (role ? LABEL_OF_ROLE[role] : undefined);

const METHODS = ['request', 'reply', 'cancel', 'counter'] as const;

export function toMessage(row: SummaryRow, role: FolderRole | null): MailMessage {
  const label = labelOfRole(role);
  const method = row.calendar_method;
  return {
    id: row.id,
    threadId: row.thread_id,
    createdTime: row.created_at,
    lastModifiedTime: row.modified_at,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    internetMessageId: row.internet_message_id,
    subject: row.subject,
    sysLabels: [...(label ? [label] : []), ...(row.unread ? ['unread' as const] : []), ...(row.flagged ? ['flagged' as const] : [])],
    keywords: row.keywords,
    meetingMessageMethod: method === null ? null : METHODS.find((m) => m === method) ?? 'other',
    from: row.from_address,
    to: row.to_addresses,
    cc: row.cc_addresses,
    bcc: row.bcc_addresses,
    replyTo: row.reply_to_addresses,
    hasAttachments: row.has_attachments,
    snippet: row.snippet,
    attachments: row.attachments,
    inReplyTo: row.in_reply_to,
    references: row.refs,
    headers: row.headers,
    folderId: row.folder_id,
    isDraft: row.kind === 'draft',
    automatic: row.automatic,
    ...(row.html === undefined ? {} : { body: { html: row.html, text: row.body_text ?? null } }),
  };
}

/** The columns that a parsed message fills, the same for what came in, was sent and is a draft. */
export function derivedColumns(mail: ParsedMail) {
  const everybody = [mail.from, ...mail.to, ...mail.cc, ...mail.bcc].map((a) => `${a?.name ?? ''} ${a?.address ?? ''}`).join(' ').slice(0, 20_000);
  return {
    internet_message_id: mail.messageId,
    message_key: mail.messageId ? messageKey(mail.messageId) : null,
    in_reply_to: mail.inReplyTo,
    refs: jsonb(mail.references),
    subject: mail.subject,
    from_address: mail.from ? jsonb(mail.from) : null,
    to_addresses: jsonb(mail.to),
    cc_addresses: jsonb(mail.cc),
    bcc_addresses: jsonb(mail.bcc),
    reply_to_addresses: jsonb(mail.replyTo),
    sent_at: mail.date,
    snippet: mail.snippet,
    html: mail.html,
    // Made from the HTML once, here in the background, and not at each reading.
    body_text: mail.text ?? (mail.html === null ? null : mail.words),
    headers: jsonb(mail.headers),
    attachments: jsonb(mail.attachments.map(({ bytes: _bytes, ...rest }) => rest)),
    has_attachments: mail.attachments.some((a) => !a.inline),
    calendar_method: mail.calendarMethod,
    // A vector may hold 1 MB; the words are cut well below it, and words over 2 kB are left out by Postgres.
    search: sql<string>`setweight(to_tsvector('simple', ${plainWords(mail.subject)}), 'A') || to_tsvector('simple', ${plainWords(everybody)}) || to_tsvector('simple', ${plainWords(mail.words.slice(0, 150_000))})`,
  };
}
