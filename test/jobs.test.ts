import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { transaction, type Database } from '../server/db/db.ts';
import type { Deps } from '../server/deps.ts';
import { createMetrics } from '../server/http/metrics.ts';
import { createJobs, defineJob, type AnyJob, type Jobs } from '../server/jobs/jobs.ts';
import { openTestDatabase } from './support/database.ts';

describe('jobs', () => {
  let database: Database;
  let jobs: Jobs;

  async function start(definitions: AnyJob[], work: boolean): Promise<void> {
    database = await openTestDatabase();
    jobs = createJobs(database, pino({ level: 'silent' }));
    await jobs.start({ metrics: createMetrics() } as Deps, definitions, { work });
  }
  afterEach(async () => {
    await jobs.stop();
    await database.close();
  });

  it('runs a job that a committed transaction enqueued, at once', async () => {
    const ran = Promise.withResolvers<string>();
    const job = defineJob({ name: 'greet', payload: z.object({ name: z.string() }), handler: async (_deps, { name }) => ran.resolve(name) });
    await start([job], true);
    const asked = performance.now();
    await transaction(database.db, (trx) => jobs.enqueue(trx, job, { name: 'Ada' }));
    expect(await ran.promise).toBe('Ada');
    // Sooner than the next poll: it was woken.
    expect(performance.now() - asked).toBeLessThan(2500);
  });

  it('runs nothing of a transaction that was rolled back', async () => {
    const seen: string[] = [];
    const job = defineJob({ name: 'greet', payload: z.object({ name: z.string() }), handler: async (_deps, { name }) => void seen.push(name) });
    await start([job], false);
    const failing = transaction(database.db, async (trx) => {
      await jobs.enqueue(trx, job, { name: 'lost' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await transaction(database.db, (trx) => jobs.enqueue(trx, job, { name: 'kept' }));
    await jobs.drain();
    expect(seen).toEqual(['kept']);
  });

  it('tries a failed job again', async () => {
    let tries = 0;
    const job = defineJob({ name: 'flaky', payload: z.object({}), retryDelay: 0, handler: async () => {
      if (++tries < 2) throw new Error('not yet');
    } });
    await start([job], false);
    await transaction(database.db, (trx) => jobs.enqueue(trx, job, {}));
    await expect(jobs.drain()).rejects.toThrow('not yet');
    await expect.poll(async () => (await jobs.drain()) && tries, { timeout: 5000 }).toBe(2);
  });

  it('gives a job that is running when the server stops back to the queue', async () => {
    const running = Promise.withResolvers<void>();
    const job = defineJob({ name: 'long', payload: z.object({}), handler: async (_deps, _payload, { signal }) => {
      running.resolve();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('the server stops'))));
    } });
    await start([job], true);
    await transaction(database.db, (trx) => jobs.enqueue(trx, job, {}));
    await running.promise;
    await jobs.stop();
    const { rows } = await sql<{ state: string }>`select state from pgboss.job where name = 'long'`.execute(database.db);
    expect(rows).toEqual([{ state: 'retry' }]);
  });

  it('keeps one waiting job of a key where the job asks for that', async () => {
    const seen: string[] = [];
    const job = defineJob({ name: 'sweep', payload: z.object({}), onePerKey: true, handler: async () => void seen.push('ran') });
    await start([job], false);
    await transaction(database.db, async (trx) => {
      await jobs.enqueue(trx, job, {}, { singletonKey: 'all' });
      await jobs.enqueue(trx, job, {}, { singletonKey: 'all' });
      await jobs.enqueue(trx, job, {}, { singletonKey: 'other' });
    });
    await jobs.drain();
    expect(seen).toHaveLength(2);
  });

  it('does not start a job before its time', async () => {
    const seen: string[] = [];
    const job = defineJob({ name: 'later', payload: z.object({}), handler: async () => void seen.push('ran') });
    await start([job], false);
    await transaction(database.db, (trx) => jobs.enqueue(trx, job, {}, { startAfter: new Date(Date.now() + 3_600_000) }));
    await jobs.drain();
    expect(seen).toEqual([]);
  });
});
