import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeLeftOvers } from '../../server/features/tracking/jobs.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await createTestApp();
  ({ token } = await app.account());
});
afterAll(() => app.close());

it('while many opens that were left over are judged, pixels are answered, everybody else has his turn, and an end comes although opens go on coming', async () => {
  const codes: string[] = [];
  for (let n = 0; n < 20; n++) codes.push((await trackedMessage(app, token)).code);
  const count = 3000;
  await sql`
    insert into tracking_hits (tracking_id, created_at, method, user_agent, referrer, purpose, remote_addr)
    select t.id, now(), 'GET', ${AGENTS.outlook}, '', '', '203.0.113.0' from tracking t cross join generate_series(1, ${count / codes.length}) order by 1`.execute(app.deps.db);
  expect((await sql<{ n: number }>`select count(*)::int as n from tracking_hits`.execute(app.deps.db)).rows[0]!.n).toBe(count);

  let isOver = false;
  const judging = judgeLeftOvers.handler(app.deps, { olderThanSeconds: 0 }, { jobId: 'test', signal: AbortSignal.timeout(120_000) }).finally(() => (isOver = true));
  const turns = (async () => {
    let taken = 0;
    for (; !isOver; taken++) await turn();
    return taken;
  })();
  // One after another, as one reader's mail program: each needs several turns of its own.
  let answered = 0;
  for (; !isOver; answered++) {
    expect((await load(app, `/t/${codes[answered % codes.length]}.gif`, AGENTS.gmail)).status).toBe(200);
    await wait(15);
  }
  await judging;
  // Without its rests it is a handful and a few dozen.
  expect(answered).toBeGreaterThan(25);
  expect(await turns).toBeGreaterThan(1000);
  const { rows } = await sql<{ judged: number }>`select count(*)::int as judged from tracking_events where type = 'open' and verdict is not null and user_agent = ${AGENTS.outlook}`.execute(app.deps.db);
  expect(rows[0]!.judged).toBe(count);
}, 120_000);

it('leaves young opens to the process that recorded them, so that they are not worked on twice, and takes those that have waited', async () => {
  const { code } = await trackedMessage(app, token);
  const store = (age: string) => sql`
    insert into tracking_hits (tracking_id, created_at, method, user_agent, referrer, purpose, remote_addr)
    select id, ${app.deps.clock.now()}::timestamptz - ${age}::interval, 'GET', ${AGENTS.outlook}, '', '', '203.0.113.0' from tracking where code = ${code}`.execute(app.deps.db);
  const left = async (): Promise<number> => (await sql<{ n: number }>`
    select count(*)::int as n from tracking_hits h join tracking t on t.id = h.tracking_id where t.code = ${code}`.execute(app.deps.db)).rows[0]!.n;
  const run = (payload: object) => judgeLeftOvers.handler(app.deps, judgeLeftOvers.payload.parse(payload), { jobId: 'test', signal: AbortSignal.timeout(30_000) });
  await store('5 seconds');
  await run({});
  expect(await left()).toBe(1);
  await store('2 minutes');
  await run({});
  expect(await left()).toBe(0);
  await store('5 seconds');
  await run(judgeLeftOvers.atStart!);
  expect(await left()).toBe(0);
  const { rows } = await sql<{ open_number: number }>`select e.open_number from tracking_events e join tracking t on t.id = e.tracking_id where t.code = ${code} and e.type = 'open' order by e.id`.execute(app.deps.db);
  expect(rows.map((r) => r.open_number)).toEqual([1, 2, 3]);
});
