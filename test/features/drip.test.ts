import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { announceClock, DAY, moveTo, nextMonday, toNextStep, wall } from '../support/followup.ts';

describe('the drip worker on hosted mail', () => {
  let app: TestApp;
  let alice: { token: string; id: number };
  let bob: { token: string; id: number };
  const ALICE = 'alice@hosted.test';
  const BOB = 'bob@hosted.test';

  beforeEach(async () => {
    app = await createTestApp();
    const [a, b] = [await app.account({ email: ALICE }), await app.account({ email: BOB, name: 'Bob Buyer' })];
    alice = { token: a.token, id: a.account.id };
    bob = { token: b.token, id: b.account.id };
    await moveTo(app, nextMonday(app));
  });
  afterEach(() => app.close());

  const THREE = [1, 2, 3].map((n) => ({ intervalDays: 2, message: `<p>Hello {{firstName}}, touch ${n}</p>` }));
  const rule = async (body: object = { name: 'Three', actions: THREE, workingDays: true }) => (await app.call('POST', '/v1/followup/rules', { as: alice.token, body })).body.id as number;
  const send = async (body: object = {}) => {
    const answer = await app.call('POST', '/v1/email/messages', { as: alice.token, query: { returnIds: true }, body: { subject: 'Offer', body: '<p>An offer</p>', to: [{ address: BOB, name: 'Bob Buyer' }], ...body } });
    expect(answer.status).toBe(201);
    await app.drain();
    return answer.body as { id: string; threadId: string; submittedMessageId: string; processingStatus: string; processingError?: { failedSteps: string[] } };
  };
  const started = async (body?: object) => send({ followUp: { ruleId: await rule(body) } });
  const state = async (threadId: string) => (await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: alice.token })).body;
  const put = async (threadId: string, body: object) => app.call('PUT', `/v1/followup/conversations/${threadId}`, { as: alice.token, body });
  const inbox = async (as = bob.token) => (await app.call('GET', '/v1/email/messages', { as, query: { bodyType: 'html' } })).body.records as { id: string; subject: string; body: string; internetMessageId: string; sysLabels: string[] }[];
  const received = async () => (await inbox()).filter((m) => m.sysLabels.includes('inbox'));
  const reply = async (as: string, messageId: string, body = '<p>Thanks</p>') => {
    const answer = await app.call('POST', `/v1/email/messages/${messageId}/reply`, { as, body: { body, to: [{ address: ALICE }] } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  };

  it('sends a sequence of three over more than a week, each step once, in working time, in the thread', async () => {
    const sent = await started();
    expect(sent.processingStatus).toBe('Ok');
    const before = await state(sent.threadId);
    expect(before).toMatchObject({ status: 'active', targets: [BOB], subject: 'Offer', dripLastNum: 0, rule: { name: 'Three' } });
    expect(before.steps.map((s: { plannedAt: string }) => wall(s.plannedAt).slice(0, 13))).toEqual([2, 4, 8].map((days) => wall(nextMonday(app) - 7 * DAY + days * DAY).slice(0, 11) + '09'));
    while (await toNextStep(app)) await announceClock(app);
    const mails = await received();
    expect(mails.map((m) => m.subject).sort()).toEqual(['Offer', 'Re: Offer', 'Re: Offer', 'Re: Offer']);
    expect(mails.filter((m) => m.body?.includes('Hello Bob, touch'))).toHaveLength(3);
    const after = await state(sent.threadId);
    expect(after).toMatchObject({ status: 'finished', stopReason: 'completed', dripLastNum: 3 });
    expect(after.steps.map((s: { state: string; internetMessageId: string }) => [s.state, s.internetMessageId])).toEqual(before.steps.map((s: { internetMessageId: string }) => ['sent', s.internetMessageId]));
    const thread = await app.call('GET', `/v1/email/conversations/${sent.threadId}`, { as: alice.token });
    expect(thread.body.records).toHaveLength(4);
    expect(new Set(mails.map((m) => m.internetMessageId)).size).toBe(4);
  });

  it('stops when the recipient answers, and says who did', async () => {
    const { threadId } = await started();
    await toNextStep(app);
    await reply(bob.token, (await received())[0]!.id);
    await app.drain();
    expect(await state(threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripResponder: BOB, dripLastNum: 1 });
    expect(await toNextStep(app)).toBe(false);
    expect(await received()).toHaveLength(2);
  });
});
