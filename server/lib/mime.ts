import { simpleParser, type AddressObject, type Attachment } from 'mailparser';
import { htmlToText } from './html.ts';
import { cleanText, oneLine } from './text.ts';

export interface ParsedAddress {
  readonly name?: string;
  readonly address?: string;
  readonly raw?: string;
}

export interface ParsedAttachment {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly inline: boolean;
  readonly contentId?: string;
  readonly bytes: Uint8Array;
}

/** A message as far as it can be read; every text is clean for the database. */
export interface ParsedMail {
  readonly headers: { name: string; value: string }[];
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: string[];
  readonly subject: string;
  readonly from: ParsedAddress | null;
  readonly to: ParsedAddress[];
  readonly cc: ParsedAddress[];
  readonly bcc: ParsedAddress[];
  readonly replyTo: ParsedAddress[];
  readonly date: Date | null;
  readonly html: string | null;
  readonly text: string | null;
  readonly snippet: string;
  /** The words of the body, for the search index. */
  readonly words: string;
  readonly attachments: ParsedAttachment[];
  readonly calendarMethod: string | null;
  /** The text of a message/delivery-status part and of the message it returns. */
  readonly deliveryStatus: string | null;
  readonly returned: string | null;
}

/** Limits on what is derived; the raw message is whole however large these parts are. */
const MOST = { body: 1_500_000, header: 8000, headers: 400, subject: 2000, id: 2000, addresses: 500, references: 100, attachments: 500, words: 200_000 };

export async function parseMime(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await simpleParser(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    keepCidLinks: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    keepDeliveryStatus: true,
  } as Parameters<typeof simpleParser>[1]);
  const headers = (mail.headerLines ?? []).slice(0, MOST.headers).map(({ line }) => readHeader(line));
  const header = (name: string): string | undefined => headers.find((h) => h.name.toLowerCase() === name)?.value;
  const html = typeof mail.html === 'string' && mail.html ? cleanText(mail.html, MOST.body) : null;
  const text = mail.text ? cleanText(mail.text, MOST.body) : null;
  const attachments = mail.attachments.slice(0, MOST.attachments);
  const words = (text ?? (html ? htmlToText(html.slice(0, 500_000)) : '')).slice(0, MOST.words);
  const calendar = mail.attachments.find((a) => a.contentType === 'text/calendar');
  return {
    headers,
    messageId: ids(header('message-id') ?? '')[0] ?? null,
    inReplyTo: ids(header('in-reply-to') ?? '')[0] ?? null,
    references: firstAndLast(ids(header('references') ?? ''), MOST.references),
    subject: oneLine(mail.subject ?? '', MOST.subject),
    from: addresses(mail.from)[0] ?? null,
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    bcc: addresses(mail.bcc),
    replyTo: addresses(mail.replyTo),
    date: mail.date && !Number.isNaN(mail.date.getTime()) && Math.abs(mail.date.getUTCFullYear() - 2000) < 1000 ? mail.date : null,
    html,
    text,
    snippet: oneLine(words, 250),
    words: cleanText(words),
    attachments: attachments.map(readAttachment),
    calendarMethod: calendar ? readMethod(calendar) : null,
    deliveryStatus: partText(attachments, /^message\/(global-)?delivery-status$/),
    returned: partText(attachments, /^(message\/(rfc822|global)|text\/rfc822-headers|message\/global-headers)$/),
  };
}

const partText = (attachments: readonly Attachment[], type: RegExp): string | null => {
  const part = attachments.find((a) => type.test(a.contentType ?? ''));
  return part ? cleanText(part.content.subarray(0, 200_000).toString('utf8')) : null;
};

function readMethod(calendar: Attachment): string | null {
  const declared = /method="?([\w-]+)/i.exec(String((calendar as { headers?: Map<string, unknown> }).headers?.get('content-type') ?? ''))?.[1];
  const written = /^METHOD:([\w-]+)/im.exec(calendar.content.subarray(0, 4000).toString('utf8'))?.[1];
  return (written ?? declared ?? '').toLowerCase() || null;
}

function readHeader(line: string): { name: string; value: string } {
  const at = line.indexOf(':');
  const value = Buffer.from(line.slice(at + 1), 'latin1').toString('utf8').replace(/\r?\n[ \t]*/g, ' ').trim();
  return { name: cleanText(line.slice(0, Math.max(at, 0)).trim(), 200), value: cleanText(value, MOST.header) };
}

/** The Message-IDs of a header, with brackets; an id without them, as some programs write it, gets them. */
function ids(value: string): string[] {
  const bracketed = value.match(/<[^<>\s]+>/g) ?? value.split(/\s+/).filter((w) => w.includes('@')).map((w) => `<${w}>`);
  return bracketed.filter((id) => id.length <= MOST.id);
}

function firstAndLast<T>(list: readonly T[], most: number): T[] {
  return list.length <= most ? [...list] : [list[0]!, ...list.slice(1 - most)];
}

function addresses(found: AddressObject | AddressObject[] | undefined): ParsedAddress[] {
  const all = (Array.isArray(found) ? found : found ? [found] : []).flatMap((o) => o.value).flatMap((a) => (a.group?.length ? a.group : [a]));
  return all.slice(0, MOST.addresses).flatMap((a) => {
    const address = a.address ? oneLine(a.address, 1000) : undefined;
    const name = a.name ? oneLine(a.name, 1000) : undefined;
    if (!address && !name) return [];
    return [{ ...(name ? { name } : {}), ...(address ? { address } : {}), raw: name && address ? `${phrase(name)} <${address}>` : (address ?? name!) }];
  });
}

/** RFC 5322, 3.2.5: a name with one of its special characters stands in quotes, or `Doe, J. <j@x.test>` would read as two people. */
const phrase = (name: string): string => (/[()<>[\]:;@\\,."]/.test(name) ? `"${name.replace(/[\\"]/g, '\\$&')}"` : name);

function readAttachment(a: Attachment, index: number): ParsedAttachment {
  const contentId = a.cid ? cleanText(a.cid, 500) : undefined;
  return {
    id: String(index),
    name: cleanText(a.filename || defaultName(a.contentType, index), 500),
    mimeType: cleanText(a.contentType ?? 'application/octet-stream', 200),
    size: a.content.length,
    inline: a.contentDisposition === 'inline' || a.related === true,
    ...(contentId ? { contentId } : {}),
    bytes: a.content,
  };
}

const defaultName = (type: string | undefined, index: number): string =>
  type === 'message/rfc822' ? `message-${index + 1}.eml` : type === 'text/calendar' ? 'invite.ics' : `attachment-${index + 1}`;
