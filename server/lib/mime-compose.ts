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

/**
 * The message as MIME. Every value goes through nodemailer's encoder, which folds and encodes for the
 * sink; nothing is put together by hand, so no value can begin a header of its own.
 */
export async function composeMime(mail: Composition): Promise<Buffer> {
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
      content: Buffer.from(a.content.buffer, a.content.byteOffset, a.content.byteLength),
      contentDisposition: a.inline ? 'inline' as const : 'attachment' as const,
      ...(a.contentId ? { cid: a.contentId } : {}),
    })),
    ...(mail.calendar ? { icalEvent: { method: mail.calendar.method.toLowerCase(), content: mail.calendar.content, filename: 'invite.ics' } } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: '\r\n',
  }).compile();
  node.keepBcc = mail.keepBcc;
  return new Promise((resolve, reject) => node.build((error, message) => (error ? reject(error) : resolve(message))));
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
