import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../server/events/events.ts';
import { sweep } from '../../server/features/followup/worker.service.ts';
import type { TestApp } from '../support/app.ts';
import { advanceTo, announceClock, DAY, deliver, happen, mime, moveTo, onStage, report, sequences, toNextStep, wall, type Someone } from '../support/followup.ts';

const HOUR = 3_600_000;
const THREE = [1, 2, 3].map((n) => ({ intervalDays: 2, message: `<p>Hello {{firstName}}, touch ${n}</p>` }));

describe('a follow-up on hosted mail', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;
  onStage((stage) => ({ app, alice, bob } = stage));

  const { rule, send, started, state, put, received } = sequences(() => ({ app, alice, bob }), { name: 'Three', actions: THREE, workingDays: true });
  const answer = async (who = bob) => {
    const answered = await app.call('POST', `/v1/email/messages/${(await received(who))[0].id}/reply`, { as: who.token, body: { body: '<p>Thanks</p>', to: [{ address: alice.email }] } });
    expect(answered.status, JSON.stringify(answered.body)).toBe(200);
    await app.drain();
  };
  /** An answer that the server has accepted, but not read. */
  const answerUnread = (messageId: string, headers: Record<string, string> = {}) =>
    deliver(app, alice.email, bob.email, mime({ 'From': bob.email, 'To': alice.email, 'Subject': 'Re: Offer', 'Message-ID': `<a${Math.random()}@far.test>`, 'In-Reply-To': messageId, ...headers }));

  describe('sends', () => {
    it('three steps over more than a week, each once, in working time, in the thread, marked as automatic', async () => {
      const monday = app.clock.now().getTime();
      const sent = await started();
      expect(sent.processingStatus).toBe('Ok');
      const before = await state(sent.threadId);
      expect(before).toMatchObject({ status: 'active', targets: [bob.email], subject: 'Offer', dripLastNum: 0, rule: { name: 'Three' } });
      expect(before.steps.map((s: { plannedAt: string }) => wall(s.plannedAt).slice(0, 13))).toEqual([2, 4, 8].map((days) => `${wall(monday + days * DAY).slice(0, 11)}09`));
      expect(before.nextAt).toBe(before.steps[0].plannedAt);
      while (await toNextStep(app)) await announceClock(app);

      const after = await state(sent.threadId);
      expect(after).toMatchObject({ status: 'finished', stopReason: 'completed', dripLastNum: 3 });
      const mails = await received();
      expect(mails.map((m) => m.subject)).toEqual(['Offer', 'Re: Offer', 'Re: Offer', 'Re: Offer']);
      expect(mails.slice(1).map((m) => /touch \d/.exec(m.body)![0])).toEqual(['touch 1', 'touch 2', 'touch 3']);
      expect(mails[1].body).toContain('Hello Bob');
      expect(mails.slice(1).map((m) => m.internetMessageId)).toEqual(before.steps.map((s: { internetMessageId: string }) => s.internetMessageId));
      expect(mails[3].inReplyTo).toBe(mails[2].internetMessageId);
      expect(mails[3].references).toContain(sent.submittedMessageId);
      expect(mails[1].internetHeaders).toContainEqual(expect.objectContaining({ name: expect.stringMatching(/^auto-submitted$/i), value: 'auto-generated' }));
      const thread = await app.call('GET', `/v1/email/conversations/${sent.threadId}`, { as: alice.token });
      expect(thread.body.records).toHaveLength(4);
    });

    it('a due step once, however many workers look at the same time', async () => {
      const { threadId } = await started();
      advanceTo(app, Date.parse((await state(threadId)).nextAt));
      const sent = await Promise.all([sweep(app.deps), sweep(app.deps), sweep(app.deps), sweep(app.deps)]);
      expect(sent.reduce((a, b) => a + b)).toBe(1);
      await app.drain();
      expect(await received()).toHaveLength(2);
    });

    it('at most one step a working day after a long downtime, and none at night or on a weekend', async () => {
      const { threadId } = await started();
      const monday = app.clock.now().getTime();
      await moveTo(app, monday + 26 * DAY);
      expect(wall(app.clock.now().getTime())).toMatch(/T10:00$/);
      expect((await state(threadId)).dripLastNum).toBe(0);
      const days = new Set<string>();
      while (await toNextStep(app)) {
        for (let i = 0; i < 3; i++) await announceClock(app);
        days.add(wall(app.clock.now().getTime()).slice(0, 10));
      }
      const steps = (await state(threadId)).steps.map((s: { sentAt: string }) => wall(s.sentAt).slice(0, 10));
      expect(new Set(steps).size).toBe(3);
      expect(steps[0]).toBe(wall(monday + 28 * DAY).slice(0, 10));
    });

    it('what became due while the server was down spread over half an hour, not in one burst', async () => {
      const threads: string[] = [];
      for (let i = 0; i < 4; i++) {
        const { account } = await app.account();
        threads.push((await started({ actions: [{ intervalDays: 0, message: 'x' }] }, { to: [{ address: account.email }] })).threadId);
      }
      advanceTo(app, app.clock.now().getTime() + HOUR);
      await app.deps.db.updateTable('followup_worker').set({ swept_at: new Date(app.clock.real().getTime() - HOUR) }).execute();
      await sweep(app.deps);
      const due = await app.deps.db.selectFrom('followup_conversations').select('next_at').where('convo_id', 'in', threads).execute();
      // Null: its minute was the first, and it has left already.
      const minutes = due.map((row) => (row.next_at ? Math.round((row.next_at.getTime() - app.clock.now().getTime()) / 60_000) : 0));
      expect(Math.max(...minutes)).toBeLessThan(30);
      expect(new Set(minutes).size).toBeGreaterThan(1);
    });

    it('in the hours and the zone of its sender', async () => {
      await app.call('PUT', '/v1/followup/config', { as: alice.token, body: { timezone: 'America/New_York' } });
      const { threadId } = await started();
      expect(wall((await state(threadId)).nextAt, 'America/New_York')).toMatch(/T09:\d\d$/);
      await app.deps.db.updateTable('accounts').set({ work_hours: JSON.stringify({ daySchedules: [{ dayOfWeek: 'sunday', workingIntervals: [{ start: '20:00:00', end: '21:00:00' }] }] }) as never }).where('id', '=', alice.id).execute();
      const { threadId: second } = await started();
      expect(wall((await state(second)).nextAt, 'America/New_York')).toMatch(/T20:\d\d$/);
    });

    it('nothing at all where a value is missing, says which, and goes on when it is filled in', async () => {
      const { threadId } = await started({ actions: [{ intervalDays: 1, message: '<p>Hi</p>' }, { intervalDays: 1, message: '<p>For {{company}}</p>' }] });
      expect(await state(threadId)).toMatchObject({ status: 'ruleIncomplete', stopReason: 'ruleIncomplete', missing: ['company'], dripError: expect.stringContaining('company') });
      await moveTo(app, app.clock.now().getTime() + 10 * DAY);
      expect(await received()).toHaveLength(1);
      const filled = await put(threadId, { status: 'active', actionVars: { company: 'A <b> & B' } });
      expect(filled.body).toMatchObject({ status: 'active', dripLastNum: 0 });
      expect(filled.body.dripError).toBeUndefined();
      while (await toNextStep(app));
      const mails = await received();
      expect(mails).toHaveLength(3);
      expect(mails[2].body).toContain('For A &lt;b&gt; &amp; B');
    });

    it('to one recipient and with harmless text, whatever that recipient calls himself', async () => {
      const name = 'Bob "<script>alert(1)</script>", {{company}}\u2028 Bcc: evil@far.test';
      const { threadId } = await started({ actions: [{ intervalDays: 1, message: '<p title="{{name}}">Hi {{name}}</p>' }] }, { to: [{ address: bob.email, name }] });
      expect((await state(threadId)).status).toBe('active');
      await toNextStep(app);
      const [, step] = await received();
      expect([...step.to, ...step.cc ?? [], ...step.bcc ?? []].map((a: { address: string }) => a.address)).toEqual([bob.email]);
      expect(step.body).not.toContain('<script>');
      expect(step.body).toContain('Hi Bob &quot;&lt;script&gt;');
    });

    it('names each step in the stream of events', async () => {
      const reasons: string[] = [];
      const stop = app.deps.events.subscribe(alice.id, ({ event }: StoredEvent) => {
        if (event.type === 'FollowUpChanged') reasons.push(event.reason);
      });
      await started({ actions: [{ intervalDays: 1, message: 'x' }] });
      while (await toNextStep(app));
      await expect.poll(() => reasons).toEqual(['started', 'stepSent', 'completed']);
      stop();
    });
  });

  describe('stops', () => {
    it('when the recipient answers, and says who did', async () => {
      const { threadId } = await started();
      await toNextStep(app);
      await answer();
      expect(await state(threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripResponder: bob.email, dripLastNum: 1, steps: [{ state: 'sent' }, { state: 'cancelled' }, { state: 'cancelled' }] });
      expect(await toNextStep(app)).toBe(false);
      expect(await received()).toHaveLength(2);
    });

    it('shows an answer to the last step as the answer it is', async () => {
      const { threadId } = await started({ actions: [{ intervalDays: 1, message: 'x' }] });
      await toNextStep(app);
      expect(await state(threadId)).toMatchObject({ status: 'finished', stopReason: 'completed' });
      await answer();
      expect(await state(threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripResponder: bob.email });
    });

    it('for an answer that was accepted before the step was claimed, although nobody had read it', async () => {
      const sent = await started();
      advanceTo(app, Date.parse((await state(sent.threadId)).nextAt));
      await answerUnread(sent.submittedMessageId);
      expect(await sweep(app.deps)).toBe(0);
      await app.drain();
      expect(await state(sent.threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripLastNum: 0 });
      expect(await received()).toHaveLength(1);
    });

    it('sends a step that only waited for other mail to be read, without waiting for the next sweep', async () => {
      const sent = await started();
      advanceTo(app, Date.parse((await state(sent.threadId)).nextAt));
      await deliver(app, alice.email, 'news@far.test', mime({ From: 'news@far.test', To: alice.email, Subject: 'News', 'Message-ID': `<n${alice.id}@far.test>` }));
      expect(await sweep(app.deps)).toBe(0);
      await app.drain();
      expect((await state(sent.threadId)).dripLastNum).toBe(1);
    });

    it('for an answer from another address of theirs that names one of its messages', async () => {
      const sent = await started();
      await toNextStep(app);
      const [first] = (await state(sent.threadId)).steps;
      await deliver(app, alice.email, 'private@far.test', mime({ From: 'private@far.test', To: alice.email, Subject: 'Another subject', 'Message-ID': `<p${alice.id}@far.test>`, References: `<other@far.test> ${first.internetMessageId}` }));
      await app.drain();
      expect(await state(sent.threadId)).toMatchObject({ status: 'finished', dripResponder: 'private@far.test' });
    });

    it('not for mail of the sender, from whichever of his addresses', async () => {
      await app.call('PUT', '/v1/followup/config', { as: alice.token, body: { emailAliases: ['alice@second.test'] } });
      const sent = await started();
      await deliver(app, alice.email, 'alice@second.test', mime({ From: 'Alice@Second.test', To: alice.email, Subject: 'Re: Offer', 'Message-ID': `<self${alice.id}@second.test>`, 'In-Reply-To': sent.submittedMessageId }));
      await app.drain();
      expect((await state(sent.threadId)).status).toBe('active');
    });

    it('not for answers where the rule expects none', async () => {
      const { threadId } = await started({ actions: THREE, expectThreadResponse: false });
      await answer();
      expect(await state(threadId)).toMatchObject({ status: 'active', dripResponder: bob.email });
      while (await toNextStep(app));
      expect(await received()).toHaveLength(4);
    });

    it('when its only recipient cannot be reached, by a report from far away', async () => {
      const sent = await started();
      await deliver(app, alice.email, '', report(bob.email, sent.submittedMessageId));
      await app.drain();
      const status = await state(sent.threadId);
      expect(status).toMatchObject({ status: 'failed', stopReason: 'bounced', targets: [] });
      expect(status.dripError).toContain(bob.email);
    });

    it('not for a report of delay', async () => {
      const sent = await started();
      await deliver(app, alice.email, '', report(bob.email, sent.submittedMessageId, 'delayed', '4.4.1'));
      await app.drain();
      expect((await state(sent.threadId)).status).toBe('active');
    });

    it('writing to the one that bounced, and goes on with the others', async () => {
      const sent = await started({ actions: [{ intervalDays: 1, message: 'x' }] }, { to: [{ address: bob.email }, { address: `nobody${alice.id}@hosted.test` }] });
      expect((await state(sent.threadId)).targets).toEqual([bob.email]);
      await toNextStep(app);
      expect((await received())[1].to.map((a: { address: string }) => a.address)).toEqual([bob.email]);
    });

    it('when the recipient books a meeting or opts out', async () => {
      const first = await started();
      const at = app.clock.now().toISOString();
      await happen(app, { type: 'MeetingBooked', accountId: alice.id, profileId: 1, reservationId: 1, start: at, end: at, attendeeEmail: bob.email.toUpperCase() });
      expect(await state(first.threadId)).toMatchObject({ status: 'finished', stopReason: 'booked', dripResponder: bob.email });
      const second = await started();
      await happen(app, { type: 'RecipientOptedOut', accountId: alice.id, email: bob.email, trackingId: 1 });
      expect(await state(second.threadId)).toMatchObject({ status: 'finished', stopReason: 'optedOut', dripResponder: bob.email });
    });

    it('until an absence is over, which is no answer; the sender may go on before', async () => {
      const sent = await started();
      const until = new Date(app.clock.now().getTime() + 14 * DAY);
      const planned = (await state(sent.threadId)).nextAt;
      await answerUnread(sent.submittedMessageId, { 'Auto-Submitted': 'auto-replied', 'Subject': `Out of office until ${until.toISOString().slice(0, 10)}` });
      await app.drain();
      const paused = await state(sent.threadId);
      expect(paused).toMatchObject({ status: 'active', pauseReason: 'away' });
      expect(Date.parse(paused.nextAt)).toBeGreaterThan(Date.parse(planned));
      expect(Date.parse(paused.nextAt)).toBeGreaterThanOrEqual(Date.parse(paused.pausedUntil));
      const resumed = (await put(sent.threadId, { resume: true })).body;
      expect(resumed.nextAt).toBe(planned);
      expect(resumed.pauseReason).toBeUndefined();
    });

    it('when its rule is deleted', async () => {
      const ruleId = await rule();
      const { threadId } = await send({ followUp: { ruleId } });
      expect((await app.call('GET', '/v1/followup/rules', { as: alice.token })).body.records.at(-1)).toMatchObject({ id: ruleId, running: 1 });
      await app.call('DELETE', `/v1/followup/rules/${ruleId}`, { as: alice.token });
      expect(await state(threadId)).toMatchObject({ status: 'disabled', stopReason: 'ruleDeleted' });
      expect(await toNextStep(app)).toBe(false);
    });
  });

  describe('with a message that is sent', () => {
    it('sends the message all the same where the rule is not the account\'s, and says so', async () => {
      const sent = await send({ followUp: { ruleId: 999_999 } });
      expect(sent).toMatchObject({ processingStatus: 'Incomplete', processingError: { failedSteps: ['followUp'] } });
      expect(await received()).toHaveLength(1);
      expect((await state(sent.threadId)).status).toBe('disabled');
    });

    it('writes to those in To, never to blind copies', async () => {
      const { threadId } = await started(undefined, { to: [{ address: bob.email, name: 'Bob' }], cc: [{ address: 'c@far.test' }], bcc: [{ address: 'secret@far.test' }] });
      expect((await state(threadId)).targets).toEqual([bob.email]);
    });

    it('starts what was prepared for a draft, once, counted from when it was sent', async () => {
      const path = '/v1/followup/drafts/preparedcode1234567890';
      await app.call('PUT', path, { as: alice.token, body: { ruleId: await rule(), targets: [bob.email, 'removed@far.test'], afterDays: 3, workingDays: true } });
      const sent = await send();
      advanceTo(app, app.clock.now().getTime() + HOUR);
      const event = { type: 'TrackedMailSent', accountId: alice.id, trackingId: 7, trackingCode: 'preparedcode1234567890', messageId: sent.id, threadId: sent.threadId, internetMessageId: sent.submittedMessageId, recipients: [bob.email] } as const;
      await happen(app, event);
      const first = await state(sent.threadId);
      expect(first).toMatchObject({ status: 'active', targets: [bob.email] });
      expect(wall(first.nextAt).slice(0, 10)).toBe(wall(Date.parse(first.dripStartedAt) + 3 * DAY).slice(0, 10));
      expect(Date.parse(first.dripStartedAt)).toBeLessThan(app.clock.now().getTime() - HOUR / 2);
      await put(sent.threadId, { status: 'disabled' });
      await happen(app, event);
      expect((await state(sent.threadId)).status).toBe('disabled');
      expect((await app.call('GET', path, { as: alice.token })).body.convoId).toBe(sent.threadId);
      expect((await app.call('PUT', path, { as: alice.token, body: { ruleId: await rule() } })).status).toBe(409);
    });

    it('starts what the pane prepared for a draft by its tracking code, when that draft is sent by whatever program', async () => {
      const draft = await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'in-the-pane', ignoreNotFound: true }, body: { htmlText: '<p>An offer</p>', tracking: { opens: true, threadReplies: true } } });
      const code = draft.body.trackingCode as string;
      expect((await app.call('PUT', `/v1/followup/drafts/${code}`, { as: alice.token, body: { ruleId: await rule(), workingDays: true } })).status).toBe(200);
      const sent = await send({ body: draft.body.htmlBody });
      expect(await state(sent.threadId)).toMatchObject({ status: 'active', targets: [bob.email], rule: { name: 'Three' } });
      while (await toNextStep(app));
      expect(await received()).toHaveLength(4);
    });

    it('does not start what was answered before the news of its sending', async () => {
      await app.call('PUT', '/v1/followup/drafts/quickanswer123', { as: alice.token, body: { ruleId: await rule() } });
      const sent = await send();
      app.clock.advance(1000);
      await answer();
      await happen(app, { type: 'TrackedMailSent', accountId: alice.id, trackingId: 8, trackingCode: 'quickanswer123', messageId: sent.id, threadId: sent.threadId, internetMessageId: sent.submittedMessageId, recipients: [bob.email] });
      expect(await state(sent.threadId)).toMatchObject({ status: 'finished', stopReason: 'answered', dripResponder: bob.email });
    });
  });
});
