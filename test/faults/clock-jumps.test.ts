import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweep } from '../../server/features/followup/worker.service.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { announceClock, nextMonday, moveTo, toNextStep } from '../support/followup.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const HOUR = 3_600_000;

/** What a wrong battery, a restored machine or a first contact with a time server does to a clock. */
describe('a wall clock that jumps', () => {
  let app: TestApp;
  let sink: SmtpSink;
  let wall = 0;
  beforeAll(async () => {
    sink = await startSmtpSink();
    app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url }, realTime: () => new Date(Date.now() + wall) });
    await moveTo(app, nextMonday(app));
  });
  afterAll(async () => {
    await app.close();
    await sink.close();
  });

  it('sends no step twice and leaves none out', async () => {
    wall = 0;
    const { token } = await app.account({ name: 'Alice' });
    const rule = (await app.call('POST', '/v1/followup/rules', { as: token, body: { actions: [1, 2].map((n) => ({ intervalDays: 1, message: `<p>Touch ${n}</p>` })) } })).body;
    const { threadId } = (await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'Offer', body: 'x', to: [{ address: 'far@away.example' }], followUp: { ruleId: rule.id } } })).body;
    await app.drain();
    await toNextStep(app);
    const state = async () => (await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: token })).body;
    expect((await state()).steps.map((s: { state: string }) => s.state)).toEqual(['sent', 'planned']);
    for (const jump of [-3, 2, -30, 25]) {
      wall = jump * HOUR;
      await sweep(app.deps);
      await app.drain();
    }
    const touches = (n: number): number => sink.taken.filter(({ data }) => data.includes(`Touch ${n}`)).length;
    expect(touches(1)).toBe(1);
    wall = 0;
    while (await toNextStep(app));
    await app.drain();
    expect([touches(1), touches(2)]).toEqual([1, 1]);
    expect(await state()).toMatchObject({ status: 'finished', stopReason: 'completed' });
  });

  it('gives who repeats a request the first answer, and lets who is signed in stay so', async () => {
    wall = 0;
    const { token } = await app.account({ name: 'Bea' });
    const send = () => app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'Once', body: 'x', to: [{ address: 'once@away.example' }] }, headers: { 'idempotency-key': 'jump' } });
    const first = await send();
    for (const jump of [2, -2, 20, -20]) {
      wall = jump * HOUR;
      expect((await send()).body, `${jump} hours`).toEqual(first.body);
    }
    wall = 0;
    await app.drain();
    expect(sink.taken.filter(({ to }) => to === 'once@away.example')).toHaveLength(1);
  });

  it('delivers what waited for its next attempt, once, after it jumped forward', async () => {
    wall = 0;
    const { token } = await app.account({ name: 'Cem' });
    sink.faults = [{ at: 'rcpt', answer: '451 4.7.1 Later' }];
    await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'Wait', body: 'x', to: [{ address: 'wait@away.example' }] } });
    await app.drain();
    const arrived = (): number => sink.taken.filter(({ to }) => to === 'wait@away.example').length;
    expect(arrived()).toBe(0);
    wall = 3 * HOUR;
    await announceClock(app);
    expect(arrived()).toBe(1);
    wall = -3 * HOUR;
    await announceClock(app);
    expect(arrived()).toBe(1);
  });
});
