import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startPostgres } from '../support/embedded-postgres.ts';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { AGENTS } from '../support/tracking.ts';

const CODES = 500;
const CONNECTIONS = 40;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

interface Tracked {
  readonly id: number;
  readonly code: string;
}

async function track(server: Faulty, token: string): Promise<Tracked[]> {
  const tracked: Tracked[] = [];
  await Promise.all(Array.from({ length: 20 }, async (_, worker) => {
    for (let i = worker; i < CODES; i += 20) {
      const { body } = await server.call('POST', `/v1/email/draftTracking/create?draftId=draft-${i}&ignoreNotFound=true`, { as: token, body: { htmlText: '<p>Hello</p>', tracking: { opens: true, trackOpensAfterSendDelay: 0 } } });
      await server.call('PATCH', `/v1/email/draftTracking/draft-${i}/convert`, { as: token, body: { messageId: `m-${i}`, threadId: `t-${i}`, internetMessageId: `<m-${i}@hosted.test>` } });
      tracked.push({ id: Number(body.trackingId), code: body.trackingCode as string });
    }
  }));
  return tracked;
}

/** Loads pixels over many connections until the server is gone; counts for each code what was asked and what was answered. */
async function loadUntilKilled(server: Faulty, codes: readonly Tracked[], counts: { asked: Map<number, number>; answered: Map<number, number> }): Promise<void> {
  const count = (map: Map<number, number>, id: number): void => void map.set(id, (map.get(id) ?? 0) + 1);
  let next = 0;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    for (;;) {
      const { id, code } = codes[next++ % codes.length]!;
      count(counts.asked, id);
      try {
        const { status } = await server.call('GET', `/t/${code}.gif`, { headers: { 'user-agent': AGENTS.outlook } });
        if (status === 200) count(counts.answered, id);
      } catch {
        return;
      }
    }
  }));
}

async function openAndKill(env: Record<string, string>, rounds: number): Promise<void> {
  let server = await startFaulty(env);
  cleanups.push(() => server.kill());
  const { token } = await server.account('alice@hosted.test');
  const codes = await track(server, token);
  const counts = { asked: new Map<number, number>(), answered: new Map<number, number>() };
  for (let round = 0; round < rounds; round++) {
    // Before the commit nothing of the batch is answered; after it nothing of it has been answered yet.
    await server.arm(round % 2 ? 'pixel.afterCommit' : 'pixel.beforeCommit', 'kill', { nth: 20 + round });
    await Promise.all([loadUntilKilled(server, codes, counts), server.ended]);
    server = await startFaulty(env);
  }
  // At least one answer of each batch that came before the deadly one.
  expect([...counts.answered.values()].reduce((a, b) => a + b, 0)).toBeGreaterThan(rounds * 15);
  for (const { id } of codes) {
    const { body } = await server.call('GET', `/v1/email/tracking/${id}/events?limit=200`, { as: token });
    const stored = body.records.filter((e: { eventType: string }) => e.eventType === 'open').length;
    expect(stored, `answered opens of ${id}`).toBeGreaterThanOrEqual(counts.answered.get(id) ?? 0);
    expect(stored, `asked for ${id}`).toBeLessThanOrEqual(counts.asked.get(id) ?? 0);
  }
}

describe(`opens of ${CODES} codes, with kills before and after the commit of a batch`, () => {
  it('are all stored where they were answered, on the embedded database', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sundial-pixel-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    await openAndKill({ DATA_DIR: dataDir }, 10);
  });

  it('are all stored where they were answered, on Postgres', async () => {
    const postgres = await startPostgres({ durable: true });
    cleanups.push(() => postgres.close());
    const dataDir = mkdtempSync(join(tmpdir(), 'sundial-pixel-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    await openAndKill({ DATA_DIR: dataDir, DATABASE_URL: postgres.url }, 10);
  });
});
