import { describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { DAY, onStage, sequences, toNextStep, wall, type Someone } from '../support/followup.ts';

const THREE = [1, 2, 3].map((n) => ({ intervalDays: 2, message: `<p>Hello {{firstName}}, touch ${n}</p>` }));

describe('a follow-up', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;
  onStage((stage) => ({ app, alice, bob } = stage));
  const { rule, send, started, state, put, received } = sequences(() => ({ app, alice, bob }), { name: 'Three', actions: THREE, workingDays: true });

  describe('is steered', () => {
    it('by a PUT that starts it in a thread, with the recipients of the last message sent there', async () => {
      const { threadId } = await send();
      expect(await state(threadId)).toEqual({ convoId: threadId, subject: 'Offer', status: 'disabled' });
      const answered = await put(threadId, { status: 'active', ruleId: await rule(), afterDays: 1 });
      expect(answered.status).toBe(200);
      expect(answered.body).toMatchObject({ status: 'active', targets: [bob.email] });
      expect(wall(answered.body.nextAt).slice(0, 10)).toBe(wall(app.clock.now().getTime() + DAY).slice(0, 10));
    });

    it('by stop and start again, which goes on behind the last step', async () => {
      const { threadId } = await started();
      await toNextStep(app);
      expect((await put(threadId, { status: 'disabled' })).body).toMatchObject({ status: 'disabled', stopReason: 'stopped' });
      expect(await toNextStep(app)).toBe(false);
      expect((await put(threadId, { actionVars: { x: 'y' } })).status).toBe(409);
      expect((await put(threadId, { status: 'active' })).body).toMatchObject({ status: 'active', dripLastNum: 1, steps: [{ state: 'sent' }, { state: 'planned' }, { state: 'planned' }] });
      while (await toNextStep(app));
      expect(await received()).toHaveLength(4);
    });

    it('by restart, which begins with the first step again under new Message-IDs', async () => {
      const { threadId } = await started({ actions: [{ intervalDays: 1, message: 'x' }] });
      await toNextStep(app);
      const again = (await put(threadId, { status: 'active', restart: true })).body;
      expect(again).toMatchObject({ status: 'active', dripLastNum: 0, steps: [{ state: 'planned' }] });
      while (await toNextStep(app));
      expect(new Set((await received()).map((m) => m.internetMessageId)).size).toBe(3);
    });

    it('by skipping a step', async () => {
      const { threadId } = await started();
      const { body: skipped } = await put(threadId, { skipStep: true });
      expect(skipped.steps.map((s: { state: string }) => s.state)).toEqual(['skipped', 'planned', 'planned']);
      expect(Date.parse(skipped.nextAt)).toBeGreaterThan(Date.parse(skipped.steps[0].plannedAt));
      while (await toNextStep(app));
      const mails = await received();
      expect(mails.slice(1).map((m) => /touch \d/.exec(m.body)![0])).toEqual(['touch 2', 'touch 3']);
    });

    it('by another time, moved into working time where it is none', async () => {
      const { threadId } = await started();
      const friday = app.clock.now().getTime() + 4 * DAY;
      expect((await put(threadId, { nextAt: new Date(friday).toISOString() })).body.nextAt).toBe(new Date(friday).toISOString());
      expect(wall((await put(threadId, { nextAt: new Date(friday + DAY).toISOString() })).body.nextAt)).toBe(`${wall(friday + 3 * DAY).slice(0, 11)}09:00`);
      const late = new Date(friday + 10 * DAY).toISOString();
      expect(Date.parse((await put(threadId, { dripAfter: late })).body.nextAt)).toBeGreaterThanOrEqual(Date.parse(late));
      expect((await put(threadId, { nextAt: '9999-12-31T00:00:00Z' })).body).toMatchObject({ code: 'request.invalid', field: 'nextAt' });
    });

    it('by other targets, valid addresses that are not the sender\'s', async () => {
      const { threadId } = await started({ actions: [{ intervalDays: 1, message: 'Hello' }] });
      const before = (await state(threadId)).nextAt;
      expect((await put(threadId, { targets: ['Carol@far.test', bob.email] })).body).toMatchObject({ targets: ['carol@far.test', bob.email], nextAt: before, status: 'active' });
      expect((await put(threadId, { status: 'active', targets: [alice.email] })).body).toMatchObject({ code: 'request.invalid', field: 'targets' });
      expect((await put(threadId, { targets: ['nobody'] })).body).toMatchObject({ field: 'targets[0]' });
      expect((await put(threadId, { targets: [] })).body).toMatchObject({ field: 'targets' });
    });

    it('by a change of its rule: new texts and further steps count from the next step on', async () => {
      const ruleId = await rule({ actions: [{ intervalDays: 1, message: 'one' }] });
      const { threadId } = await send({ followUp: { ruleId } });
      await app.call('PUT', `/v1/followup/rules/${ruleId}`, { as: alice.token, body: { actions: [{ intervalDays: 1, message: 'uno' }, { intervalDays: 1, message: 'due' }] } });
      while (await toNextStep(app));
      expect((await received()).slice(1).map((m) => /uno|due/.exec(m.body)?.[0])).toEqual(['uno', 'due']);
      expect((await state(threadId)).dripLastNum).toBe(2);
    });

    it('from a list of what is running and what is over', async () => {
      const first = await started();
      const second = await started();
      await put(first.threadId, { status: 'disabled' });
      const list = async (query: Record<string, boolean | number>) => (await app.call('GET', '/v1/followup/conversations', { as: alice.token, query })).body;
      expect((await list({ active: true })).records.map((r: { convoId: string }) => r.convoId)).toEqual([second.threadId]);
      expect((await list({ active: false })).records.map((r: { convoId: string }) => r.convoId)).toEqual([first.threadId]);
      expect(await list({ limit: 1 })).toMatchObject({ offset: 0, totalSize: 2, done: false, records: [{ convoId: first.threadId, steps: [{}, {}, {}], rule: { name: 'Three' } }] });
    });

    it('by its own account alone', async () => {
      const { threadId } = await started();
      expect((await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: bob.token })).status).toBe(404);
      expect((await app.call('PUT', `/v1/followup/conversations/${threadId}`, { as: bob.token, body: { status: 'disabled' } })).status).toBe(404);
      expect((await put('no-such-thread', { status: 'active', ruleId: await rule() })).status).toBe(404);
    });
  });
});
