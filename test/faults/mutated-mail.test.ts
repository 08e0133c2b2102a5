import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { readBlobWhole } from '../../server/db/blobs.ts';
import { openPglite } from '../../server/db/db.ts';
import { mutate, type Mutated } from '../support/mutate.ts';
import { readHeld } from '../support/loop-watch.ts';
import { startProcess, type OwnProcess } from '../support/own-process.ts';
import { rawClient } from '../support/smtp-client.ts';

const COUNT = Number(process.env.MUTATED_MESSAGES ?? 10_000);
const FIRST_SEED = Number(process.env.MUTATED_SEED ?? 1);
const CONNECTIONS = 4;
const MOST_DELAY_MS = 200;
const MAILBOXES = Array.from({ length: 8 }, (_, i) => `mutant${i}@playground.test`);

const folder = join(import.meta.dirname, '../fixtures/mail');
const fixtures = new Map(readdirSync(folder).filter((n) => n.endsWith('.eml')).sort().map((n) => [n, readFileSync(join(folder, n))]));

const digest = (raw: Buffer): string => createHash('sha256').update(raw).digest('base64url');

/**
 * What SMTP carries: a message ends with a line end, and a line that begins with a dot gets one more. The server's
 * library takes back a dot behind a lone LF too, though not as the second byte of all; so it is given one there.
 */
function forTheWire(raw: Buffer): { content: Buffer; wire: Buffer } {
  const content = raw.subarray(-2).equals(Buffer.from('\r\n')) ? raw : Buffer.concat([raw, Buffer.from('\r\n')]);
  const stuffed = content.toString('latin1').replace(/(?<=^|[^]\n)\./g, '..');
  return { content, wire: Buffer.from(`${stuffed}.\r\n`, 'latin1') };
}

describe('ten thousand damaged messages', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sundial-mutated-'));
  let server: OwnProcess | undefined;
  afterAll(async () => {
    await server?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('are all stored byte for byte, all read or set aside with a reason, and hold nothing up', async () => {
    const watched = join(dataDir, 'held.jsonl');
    server = await startProcess(dataDir, { LOOP_WATCH: watched }, ['./test/support/loop-watch.ts']);
    const tokens: string[] = [];
    for (const email of MAILBOXES) tokens.push(await server.account(email));
    const ready = Date.now();

    const sent = new Map<string, Mutated>();
    let next = 0;
    const began = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      const client = await rawClient(server!.smtpPort);
      for (let i = next++; i < COUNT; i = next++) {
        const mutated = mutate(fixtures, FIRST_SEED + i);
        const { content, wire } = forTheWire(mutated.raw);
        client.write(`MAIL FROM:<s${i}@elsewhere.test>\r\nRCPT TO:<${MAILBOXES[i % MAILBOXES.length]}>\r\nDATA\r\n`);
        const answers = [await client.reply(), await client.reply(), await client.reply()];
        client.write(wire);
        const taken = await client.reply();
        if (!taken?.startsWith('250')) throw new Error(`${mutated.how}: ${answers.join(' / ')} / ${taken}`);
        sent.set(`s${i}@elsewhere.test ${digest(content)}`, mutated);
      }
      client.end();
    }));
    const delivered = (performance.now() - began) / 1000;
    for (const token of tokens) await allRead(server.url, token);
    const read = (performance.now() - began) / 1000;
    const held = readHeld(watched).filter(({ at }) => at > ready);
    await server.stop();
    server = undefined;
    const worst = Math.max(0, ...held.map(({ held, waited }) => held - waited));

    const { db, close } = await openPglite(`${dataDir}/pglite`);
    const rows = await db.selectFrom('mail_messages').select(['blob_id', 'envelope', 'derived_at', 'derive_error', 'thread_id']).where('envelope', 'is not', null).execute();
    const mine = rows.filter((r) => /^s\d+@/.test((r.envelope as { from: string }).from));
    const lost = new Map(sent);
    for (const row of mine) {
      const stored = await readBlobWhole(db, row.blob_id!);
      // Above the message stands the trace: Return-Path, and Received with one fold.
      const content = stored.subarray(stored.indexOf('\r\n', stored.indexOf('\r\n ') + 2) + 2);
      lost.delete(`${(row.envelope as { from: string }).from} ${digest(content)}`);
    }
    const { rows: jobs } = await sql<{ name: string; state: string; n: number }>`select name, state, count(*)::int as n from pgboss.job where (name like 'mail.%' or name like 'on.%' or name = 'dead') and state not in ('completed', 'cancelled') and name <> 'mail.sweepAll' group by 1, 2`.execute(db);
    const reasons = Object.groupBy(mine.filter((r) => r.derive_error !== null), (r) => r.derive_error!);
    console.log(`${COUNT} messages: delivered in ${delivered.toFixed(0)} s, read after ${read.toFixed(0)} s, worst loop delay ${worst.toFixed(0)} ms, set aside: ${JSON.stringify(Object.fromEntries(Object.entries(reasons).map(([reason, list]) => [reason, list!.length])))}`);
    await close();

    expect([...lost.values()].map((m) => m.how)).toEqual([]);
    expect(mine).toHaveLength(COUNT);
    expect(mine.filter((r) => r.derived_at === null || r.thread_id === null)).toEqual([]);
    expect(jobs).toEqual([]);
    expect(worst).toBeLessThan(MOST_DELAY_MS);
  }, 1_200_000);
});

/** Waits until the mailbox has no message that is still to be read, looking from the newest, which are read last. */
async function allRead(url: string, authorization: string): Promise<void> {
  const page = async (pageToken?: string) => {
    const query = new URLSearchParams({ includeTrashAndJunk: 'true', ...(pageToken ? { pageToken } : {}) });
    return await (await fetch(`${url}/v1/email/messages?${query}`, { headers: { authorization } })).json() as { records: { threadId?: string }[]; nextPageToken?: string };
  };
  for (let token: string | undefined, more = true; more;) {
    const { records, nextPageToken } = await page(token);
    if (records.some((m) => m.threadId === undefined)) {
      await wait(500);
      continue;
    }
    token = nextPageToken;
    more = token !== undefined;
  }
}
