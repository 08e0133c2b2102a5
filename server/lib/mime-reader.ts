import { parseInThread } from './mime-thread.ts';
import { parseMime, type ParsedMail } from './mime.ts';
import { cleanText, oneLine } from './text.ts';

export interface ReadMail {
  readonly mail: ParsedMail;
  /** Why it was read in part only; null where it was read whole. */
  readonly error: string | null;
}

/** What is small and plain is read here at once; all else in a thread, which can be stopped. */
const INLINE_BYTES = 64_000;
const INLINE_BOUNDARIES = 40;
const MOST_PARTS = 4000;
const TIME_LIMIT_MS = 30_000;

/**
 * Reads a message as far as it goes; never throws for what the message is, and never holds the event loop
 * long. The bytes of attachments are there where `content` asks for them.
 */
export async function readMail(raw: Buffer, options: { content?: boolean } = {}): Promise<ReadMail> {
  try {
    const parts = countBoundaries(raw);
    if (parts > MOST_PARTS) return { mail: topOnly(raw), error: `more than ${MOST_PARTS} parts` };
    const small = raw.length <= INLINE_BYTES && parts <= INLINE_BOUNDARIES;
    return { mail: small ? await parseMime(raw) : await parseInThread({ raw, content: options.content ?? false }, TIME_LIMIT_MS), error: null };
  } catch (error) {
    return { mail: topOnly(raw), error: oneLine(String((error as Error).message ?? error), 500) };
  }
}

/** Lines that begin with two hyphens: at least as many as there are parts. */
function countBoundaries(raw: Buffer): number {
  let count = 0;
  for (let at = raw.indexOf('\n--'); at >= 0 && count <= MOST_PARTS; at = raw.indexOf('\n--', at + 3)) count++;
  return count;
}

/** The headers alone, read line by line, for a message whose body defeats the parser. */
export function topOnly(raw: Buffer): ParsedMail {
  const text = raw.subarray(0, 200_000).toString('utf8').replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end < 0 ? 20_000 : end).replace(/\n[ \t]+/g, ' ');
  const headers = head.split('\n').slice(0, 200).flatMap((line) => {
    const at = line.indexOf(':');
    return at > 0 ? [{ name: cleanText(line.slice(0, at).trim(), 200), value: cleanText(line.slice(at + 1).trim(), 8000) }] : [];
  });
  const value = (name: string): string => headers.find((h) => h.name.toLowerCase() === name)?.value ?? '';
  const from = value('from').slice(0, 1000);
  const address = /[^\s<>"]+@[^\s<>"]+/.exec(from)?.[0];
  const body = cleanText(end < 0 ? '' : text.slice(end + 2), 100_000);
  const date = new Date(value('date'));
  return {
    headers,
    messageId: /<[^<>\s]{1,2000}>/.exec(value('message-id'))?.[0] ?? null,
    inReplyTo: /<[^<>\s]{1,2000}>/.exec(value('in-reply-to'))?.[0] ?? null,
    references: (value('references').match(/<[^<>\s]{1,2000}>/g) ?? []).slice(-50),
    subject: oneLine(value('subject'), 2000),
    from: address ? { address, raw: oneLine(from, 1000) } : null,
    to: [], cc: [], bcc: [], replyTo: [],
    date: Number.isNaN(date.getTime()) ? null : date,
    html: null,
    text: body,
    snippet: oneLine(body, 250),
    words: body.slice(0, 20_000),
    attachments: [],
    calendarMethod: null,
    deliveryStatus: null,
    returned: null,
  };
}
