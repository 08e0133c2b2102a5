import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Json } from '../../server/http/base64-json.ts';
import { readParts } from '../../server/lib/mime-part.ts';
import { parseMime } from '../../server/lib/mime.ts';
import { mutate } from '../support/mutate.ts';

const folder = join(import.meta.dirname, '../fixtures/mail');
const fixtures = readdirSync(folder).filter((n) => n.endsWith('.eml')).map((n) => readFileSync(join(folder, n)));

/** The source in pieces of these sizes, over and over. */
async function* cut(raw: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = 0; at < raw.length; n++) yield raw.subarray(at, at += sizes[n % sizes.length]!);
}

async function partsOf(raw: Uint8Array, wanted: Iterable<number>, sizes = [raw.length || 1]): Promise<[number, Buffer][]> {
  const parts: [number, Buffer][] = [];
  for await (const { index, bytes } of readParts(cut(raw, sizes), new Set(wanted))) parts.push([index, await buffer(bytes)]);
  return parts;
}

const lines = (text: string): string => text.replace(/.{76}/g, '$&\r\n');
const written: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'base64': (bytes) => lines(bytes.toString('base64')),
  'quoted-printable': (bytes) => [...bytes].map((byte, i) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}${i % 20 === 19 ? '=\r\n' : ''}`).join(''),
  '8bit': (bytes) => bytes.toString('latin1').replace(/[\r\n-]/g, 'x'),
};

describe('parts of a message', () => {
  // Not empty: of a part without a body the splitter makes nothing or an end of line, by how it comes in pieces.
  const part = fc.record({ encoding: fc.constantFrom(...Object.keys(written)), bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }).map((a) => Buffer.from(a)), disposition: fc.constantFrom('attachment', 'inline', ''), type: fc.constantFrom('application/zip', 'text/plain', 'image/png', 'message/rfc822') });
  const message = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => Buffer.from([
    'From: a@b.test', 'Content-Type: multipart/mixed; boundary=outer', '', '--outer', 'Content-Type: multipart/alternative; boundary=inner', '', '--inner', 'Content-Type: text/plain', '', 'Hello', '--inner--',
    ...parts.flatMap((p) => ['--outer', `Content-Type: ${p.type}`, `Content-Transfer-Encoding: ${p.encoding}`, ...(p.disposition ? [`Content-Disposition: ${p.disposition}`] : []), '', written[p.encoding]!(p.bytes)]),
    '--outer--', '',
  ].join('\r\n'), 'latin1'));
  const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });

  it('are those that reading the whole message finds, however it comes in pieces', async () => {
    await fc.assert(fc.asyncProperty(message, sizes, fc.nat(3), async (raw, pieces, skipped) => {
      const { attachments } = await parseMime(raw);
      const wanted = attachments.map((_, i) => i).filter((i) => i !== skipped);
      expect(await partsOf(raw, wanted, pieces)).toEqual(wanted.map((i) => [i, Buffer.from(attachments[i]!.bytes)]));
    }), { numRuns: 150 });
  });

  it('are the same in real mail, and in what damage makes of it', async () => {
    const messages = new Map(fixtures.map((raw, i) => [String(i), raw]));
    for (const raw of [...fixtures, ...Array.from({ length: 150 }, (_, seed) => mutate(messages, seed).raw)]) {
      const { attachments } = await parseMime(raw).catch(() => ({ attachments: [] }));
      expect(await partsOf(raw, attachments.keys())).toEqual(attachments.map((a, i) => [i, Buffer.from(a.bytes)]));
    }
  });

  it('may be passed over, and end where the message can no longer be split', async () => {
    const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b\r\n\r\none\r\n--b\r\nContent-Type: a/b\r\n\r\ntwo\r\n--b\r\nX: ${'x'.repeat(2_000_000)}\r\n\r\n`);
    const seen: number[] = [];
    for await (const { index } of readParts(cut(raw, [1000]), new Set([0, 1, 2]))) seen.push(index);
    expect(seen).toEqual([0, 1]);
  });

  it('say what went wrong with their source, and close it when nobody reads on', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Content-Type: a/b\r\n\r\nsome');
      throw new Error('the disk is gone');
    }
    await expect((async () => {
      for await (const { bytes } of readParts(broken(), new Set([0]))) await buffer(bytes);
    })()).rejects.toThrow('the disk is gone');
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('Content-Type: a/b\r\n\r\n');
        for (;;) yield Buffer.alloc(50_000, 'a');
      } finally {
        closed = true;
      }
    }
    for await (const { bytes } of readParts(endless(), new Set([0]))) {
      for await (const piece of bytes) if (piece.length) break;
      break;
    }
    await expect.poll(() => closed).toBe(true);
  });
});

describe('a member in base64', () => {
  it('is what JSON.stringify gives', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 })), async (pieces) => {
      async function* source(): AsyncGenerator<Uint8Array> {
        yield* pieces;
      }
      const whole = Buffer.concat(pieces);
      expect((await buffer(base64Json('content', source()))).toString()).toBe(JSON.stringify({ content: whole.toString('base64') }));
    }));
  });
});
