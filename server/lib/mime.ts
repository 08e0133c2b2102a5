import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MailParser, type AddressObject, type Attachment, type AttachmentStream, type ParsedMail as ParsedByLibrary } from 'mailparser';
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

/** What is looked at of an attachment's inside: invitations and reports are far smaller. */
const MOST_LOOKED_AT = 200_000;

/**
 * Reads a message, whole or as it comes in. The bytes of attachments are kept unless `content` says that they
 * are not wanted; then a message of any size takes a few chunks of memory, beside its texts.
 */
export async function parseMime(source: Uint8Array | AsyncIterable<Uint8Array>, { content = true }: { content?: boolean } = {}): Promise<ParsedMail> {
  const mail = await collect(source, content);
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

type Collected = Pick<ParsedByLibrary, 'headerLines' | 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'replyTo' | 'date' | 'html' | 'text'> & { readonly attachments: CollectedAttachment[] };
/** `content`: its beginning, or all of it. */
type CollectedAttachment = Omit<Attachment, 'size'> & { readonly size: number };

async function collect(source: Uint8Array | AsyncIterable<Uint8Array>, content: boolean): Promise<Collected> {
  const parser = new MailParser({ skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, keepDeliveryStatus: true } as ConstructorParameters<typeof MailParser>[0]);
  const fed = source instanceof Uint8Array
    ? void parser.end(Buffer.from(source.buffer, source.byteOffset, source.byteLength))
    : pipeline(Readable.from(source, { objectMode: false }), parser);
  const attachments: CollectedAttachment[] = [];
  let texts: { html?: string | false; text?: string } = {};
  const read = async (): Promise<void> => {
    for await (const data of parser as AsyncIterable<AttachmentStream | { readonly type: 'text'; readonly html?: string | false; readonly text?: string }>) {
      if (data.type === 'text') texts = data;
      else attachments.push(await collectAttachment(data, content));
    }
  };
  await Promise.all([read(), fed]);
  const headers = (parser as unknown as { headers: Map<string, unknown> }).headers;
  const field = (name: string): never => headers?.get(name) as never;
  return {
    headerLines: (parser as unknown as { headerLines: Collected['headerLines'] }).headerLines,
    subject: field('subject'), from: field('from'), to: field('to'), cc: field('cc'), bcc: field('bcc'), replyTo: field('reply-to'), date: field('date'),
    html: texts.html ?? false, text: texts.text ?? '', attachments,
  };
}

async function collectAttachment(data: AttachmentStream, whole: boolean): Promise<CollectedAttachment> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const part of data.content as unknown as AsyncIterable<Buffer>) {
    if (whole || size < MOST_LOOKED_AT) kept.push(part);
    size += part.length;
  }
  data.release();
  return { ...data as unknown as Attachment, content: Buffer.concat(kept), size };
}

const partText = (attachments: readonly CollectedAttachment[], type: RegExp): string | null => {
  const part = attachments.find((a) => type.test(a.contentType ?? ''));
  return part ? cleanText(part.content.subarray(0, 200_000).toString('utf8')) : null;
};

function readMethod(calendar: CollectedAttachment): string | null {
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

function readAttachment(a: CollectedAttachment, index: number): ParsedAttachment {
  const contentId = a.cid ? cleanText(a.cid, 500) : undefined;
  return {
    id: String(index),
    name: cleanText(a.filename || defaultName(a.contentType, index), 500),
    // The library gives no text for a Content-Type that is cut off behind its colon, whatever its types say.
    mimeType: typeof a.contentType === 'string' && a.contentType ? cleanText(a.contentType, 200) : 'application/octet-stream',
    size: a.size,
    inline: a.contentDisposition === 'inline' || a.related === true,
    ...(contentId ? { contentId } : {}),
    bytes: a.content,
  };
}

const defaultName = (type: string | undefined, index: number): string =>
  type === 'message/rfc822' ? `message-${index + 1}.eml` : type === 'text/calendar' ? 'invite.ics' : `attachment-${index + 1}`;
