import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { transaction } from '../../server/db/db.ts';
import type { DomainEvent } from '../../server/events/types.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { commandLine } from '../support/cli.ts';
import { deliver, mime, moveTo, sellerAndBuyer, toNextStep, type Someone } from '../support/followup.ts';

let app: TestApp;
let sundial: ReturnType<typeof commandLine>;
let mend = async (): Promise<unknown> => undefined;
beforeAll(async () => {
  app = await createTestApp();
  sundial = commandLine(app);
});
afterAll(() => app.close());
afterEach(() => mend());
beforeEach(() => sql`delete from pgboss.job where name = 'dead'`.execute(app.deps.db));

interface Dead { id: string; queue: string; error: string; requestId: string; endedItsProcess: boolean }
const dead = async (): Promise<Dead[]> => (await sundial('jobs', 'list', '--dead')).data as Dead[];

/** Lets what waits in the queue fail until it is given up. */
async function giveUp(queue: string): Promise<void> {
  await sql`update pgboss.job set retry_limit = retry_count, start_after = now() where name = ${queue} and state < 'active'`.execute(app.deps.db);
  await expect(app.drain()).rejects.toThrow();
  await app.drain();
}

/** No row of this kind can be written, as when a release is wrong, until mend(). */
async function breakTable(table: string, when: string, event = 'insert'): Promise<void> {
  await sql.raw(`create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken for a test'; end $$`).execute(app.deps.db);
  await sql.raw(`create trigger broken before ${event} on ${table} for each row when (${when}) execute function broken()`).execute(app.deps.db);
  mend = () => sql`drop function if exists broken cascade`.execute(app.deps.db);
}

describe('a job that was given up', () => {
  let alice: Someone;
  let bob: Someone;
  beforeEach(async () => {
    ({ alice, bob } = await sellerAndBuyer(app));
  });

  const sendTracked = async (followUp?: object) => (await app.call('POST', '/v1/email/messages', {
    as: alice.token, query: { returnIds: true },
    body: { subject: 'Offer', body: '<p>x</p>', to: [{ address: bob.email }], tracking: { opens: true, threadReplies: true }, ...(followUp ? { followUp } : {}) },
  })).body as { trackingId: string; threadId: string; submittedMessageId: string };
  const answer = (to: string) => deliver(app, alice.email, bob.email, mime({ 'From': bob.email, 'To': alice.email, 'Subject': 'Re: Offer', 'Message-ID': `<re${Math.random()}@far.test>`, 'In-Reply-To': to }));
  const replies = async (trackingId: string): Promise<number> => (await app.call('GET', `/v1/email/tracking/${trackingId}/events`, { as: alice.token })).body.records.filter((e: { eventType: string }) => e.eventType === 'reply').length;

  it('is shown with its queue, age and last error, and hears what it was for exactly once when it is put back', async () => {
    const sent = await sendTracked();
    await app.drain();
    await breakTable('tracking_events', "new.type = 'reply'");
    await answer(sent.submittedMessageId);
    // The message is read first; then its listeners hear of it, and one of them cannot.
    await expect(app.drain()).rejects.toThrow('broken for a test');
    await giveUp('on.tracking.arrived');
    expect(await replies(sent.trackingId)).toBe(0);
    const [one, ...others] = await dead();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ queue: 'on.tracking.arrived', error: expect.stringContaining('broken for a test'), requestId: expect.any(String), endedItsProcess: false });
    expect((await sundial('jobs', 'list', '--dead')).text).toContain(one!.id);
    expect((await sundial('jobs', 'list')).text).toContain('1 job given up');

    await mend();
    expect(await sundial('jobs', 'retry', '--all')).toMatchObject({ data: { retried: 1 }, failed: false });
    await app.drain();
    expect(await replies(sent.trackingId)).toBe(1);
    expect(await sundial('jobs', 'retry', '--all')).toMatchObject({ data: { retried: 0 } });
    expect(await dead()).toEqual([]);
    await app.drain();
    expect(await replies(sent.trackingId)).toBe(1);
  });

  it('keeps follow-ups of its account waiting where it may have been their answer, until it is heard or forgotten', async () => {
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: alice.token, body: { name: 'Two', workingDays: true, actions: [1, 2].map((n) => ({ intervalDays: 2, message: `<p>Touch ${n}</p>` })) } });
    const sent = await sendTracked({ ruleId: rule.id });
    await app.drain();
    const state = async () => (await app.call('GET', `/v1/followup/conversations/${sent.threadId}`, { as: alice.token })).body;
    expect(await state()).toMatchObject({ status: 'active', dripLastNum: 0 });
    await breakTable('followup_conversations', "new.stop_reason = 'answered'", 'update');
    await answer(sent.submittedMessageId);
    await expect(app.drain()).rejects.toThrow('broken for a test');
    await giveUp('on.followup.mail');
    await toNextStep(app);
    expect(await state()).toMatchObject({ status: 'active', dripLastNum: 0 });

    await mend();
    await sundial('jobs', 'retry', '--queue', 'on.followup.mail');
    await app.drain();
    expect(await state()).toMatchObject({ status: 'finished', stopReason: 'answered', dripLastNum: 0 });
  });

  it('lets them go on when the operator forgets it', async () => {
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: alice.token, body: { name: 'One', workingDays: true, actions: [{ intervalDays: 2, message: '<p>Touch</p>' }] } });
    const sent = await sendTracked({ ruleId: rule.id });
    await app.drain();
    await breakTable('followup_conversations', "new.stop_reason = 'booked'", 'update');
    const booked: DomainEvent = { type: 'MeetingBooked', accountId: alice.id, attendeeEmail: bob.email } as DomainEvent;
    await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, booked));
    await giveUp('on.followup.booked');
    await mend();
    await toNextStep(app);
    const conversation = async (): Promise<{ dripLastNum: number; pauseReason?: string }> => (await app.call('GET', `/v1/followup/conversations/${sent.threadId}`, { as: alice.token })).body;
    expect(await conversation()).toMatchObject({ dripLastNum: 0, pauseReason: 'newsLost' });
    const [one] = await dead();
    expect(await sundial('jobs', 'discard', '--id', one!.id)).toMatchObject({ data: { discarded: 1 }, failed: false });
    await moveTo(app, app.clock.now().getTime());
    expect(await conversation()).toMatchObject({ dripLastNum: 1 });
    expect(await conversation()).not.toHaveProperty('pauseReason');
  });
});

describe('sundial jobs', () => {
  it('puts back what ended its process only where that job is named', async () => {
    await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, { type: 'ClockMoved', accountId: null, now: new Date().toISOString() }));
    const { rows } = await sql<{ id: string }>`select id from pgboss.job where name = 'on.followup.clock' and state = 'created'`.execute(app.deps.db);
    await sql`insert into pgboss.job (name, data, source_name, source_id, source_created_on, source_output)
      select 'dead', data, name, id, created_on, '{"message": "its process ended each time it ran", "deaths": 2}' from pgboss.job where name = 'on.followup.clock' and state = 'created'`.execute(app.deps.db);
    await app.drain();
    // What the timetable caused is found in the log by the job's own id.
    expect(await dead()).toMatchObject([{ id: rows[0]!.id, requestId: rows[0]!.id, endedItsProcess: true }]);
    expect((await sundial('jobs', 'retry', '--all')).data).toEqual({ retried: 0 });
    expect((await sundial('jobs', 'retry', '--queue', 'on.followup.clock')).data).toEqual({ retried: 0 });
    expect((await sundial('jobs', 'retry', '--id', rows[0]!.id)).data).toEqual({ retried: 1 });
    expect(await app.drain()).toBeGreaterThan(0);
  });

  it('wants to be told which, and says so where there is none', async () => {
    for (const words of [['jobs', 'retry'], ['jobs', 'discard'], ['jobs', 'retry', '--all', '--id', 'x']]) await expect(sundial(...words)).rejects.toThrow('--id <id>, --queue <queue> or --all');
    expect(await sundial('jobs', 'retry', '--id', 'nonsense')).toMatchObject({ data: { retried: 0 }, failed: true, text: expect.stringContaining('no such job') });
    expect(await sundial('jobs', 'discard', '--all')).toMatchObject({ data: { discarded: 0 }, failed: false });
    expect((await sundial('jobs', 'list', '--dead')).text).toBe('No job was given up.');
    await app.drain();
    expect((await sundial('jobs', 'list')).text).toMatch(/No job was given up\.$/);
  });
});
