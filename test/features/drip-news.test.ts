import { describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { announceClock, DAY, happen, moveTo, onStage, sequences, toNextStep, wall, type Someone } from '../support/followup.ts';

const TWO = [1, 2].map((n) => ({ intervalDays: 3, message: `<p>Touch ${n}</p>` }));

describe('a follow-up learns', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;
  onStage((stage) => ({ app, alice, bob } = stage));

  const { rule, send, started, state, put } = sequences(() => ({ app, alice, bob }), { name: 'Two', actions: TWO, workingDays: true });
  const inbox = async (who = bob) => (await app.call('GET', '/v1/email/messages', { as: who.token, query: { q: 'in:inbox' } })).body.records as { subject: string }[];
  const day = (time: string | number) => wall(time).slice(0, 10);

  describe('that a recipient wants no more of it', () => {
    it('and then starts no later sequence to that address from that account, and says so', async () => {
      const first = await send({ tracking: { opens: true } });
      const { trackingCode } = (await app.call('GET', '/v1/email/tracking', { as: alice.token, query: { threadId: first.threadId } })).body.records[0];
      expect((await app.call('POST', `/o/${trackingCode}`)).status).toBe(200);
      await app.drain();

      const later = await started(undefined, { subject: 'Another offer' });
      const status = await state(later.threadId);
      expect(status).toMatchObject({ status: 'finished', stopReason: 'optedOut', dripResponder: bob.email, targets: [] });
      expect(status.dripError).toContain(bob.email);
      expect((await put(first.threadId, { status: 'active', ruleId: await rule(), targets: [bob.email] })).body).toMatchObject({ status: 'finished', stopReason: 'optedOut' });
      expect(await toNextStep(app)).toBe(false);
      expect(await inbox()).toHaveLength(2);
    });

    it('and goes on to the others, as may any other account to that address', async () => {
      await happen(app, { type: 'RecipientOptedOut', accountId: alice.id, email: bob.email, trackingId: 1 });
      const { account: carol } = await app.account({ name: 'Carol' });
      const both = await started(undefined, { to: [{ address: bob.email }, { address: carol.email }] });
      const status = await state(both.threadId);
      expect(status).toMatchObject({ status: 'active', targets: [carol.email] });
      expect(status.dripError).toContain(bob.email);
      const { account: dora } = await app.account({ name: 'Dora' });
      const running = await started(undefined, { to: [{ address: dora.email }, { address: carol.email }], subject: 'Third' });
      await happen(app, { type: 'RecipientOptedOut', accountId: alice.id, email: dora.email, trackingId: 1 });
      expect(await state(running.threadId)).toMatchObject({ status: 'active', targets: [carol.email], dripError: expect.stringContaining(dora.email) });
      [alice, bob] = [bob, alice];
      await happen(app, { type: 'RecipientOptedOut', accountId: bob.id, email: bob.email, trackingId: 1 });
      expect(await state((await started()).threadId)).toMatchObject({ status: 'active', targets: [bob.email] });
    });
  });

  describe('that its sender wrote by hand', () => {
    const writeBack = async (messageId: string) => {
      const answered = await app.call('POST', `/v1/email/messages/${messageId}/reply`, { as: alice.token, query: { returnIds: true }, body: { body: '<p>One more thing</p>', to: [{ address: bob.email }] } });
      expect(answered.status, JSON.stringify(answered.body)).toBe(200);
      await app.drain();
      return answered.body as { submittedMessageId: string; threadId: string };
    };

    it('and counts the days from that message, which the next step then answers', async () => {
      const sent = await started();
      const planned = await state(sent.threadId);
      expect(day(planned.nextAt)).toBe(day(app.clock.now().getTime() + 3 * DAY));
      await moveTo(app, app.clock.now().getTime() + DAY);
      const written = await writeBack(sent.id);
      expect(written.threadId).toBe(sent.threadId);
      const moved = await state(sent.threadId);
      expect(day(moved.nextAt)).toBe(day(app.clock.now().getTime() + 3 * DAY));
      expect(Date.parse(moved.steps[1].plannedAt)).toBeGreaterThan(Date.parse(planned.steps[1].plannedAt));
      expect((await put(sent.threadId, { resume: true })).body.nextAt).toBe(moved.nextAt);
      await put(sent.threadId, { status: 'disabled' });
      expect((await put(sent.threadId, { status: 'active' })).body.nextAt).toBe(moved.nextAt);

      await toNextStep(app);
      const [step] = (await state(sent.threadId)).steps;
      expect(step.state).toBe('sent');
      const message = (await app.call('GET', `/v1/email/messages/${step.messageId}`, { as: alice.token })).body;
      expect(message.inReplyTo).toBe(written.submittedMessageId);
    });

    it('even where nobody has heard of it when the step is due', async () => {
      const sent = await started();
      const due = Date.parse((await state(sent.threadId)).nextAt);
      app.clock.advance(due - app.clock.now().getTime());
      await app.call('POST', `/v1/email/messages/${sent.id}/reply`, { as: alice.token, body: { body: '<p>One more thing</p>', to: [{ address: bob.email }] } });
      await announceClock(app);
      expect(await state(sent.threadId)).toMatchObject({ status: 'active', dripLastNum: 0 });
    });

    it('but not from what he wrote to somebody else, and never earlier than he set himself', async () => {
      const sent = await started();
      const planned = (await state(sent.threadId)).nextAt;
      await app.call('POST', `/v1/email/messages/${sent.id}/reply`, { as: alice.token, body: { body: '<p>Between us</p>', to: [{ address: 'colleague@far.test' }] } });
      await app.drain();
      expect((await state(sent.threadId)).nextAt).toBe(planned);
      const far = (await put(sent.threadId, { nextAt: new Date(app.clock.now().getTime() + 14 * DAY).toISOString() })).body.nextAt;
      await writeBack(sent.id);
      expect((await state(sent.threadId)).nextAt).toBe(far);
    });

    it('nor from its own steps: all that are due leave in one go', async () => {
      const one = await started();
      const other = await started(undefined, { subject: 'Another' });
      await toNextStep(app);
      await moveTo(app, Math.max(...(await Promise.all([one, other].map(async (s) => Date.parse((await state(s.threadId)).steps[0].plannedAt))))));
      for (const { threadId } of [one, other]) expect((await state(threadId)).dripLastNum).toBe(1);
    });
  });

  describe('that a step may not have arrived', () => {
    const doubt = async (threadId: string, num: number) => {
      const step = (await state(threadId)).steps[num - 1];
      await happen(app, { type: 'DeliveryInDoubt', accountId: alice.id, messageId: step.messageId, internetMessageId: step.internetMessageId, recipient: bob.email });
    };

    it('and shows it, sends nothing behind it, and repeats it for nobody', async () => {
      const sent = await started();
      await toNextStep(app);
      await doubt(sent.threadId, 1);
      const status = await state(sent.threadId);
      expect(status).toMatchObject({ status: 'failed', stopReason: 'inDoubt', steps: [{ state: 'inDoubt' }, { state: 'cancelled' }] });
      expect(status.dripError).toContain('Step 1 may have been sent');
      expect(await toNextStep(app)).toBe(false);
      expect((await put(sent.threadId, { status: 'active' })).body).toMatchObject({ status: 'active', steps: [{ state: 'inDoubt' }, { state: 'planned' }] });
    });

    it('also of the last step; an answer then says that it did', async () => {
      const sent = await started();
      while (await toNextStep(app));
      expect(await state(sent.threadId)).toMatchObject({ status: 'finished', stopReason: 'completed' });
      await doubt(sent.threadId, 2);
      expect(await state(sent.threadId)).toMatchObject({ status: 'failed', stopReason: 'inDoubt' });
      const [newest] = (await app.call('GET', '/v1/email/messages', { as: bob.token })).body.records;
      await app.call('POST', `/v1/email/messages/${newest.id}/reply`, { as: bob.token, body: { body: '<p>Got it</p>', to: [{ address: alice.email }] } });
      await app.drain();
      expect(await state(sent.threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripResponder: bob.email });
    });
  });
});
