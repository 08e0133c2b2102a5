import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { failpoint } from '../lib/failpoint.ts';
import { transaction, type Db, type Trx } from './db.ts';

/**
 * Raw MIME and attachments, in rows of at most 192 kB: one value of 50 MB in one row blocks PGlite's
 * single thread for half a minute, and rows of this size let a reader stream without holding it all.
 */
const CHUNK_BYTES = 192 * 1024;

// The embedded database answers without a turn of the event loop: a large blob would keep all else
// waiting until its last row, hence the turn between rows.

export interface BlobRef {
  readonly id: number;
  readonly size: number;
  readonly sha256: string;
}

/** Writes inside the caller's transaction, so that a blob without an owner never stays behind. */
export async function writeBlob(trx: Trx, source: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobRef> {
  const chunks = chunked(source);
  const first = await chunks.next();
  const second = first.done ? first : await chunks.next();
  if (first.done || second.done) return writeSmallBlob(trx, first.done ? new Uint8Array() : first.value);
  const { id } = await trx.insertInto('blobs').values({ size: 0, sha256: '' }).returning('id').executeTakeFirstOrThrow();
  const hash = createHash('sha256');
  let size = 0;
  let seq = 0;
  for await (const data of resumed([first.value, second.value], chunks)) {
    hash.update(data);
    size += data.length;
    if (seq) await turn();
    await trx.insertInto('blob_chunks').values({ blob_id: id, seq: seq++, data }).execute();
    await failpoint('blob.chunk');
  }
  const sha256 = hash.digest('hex');
  await trx.updateTable('blobs').set({ size, sha256 }).where('id', '=', id).execute();
  return { id, size, sha256 };
}

/** Most mail is one chunk; it takes one statement instead of three. */
async function writeSmallBlob(trx: Trx, data: Uint8Array): Promise<BlobRef> {
  const sha256 = createHash('sha256').update(data).digest('hex');
  const { id } = await trx
    .with('blob', (q) => q.insertInto('blobs').values({ size: data.length, sha256 }).returning('id'))
    .with('chunk', (q) => q.insertInto('blob_chunks').columns(['blob_id', 'seq', 'data']).expression((e) => e.selectFrom('blob').select(['id', sql<number>`0`.as('seq'), sql<Uint8Array>`${data}::bytea`.as('data')])))
    .selectFrom('blob').select('id').executeTakeFirstOrThrow();
  await failpoint('blob.chunk');
  return { id, size: data.length, sha256 };
}

/**
 * Writes chunk by chunk, each in a transaction of its own, for a source as slow as the network.
 * `register` runs in the first one and records who is to sweep the blob if its owner never commits.
 */
export async function stageBlob(db: Db, source: AsyncIterable<Uint8Array>, register: (trx: Trx, blobId: number) => Promise<void>): Promise<BlobRef> {
  const id = await transaction(db, async (trx) => {
    const row = await trx.insertInto('blobs').values({ size: 0, sha256: '' }).returning('id').executeTakeFirstOrThrow();
    await register(trx, row.id);
    return row.id;
  });
  const hash = createHash('sha256');
  let size = 0;
  let seq = 0;
  try {
    for await (const data of chunked(source)) {
      hash.update(data);
      size += data.length;
      if (seq) await turn();
      await db.insertInto('blob_chunks').values({ blob_id: id, seq: seq++, data }).execute();
      await failpoint('blob.chunk');
    }
  } catch (error) {
    await db.deleteFrom('blobs').where('id', '=', id).execute();
    throw error;
  }
  const sha256 = hash.digest('hex');
  await db.updateTable('blobs').set({ size, sha256 }).where('id', '=', id).execute();
  return { id, size, sha256 };
}

/**
 * What as base64 fits into one read of a socket: the driver puts an answer of several reads together in ever larger
 * buffers, more than a megabyte of them for a whole row, and a large message then takes what no collector gets back
 * in time. As base64, because both drivers get bytea as hexadecimal text, which PGlite takes far longer to read.
 */
const SLICE_BYTES = 48_000;

/** Reads piece by piece; each is a query of its own, so nothing else waits for a large message. */
export async function* readBlob(db: Db | Trx, id: number): AsyncGenerator<Buffer> {
  for (let seq = 0, from = 0; ;) {
    if (seq || from) await turn();
    const row = await db.selectFrom('blob_chunks')
      .select([sql<string>`encode(substring(data from ${from}::int + 1 for ${SLICE_BYTES}::int), 'base64')`.as('slice'), sql<number>`octet_length(data)`.as('length')])
      .where('blob_id', '=', id).where('seq', '=', seq).executeTakeFirst();
    if (!row) return;
    yield Buffer.from(row.slice, 'base64');
    from += SLICE_BYTES;
    if (from < row.length) continue;
    seq++;
    from = 0;
  }
}

/** A blob that is read when and as often as somebody asks for its pieces. */
export async function blobSource(db: Db, id: number): Promise<{ readonly size: number; readonly pieces: () => AsyncIterable<Uint8Array> }> {
  const { size } = await db.selectFrom('blobs').select('size').where('id', '=', id).executeTakeFirstOrThrow();
  return { size: Number(size), pieces: () => readBlob(db, id) };
}

export async function readBlobWhole(db: Db | Trx, id: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of readBlob(db, id)) parts.push(part);
  return Buffer.concat(parts);
}

export async function deleteBlob(trx: Trx, id: number): Promise<void> {
  await trx.deleteFrom('blobs').where('id', '=', id).execute();
}

async function* resumed(held: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* held;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* chunked(source: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += CHUNK_BYTES) yield source.subarray(at, at + CHUNK_BYTES);
    return;
  }
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    held.push(part);
    length += part.length;
    if (length < CHUNK_BYTES) continue;
    yield* chunked(Buffer.concat(held));
    held = [];
    length = 0;
  }
  if (length) yield Buffer.concat(held);
}
