import type { z } from 'zod';
import { AppError, invalid } from '../../errors.ts';
import { cleanText, oneLine } from '../../lib/text.ts';
import type { Mailbox, NewAttachment, NewMail } from '../../providers/provider.ts';
import type { OutgoingEmail } from './messages.contract.ts';

export type OutgoingMail = z.output<typeof OutgoingEmail>;

export interface SendOptions {
  /** `body` is HTML unless told. */
  readonly bodyType?: 'html' | 'text';
  /** A Message-ID fixed beforehand, with brackets: a robot's step keeps its own over every attempt. */
  readonly internetMessageId?: string;
  /** A robot sends: empty return path, Auto-Submitted: auto-generated, no answer to answers. */
  readonly automatic?: boolean;
  /** An iCalendar part (text/calendar; method=...), as invitations carry it. */
  readonly calendar?: { readonly method: 'REQUEST' | 'CANCEL' | 'REPLY'; readonly content: string };
  /** The thread to send into, where the caller knows it; else by In-Reply-To and References. */
  readonly threadId?: string;
}

/** Limits of one outgoing message; inbound takes 50 MB, and base64 makes a third more of these. */
const MOST = { recipients: 500, attachments: 25_000_000, body: 5_000_000, xHeaders: 50, keywords: 50, keyword: 100 };

/** Checks what a client wants sent from the mailbox, and brings it into the form that providers take. */
export function toNewMail(mailbox: Mailbox, mail: OutgoingMail, options: SendOptions = {}): NewMail {
  const people = [...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.bcc ?? [])];
  if (people.length > MOST.recipients) throw invalid('to', `at most ${MOST.recipients} recipients in to, cc and bcc together.`);
  const body = cleanText(mail.body ?? '');
  if (body.length > MOST.body) throw new AppError('payload.tooLarge', `body: at most ${MOST.body} characters.`);
  if (mail.keywords && (mail.keywords.length > MOST.keywords || mail.keywords.some((k) => k.length > MOST.keyword))) throw invalid('keywords', `at most ${MOST.keywords} of ${MOST.keyword} characters.`);
  const text = options.bodyType === 'text';
  return {
    from: sender(mailbox, mail.from),
    to: addresses(mail.to), cc: addresses(mail.cc), bcc: addresses(mail.bcc), replyTo: addresses(mail.replyTo),
    subject: oneLine(mail.subject ?? '', 2000),
    html: text ? null : body,
    text: text ? body : null,
    ...(mail.inReplyTo ? { inReplyTo: messageIds('inReplyTo', mail.inReplyTo)[0]! } : {}),
    references: mail.references ? messageIds('references', mail.references) : mail.inReplyTo ? messageIds('inReplyTo', mail.inReplyTo) : [],
    xHeaders: xHeaders(mail.xHeaders),
    attachments: attachments(mail.attachments),
    keywords: (mail.keywords ?? []).map((k) => oneLine(k, MOST.keyword)),
    ...(options.calendar ? { calendar: options.calendar } : {}),
    ...(options.internetMessageId ? { internetMessageId: options.internetMessageId } : {}),
    ...(options.threadId ? { threadId: options.threadId } : {}),
    automatic: options.automatic ?? false,
  };
}

export function requireRecipients(mail: NewMail): void {
  if (!mail.to.length && !mail.cc.length && !mail.bcc.length) throw invalid('to', 'a message needs at least one recipient in to, cc or bcc.');
}

function sender(mailbox: Mailbox, from: OutgoingMail['from']): NewMail['from'] {
  if (!from) return named(mailbox.email, mailbox.name);
  if (from.address.toLowerCase() !== mailbox.email.toLowerCase()) throw new AppError('access.denied', `from: this account sends as ${mailbox.email} only.`);
  return named(mailbox.email, from.name ?? mailbox.name);
}

const named = (address: string, name: string | undefined): NewMail['from'] => ({ address, ...(name ? { name: oneLine(name, 200) } : {}) });

const addresses = (list: OutgoingMail['to']): NewMail['from'][] => (list ?? []).map((a) => named(a.address, a.name));

/** RFC 5322, 3.6.4, told widely: printable ASCII, and no longer than a line can be. What arrives is not always so. */
export const isWritableId = (id: string): boolean => /^<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>$/.test(id);

/** An id without its brackets gets them. */
function messageIds(field: string, text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean).slice(-100).map((word) => {
    const id = word.startsWith('<') ? word : `<${word}>`;
    if (!isWritableId(id)) throw invalid(field, 'Message-IDs as <left@right>, separated by spaces.');
    return id;
  });
}

/** Only X- headers, so that no client writes a From or a Bcc by this door; ours that carry meaning are not theirs to set. */
function xHeaders(list: OutgoingMail['xHeaders']): { name: string; value: string }[] {
  if (list && list.length > MOST.xHeaders) throw invalid('xHeaders', `at most ${MOST.xHeaders}.`);
  return (list ?? []).map(({ name = '', value = '' }, i) => {
    if (!/^x-[a-z0-9-]{1,70}$/i.test(name)) throw invalid(`xHeaders[${i}].name`, 'must begin with X- and consist of letters, digits and hyphens.');
    if (/^x-sundial-transfer$/i.test(name)) throw invalid(`xHeaders[${i}].name`, 'this header is the server\'s own.');
    if (/[\r\n\0]/.test(value)) throw invalid(`xHeaders[${i}].value`, 'must be one line.');
    if (value.length > 2000) throw invalid(`xHeaders[${i}].value`, 'at most 2000 characters.');
    return { name, value: value.toWellFormed() };
  });
}

function attachments(list: OutgoingMail['attachments']): NewAttachment[] {
  let size = 0;
  return (list ?? []).map((a, i) => {
    const base64 = (a.content ?? '').replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(base64)) throw invalid(`attachments[${i}].content`, 'must be base64.');
    const content = Buffer.from(base64, base64.includes('-') || base64.includes('_') ? 'base64url' : 'base64');
    size += content.length;
    if (size > MOST.attachments) throw new AppError('payload.tooLarge', `attachments: at most ${MOST.attachments} bytes in all.`);
    const mimeType = a.mimeType ?? 'application/octet-stream';
    if (!/^[\w.+-]+\/[\w.+-]+(\s*;[^\r\n\0]*)?$/.test(mimeType)) throw invalid(`attachments[${i}].mimeType`, 'must be a media type such as image/png.');
    if (a.contentId !== undefined && !/^<?[\x21-\x3b\x3d\x3f-\x7e]{1,300}>?$/.test(a.contentId)) throw invalid(`attachments[${i}].contentId`, 'must be one word, as cid: in the body names it.');
    return {
      name: oneLine(a.name ?? `attachment-${i + 1}`, 255),
      mimeType,
      inline: a.inline ?? false,
      content,
      ...(a.contentId ? { contentId: a.contentId.replace(/^<|>$/g, '') } : {}),
    };
  });
}
