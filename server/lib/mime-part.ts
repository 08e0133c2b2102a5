import { Readable, pipeline } from 'node:stream';
import { Splitter, type MimeNode, type SplitterChunk } from '@zone-eu/mailsplit';

export interface OpenPart {
  readonly index: number;
  /** Decoded; to be read before the next part is asked for, or passed over. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A header larger than this is no header; to parse one keeps the event loop waiting. */
const MOST_HEAD = 500_000;

/**
 * The wanted attachments of a message as they come along in it, decoded piece by piece, so that a part of any
 * size takes a few chunks of memory. An index counts attachments as parseMime lists them. A message that no
 * longer can be split has no further parts; a part that breaks off in that way throws.
 */
export async function* readParts(pieces: AsyncIterable<Uint8Array>, wanted: ReadonlySet<number>): AsyncGenerator<OpenPart, void, undefined> {
  const splitter = new Splitter({ maxHeadSize: MOST_HEAD });
  // What goes wrong with the source comes out of the splitter.
  pipeline(Readable.from(pieces, { objectMode: false }), splitter, () => {});
  const chunks = (splitter as AsyncIterable<SplitterChunk>)[Symbol.asyncIterator]();
  let at = await begun(chunks);
  async function* body(): AsyncGenerator<Uint8Array> {
    for (at = await chunks.next(); !at.done && at.value.type === 'body'; at = await chunks.next()) yield at.value.value;
  }
  try {
    let index = -1;
    for (let left = wanted.size; left && !at.done;) {
      const chunk: SplitterChunk = at.value;
      if (chunk.type === 'node' && isAttachment(chunk) && wanted.has(++index)) {
        left--;
        yield { index, bytes: decode(chunk, body()) };
        if (at.value !== chunk) continue;
      }
      at = await begun(chunks);
    }
  } finally {
    splitter.destroy();
  }
}

/** The next chunk while no part is being read: there the end of what can be split is an end like any other. */
async function begun(chunks: AsyncIterator<SplitterChunk>): Promise<IteratorResult<SplitterChunk>> {
  try {
    return await chunks.next();
  } catch (error) {
    if ((error as { code?: string }).code === 'EMAXLEN') return { done: true, value: undefined };
    throw error;
  }
}

/** What mailparser takes for an attachment: all that is neither a container nor a text to be shown. */
function isAttachment(node: MimeNode): boolean {
  const type = node.contentType || (node.root ? 'text/plain' : '');
  if (/^multipart\//i.test(type)) return false;
  if (node.messageNode) return false;
  return !(type === 'text/plain' || type === 'text/html') || !(!node.disposition || node.disposition === 'inline');
}

async function* decode(node: MimeNode, body: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = node.getDecoder();
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => {});
  yield* decoder as AsyncIterable<Uint8Array>;
}
