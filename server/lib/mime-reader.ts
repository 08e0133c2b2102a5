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

/** Where a message is: at hand, or to be read piece by piece. */
export interface MailSource {
  readonly size: number;
  /** From its beginning, each time it is called. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

export const sourceOf = (raw: Uint8Array): MailSource => ({ size: raw.length, pieces: async function* () { yield raw; } });

/**
 * Reads a message as far as it goes; never throws for what the message is, never holds the event loop
 * long, and a large one never whole. What attachments hold is in readParts.
 */
export async function readMail(source: MailSource): Promise<ReadMail> {
  try {
    if (source.size <= INLINE_BYTES) {
      const raw = await whole(source.pieces());
      if (countBoundaries(raw) <= INLINE_BOUNDARIES) return { mail: await parseMime(raw), error: null };
    }
    return { mail: await parseInThread(withFewParts(source.pieces()), TIME_LIMIT_MS), error: null };
  } catch (error) {
    return { mail: await readTop(source), error: oneLine(String((error as Error).message ?? error), 500) };
  }
}

/** The headers alone, for a message whose body defeats the parser. */
export const readTop = async (source: MailSource): Promise<ParsedMail> => topOnly(await whole(source.pieces(), TOP));

const TOP = 200_000;

async function whole(pieces: AsyncIterable<Uint8Array>, most = Infinity): Promise<Buffer> {
  const held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size >= most) break;
  }
  return Buffer.concat(held);
}

/** The message again, until it turns out to have more parts than anybody writes. */
async function* withFewParts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let count = 0;
  let tail = Buffer.alloc(0);
  for await (const piece of pieces) {
    count += countBoundaries(Buffer.concat([tail, piece]));
    if (count > MOST_PARTS) throw new Error(`more than ${MOST_PARTS} parts`);
    // Two bytes of three: enough to see a boundary that falls between two pieces, and to count none twice.
    tail = Buffer.from(piece.subarray(-2));
    yield piece;
  }
}

/** Lines that begin with two hyphens: at least as many as there are parts. */
function countBoundaries(raw: Buffer): number {
  let count = 0;
  for (let at = raw.indexOf('\n--'); at >= 0 && count <= MOST_PARTS; at = raw.indexOf('\n--', at + 3)) count++;
  return count;
}

/** Line by line, without the parser. */
function topOnly(raw: Buffer): ParsedMail {
  const text = raw.subarray(0, TOP).toString('utf8').replaceAll('\r\n', '\n');
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
