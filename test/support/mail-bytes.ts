/**
 * A message read byte by byte and by nothing else than RFC 5322 and 2045: another reading than the server's
 * own, for tests of what is in a message. Throws where the bytes are not what a strict reader takes.
 */
export interface BytePart {
  /** Names in lower case, values unfolded, as they stand: nothing is decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string;
  readonly parts: readonly BytePart[];
}

const MOST_DEPTH = 10;

export function readBytes(raw: Buffer | string, depth = 0): BytePart {
  const text = typeof raw === 'string' ? raw : raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('no end of the headers');
  const headers = text.slice(0, end).replace(/\r\n[ \t]/g, ' ').split('\r\n').map((line) => {
    const found = /^([\x21-\x39\x3b-\x7e]+):(.*)$/s.exec(line);
    if (!found) throw new Error(`not a header: ${JSON.stringify(line.slice(0, 100))}`);
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x08\x0a-\x1f\x7f-\xff]/.test(found[2]!)) throw new Error(`a header with control or 8-bit characters: ${JSON.stringify(line.slice(0, 100))}`);
    return { name: found[1]!.toLowerCase(), value: found[2]!.trim() };
  });
  const body = text.slice(end + 4);
  if (depth === 0 && /(^|[^\r])\n|\r(?!\n)/.test(text)) throw new Error('a CR or LF that stands alone');
  if (depth === 0 && text.split('\r\n').some((line) => line.length > 998)) throw new Error('a line of more than 998 characters');
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/is.exec(headers.find((h) => h.name === 'content-type')?.value ?? '')?.[1];
  if (boundary === undefined || depth > MOST_DEPTH) return { headers, body, parts: [] };
  const cut = `\r\n${body}`.split(`\r\n--${boundary}`);
  if (!cut.at(-1)!.startsWith('--')) throw new Error('no end of the multipart');
  return { headers, body, parts: cut.slice(1, -1).map((part) => readBytes(part.replace(/^[ \t]*\r\n/, ''), depth + 1)) };
}

/** The addresses of an address list that has been written by RFC 5322: what stands in angle brackets outside quotes, or alone. */
export function addressesIn(value: string): string[] {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/=\?[^?\s]+\?[bq]\?[^?\s]*\?=/gi, '');
  return bare.split(',').map((one) => (/<([^<>]*)>/.exec(one)?.[1] ?? one).trim()).filter(Boolean);
}

/** Every part of the message that is not itself a multipart. */
export const leaves = (part: BytePart): BytePart[] => (part.parts.length ? part.parts.flatMap(leaves) : [part]);
