import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import MailComposer from 'nodemailer/lib/mail-composer';
import { htmlToText } from './html.ts';

export interface ComposeAddress {
  readonly name?: string;
  readonly address: string;
}

export interface Composition {
  readonly from: ComposeAddress;
  readonly to: readonly ComposeAddress[];
  readonly cc: readonly ComposeAddress[];
  readonly bcc: readonly ComposeAddress[];
  readonly replyTo: readonly ComposeAddress[];
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  /** With brackets. */
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references: readonly string[];
  readonly date: Date;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly { readonly name: string; readonly mimeType: string; readonly inline: boolean; readonly contentId?: string; readonly content: Uint8Array }[];
  readonly calendar?: { readonly method: string; readonly content: string };
  /** The sent copy and drafts keep Bcc; what leaves never does. */
  readonly keepBcc: boolean;
}

/** An attachment up to here is encoded at once, a larger one piece by piece. */
const AT_ONCE = 48_000;

/**
 * The message as MIME, composed as it is read. Every value goes through nodemailer's encoder, which folds and encodes for the
 * sink; nothing is put together by hand, so no value can begin a header of its own.
 */
export function writeMime(mail: Composition): Readable {
  const node = new MailComposer({
    from: named(mail.from),
    to: mail.to.map(named),
    cc: mail.cc.map(named),
    bcc: mail.bcc.map(named),
    replyTo: mail.replyTo.map(named),
    subject: headerText(mail.subject),
    messageId: mail.messageId,
    ...(mail.inReplyTo ? { inReplyTo: mail.inReplyTo } : {}),
    ...(mail.references.length ? { references: [...mail.references] } : {}),
    date: mail.date,
    ...(mail.html === null ? { text: mail.text ?? '' } : { html: mail.html, text: htmlToText(mail.html, { wordwrap: 76 }) }),
    headers: mail.headers.map(({ name, value }) => ({ key: name, value: headerText(value) })),
    attachments: mail.attachments.map((a) => ({
      filename: a.name,
      contentType: a.mimeType,
      // Of a message within the message the composer must see whether it is plain.
      content: a.content.length <= AT_ONCE || /^message\//i.test(a.mimeType) ? bytesOf(a.content) : Readable.from(slices(a.content), { objectMode: false }),
      contentDisposition: a.inline ? 'inline' as const : 'attachment' as const,
      ...(a.contentId ? { cid: a.contentId } : {}),
    })),
    ...(mail.calendar ? { icalEvent: { method: mail.calendar.method.toLowerCase(), content: mail.calendar.content, filename: 'invite.ics' } } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: '\r\n',
  }).compile();
  node.keepBcc = mail.keepBcc;
  return node.createReadStream();
}

/** The same, whole. */
export const composeMime = (mail: Composition): Promise<Buffer> => buffer(writeMime(mail));

const bytesOf = (a: Uint8Array): Buffer => Buffer.from(a.buffer, a.byteOffset, a.byteLength);

function* slices(content: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < content.length; at += AT_ONCE) yield bytesOf(content.subarray(at, at + AT_ONCE));
}

const LONGEST_WORD = 900;
const WORD_BYTES = 42;

/**
 * RFC 2047, 2: what could not be folded into lines of 998 characters, or looks like an encoded word and
 * would be decoded into something else, is written in encoded words.
 */
function headerText(text: string): string {
  if (!text.includes('=?') && !text.split(/\s+/).some((word) => word.length > LONGEST_WORD)) return text;
  const words: string[] = [];
  let held = '';
  for (const character of text) {
    if (Buffer.byteLength(held + character) > WORD_BYTES) {
      words.push(held);
      held = '';
    }
    held += character;
  }
  return [...words, held].map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

const named = (a: ComposeAddress): { name: string; address: string } => ({ name: a.name ?? '', address: a.address });
