import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transaction, type Database } from '../../server/db/db.ts';
import type { Deps } from '../../server/deps.ts';
import { createEvents, forgetOldEvents, listener, type Events } from '../../server/events/events.ts';
import { createMetrics } from '../../server/http/metrics.ts';
import { createJobs, type Jobs } from '../../server/jobs/jobs.ts';
import { createClock } from '../../server/lib/clock.ts';
import { openTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
const onPostgres = process.env.TEST_DATABASE_URL !== undefined;

let database: Database;
let heard: number[];
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  database = await openTestDatabase();
  heard = [];
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await database.close();
});

/** What a process has of events and jobs, with one listener; `work` false is one that ends before it hears anything. */
async function startProcess(work: boolean): Promise<{ events: Events; jobs: Jobs; stop: () => Promise<void> }> {
  const jobs = createJobs(database, log);
  const ear = listener({ name: 'test', hears: ['ClockMoved', 'MeetingBooked'], hear: async (_deps, _event, id) => void heard.push(id) });
  const events: Events = createEvents(database, () => jobs, [ear], log);
  await events.start();
  await jobs.start({ metrics: createMetrics(), db: database.db, clock: createClock() } as unknown as Deps, [...events.listenerJobs, forgetOldEvents], { work });
  const stop = async (): Promise<void> => {
    await jobs.stop();
    await events.stop();
  };
  return { events, jobs, stop };
}

const emit = (events: Events, accountId: number | null): Promise<void> =>
  transaction(database.db, (trx) => events.emit(trx, { type: 'ClockMoved', accountId: accountId as null, now: new Date().toISOString() }));
const ids = async (): Promise<number[]> => (await sql<{ id: number }>`select id from outbox order by id`.execute(database.db)).rows.map((row) => row.id);
const settled = (): Promise<void> => expect.poll(async () => (await sql<{ n: number }>`select count(*)::int as n from pgboss.job where name like 'on.%' and state < 'completed'`.execute(database.db)).rows[0]!.n, { timeout: 15_000 }).toBe(0);

describe('an event', () => {
  it('that was committed by a process that ended before anybody heard it is heard by the next one, once', async () => {
    const gone = await startProcess(false);
    for (let n = 0; n < 20; n++) await emit(gone.events, null);
    // Nobody listened when it was notified, and nobody will be notified again.
    await gone.stop();
    const next = await startProcess(true);
    stops.push(next.stop);
    await settled();
    expect([...heard].sort((a, b) => a - b)).toEqual(await ids());
  });

  it('is heard once although the process ended after hearing it and before saying so', async () => {
    const first = await startProcess(false);
    await emit(first.events, null);
    // As a kill leaves it: taken by a process that no longer says it lives.
    await sql`update pgboss.job set state = 'active', started_on = now(), heartbeat_on = now() - interval '1 hour' where name = 'on.test'`.execute(database.db);
    await first.stop();
    const next = await startProcess(true);
    stops.push(next.stop);
    // A Postgres that has just started gives everybody the time to say so.
    await expect.poll(() => heard, { timeout: 40_000 }).toEqual(await ids());
    await settled();
    expect(heard).toHaveLength(1);
  }, 60_000);

  it.skipIf(!onPostgres)('reaches listeners and open streams once although every notification of it was lost', async () => {
    const running = await startProcess(true);
    stops.push(running.stop);
    const streamed: number[] = [];
    running.events.subscribe(7, ({ id }) => void streamed.push(id));
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`.execute(database.db);
    await emit(running.events, 7);
    await expect.poll(() => [heard, streamed], { timeout: 20_000 }).toEqual([await ids(), await ids()]);
    await settled();
    expect([heard.length, streamed.length]).toEqual([1, 1]);
  }, 60_000);

  it('is kept for fourteen days; a listener that is later still hears it', async () => {
    const before = await startProcess(false);
    for (let n = 0; n < 3; n++) await emit(before.events, null);
    const [first, second, third] = await ids();
    await sql`update outbox set created_at = now() - interval '15 days' where id = ${first}`.execute(database.db);
    await sql`update outbox set created_at = now() - interval '13 days' where id = ${second}`.execute(database.db);
    await transaction(database.db, (trx) => before.jobs.enqueue(trx, forgetOldEvents, {}));
    await before.jobs.drain();
    expect(await ids()).toEqual([second, third]);
    expect([...heard].sort((a, b) => a - b)).toEqual([first, second, third]);
    await before.stop();
  });
});
