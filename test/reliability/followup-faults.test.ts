import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../server/deps.ts';
import { AppError } from '../../server/errors.ts';
import { sweep } from '../../server/features/followup/worker.service.ts';
import type { MailStore, Provider } from '../../server/providers/provider.ts';
import { createProviders } from '../../server/providers/registry.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { advanceTo, DAY, deliver, mime, moveTo, nextMonday, toNextStep } from '../support/followup.ts';

const MINUTE = 60_000;

describe('a follow-up step, when things break', () => {
  let app: TestApp;
  let alice: { token: string; id: number };
  let bob: { token: string };
  let threadId: string;
  let messageId: string;

  beforeEach(async () => {
    app = await createTestApp();
    const [a, b] = [await app.account({ email: 'alice@hosted.test' }), await app.account({ email: 'bob@hosted.test' })];
    alice = { token: a.token, id: a.account.id };
    bob = { token: b.token };
    await moveTo(app, nextMonday(app));
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: alice.token, body: { actions: [{ intervalDays: 1, message: 'one' }, { intervalDays: 1, message: 'two' }] } });
    const sent = await app.call('POST', '/v1/email/messages', { as: alice.token, body: { subject: 'Offer', body: 'x', to: [{ address: 'bob@hosted.test' }], followUp: { ruleId: rule.id } } });
    threadId = sent.body.threadId;
    await app.drain();
    const status = await state();
    messageId = status.steps[0].internetMessageId;
    advanceTo(app, Date.parse(status.nextAt));
  });
  afterEach(() => app.close());

  const state = async () => (await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: alice.token })).body;
  const put = (body: object) => app.call('PUT', `/v1/followup/conversations/${threadId}`, { as: alice.token, body });
  const received = async (): Promise<{ subject: string; internetMessageId: string }[]> => {
    await app.drain();
    return (await app.call('GET', '/v1/email/messages', { as: bob.token })).body.records.filter((m: { subject: string }) => m.subject === 'Re: Offer');
  };
  /** The server's parts with another provider in the place of the hosted one. */
  const withProvider = (change: (provider: Provider) => Partial<Provider>): Deps => {
    const hosted = app.deps.providers.of('Hosted');
    return { ...app.deps, providers: createProviders([{ ...hosted, ...change(hosted) }]) };
  };
  const withStore = (change: (store: MailStore) => Partial<MailStore>, exactlyOnceSend = true): Deps =>
    withProvider((p) => ({ capabilities: { ...p.capabilities, exactlyOnceSend }, mail: { ...p.mail, ...change(p.mail) } }));
  const breaksAfterSending = (store: MailStore): Partial<MailStore> => ({
    async send(...args) {
      await store.send(...args);
      throw new Error('the connection to the database broke');
    },
  });

  it('is not half sent: what breaks behind the message takes the message with it, and the next try is the same message', async () => {
    expect(await sweep(withStore(breaksAfterSending))).toBe(0);
    expect(await received()).toEqual([]);
    expect(await state()).toMatchObject({ status: 'active', dripLastNum: 0, steps: [{ state: 'planned' }, {}] });
    expect(await sweep(app.deps)).toBe(0);
    app.clock.advance(2 * MINUTE);
    expect(await sweep(app.deps)).toBe(1);
    expect(await sweep(app.deps)).toBe(0);
    expect((await received()).map((m) => m.internetMessageId)).toEqual([messageId]);
  });

  it('is given up after five tries, said so, and sent when the sender starts again', async () => {
    const broken = withStore(breaksAfterSending);
    for (let i = 0; i < 5; i++) {
      await sweep(broken);
      app.clock.advance(40 * MINUTE);
    }
    expect(await state()).toMatchObject({ status: 'failed', stopReason: 'failed', steps: [{ state: 'failed' }, { state: 'cancelled' }] });
    expect((await state()).dripError).not.toContain('database');
    expect((await put({ status: 'active' })).body).toMatchObject({ status: 'active', steps: [{ state: 'planned' }, { state: 'planned' }] });
    await toNextStep(app);
    expect((await received()).map((m) => m.internetMessageId)).toEqual([messageId]);
  });

  it('is given up at once where the mailbox refuses it, in the mailbox\'s words', async () => {
    await sweep(withStore(() => ({ send: () => Promise.reject(new AppError('policy.denied', 'This mailbox may not send today.')) })));
    expect(await state()).toMatchObject({ status: 'failed', stopReason: 'failed', dripError: 'This mailbox may not send today.' });
  });

  it('does not hold up the steps of others', async () => {
    const other = await app.account({ email: 'carol@hosted.test' });
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: other.token, body: { actions: [{ intervalDays: 0, message: 'fine' }] } });
    await app.call('POST', '/v1/email/messages', { as: other.token, body: { subject: 'Offer', body: 'x', to: [{ address: 'bob@hosted.test' }], followUp: { ruleId: rule.id } } });
    await app.drain();
    const deps = withStore((store) => ({
      send: (trx, mailbox, ...rest) => mailbox.email === 'alice@hosted.test' ? Promise.reject(new Error('broken')) : store.send(trx, mailbox, ...rest),
    }));
    expect(await sweep(deps)).toBe(1);
    expect(await received()).toHaveLength(1);
  });

  describe('over a provider that cannot promise to send exactly once', () => {
    const fails = (): Partial<MailStore> => ({ send: () => Promise.reject(new Error('connection reset')) });

    it('is sent once where nothing breaks', async () => {
      expect(await sweep(withStore(() => ({}), false))).toBe(1);
      expect(await sweep(withStore(() => ({}), false))).toBe(0);
      expect(await received()).toHaveLength(1);
      expect(await state()).toMatchObject({ status: 'active', dripLastNum: 1, steps: [{ state: 'sent' }, { state: 'planned' }] });
    });

    it('is in doubt where the connection broke and the sent folder does not know it; never sent again by itself', async () => {
      await sweep(withStore(fails, false));
      const doubtful = await state();
      expect(doubtful).toMatchObject({ status: 'failed', stopReason: 'inDoubt', steps: [{ state: 'inDoubt' }, { state: 'cancelled' }] });
      expect(doubtful.dripError).toContain('may have been sent');
      await moveTo(app, app.clock.now().getTime() + 10 * DAY);
      expect(await received()).toEqual([]);
      expect((await put({ status: 'active' })).body).toMatchObject({ status: 'active', steps: [{ state: 'inDoubt' }, { state: 'planned' }] });
      while (await toNextStep(app));
      expect((await received()).map((m) => m.internetMessageId)).not.toContain(messageId);
    });

    it('is taken for sent where the sent folder knows it', async () => {
      const found = { id: 'sent-1' };
      const deps = withStore((store) => ({ ...fails(), findByInternetMessageId: async (...args) => (args[1] === messageId ? { ...(await store.list(args[0], { includeTrashAndJunk: true, includeDrafts: false, body: false, limit: 1 })).messages[0]!, ...found } : undefined) }), false);
      await sweep(deps);
      expect(await state()).toMatchObject({ status: 'active', dripLastNum: 1, steps: [{ state: 'sent', messageId: 'sent-1' }, { state: 'planned' }] });
    });

    it('is in doubt where its process died in the attempt, and a late end of that attempt changes nothing', async () => {
      let began: () => void = () => {};
      let breakOff: (error: Error) => void = () => {};
      const inAttempt = new Promise<void>((done) => { began = done; });
      const attempt = new Promise<never>((_, reject) => { breakOff = reject; });
      // The look-up after the break is what hangs here: sending itself would hold this test's only connection.
      const stuck = sweep(withStore(() => ({ ...fails(), findByInternetMessageId: () => { began(); return attempt; } }), false));
      await inAttempt;
      expect((await state()).steps[0].state).toBe('sending');
      expect(await sweep(app.deps)).toBe(0);
      const later: Deps = { ...app.deps, clock: { now: app.clock.now, real: () => new Date(app.clock.real().getTime() + 11 * MINUTE) } };
      await sweep(later);
      expect(await state()).toMatchObject({ status: 'failed', stopReason: 'inDoubt' });
      await put({ status: 'active' });
      breakOff(new Error('still broken'));
      await stuck;
      expect(await state()).toMatchObject({ status: 'active', steps: [{ state: 'inDoubt' }, { state: 'planned' }] });
    });
  });
});

describe('answers and steps at the same moment', () => {
  it('send no step to anybody whose answer was accepted first, and none twice', async () => {
    const app = await createTestApp();
    const { account, token } = await app.account({ email: 'alice@hosted.test' });
    await moveTo(app, nextMonday(app));
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: token, body: { actions: [{ intervalDays: 1, message: 'one' }] } });
    const people = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
      const person = await app.account({ email: `p${i}@hosted.test` });
      const sent = await app.call('POST', '/v1/email/messages', { as: token, body: { subject: `Offer ${i}`, body: 'x', to: [{ address: `p${i}@hosted.test` }], followUp: { ruleId: rule.id } } });
      return { ...person, email: `p${i}@hosted.test`, threadId: sent.body.threadId as string, messageId: sent.body.submittedMessageId as string };
    }));
    await app.drain();
    advanceTo(app, app.clock.now().getTime() + DAY);
    const answer = ({ email, messageId }: (typeof people)[number]) =>
      deliver(app, account.email, email, mime({ 'From': email, 'To': account.email, 'Subject': 'Re', 'Message-ID': `<a.${email}>`, 'In-Reply-To': messageId }));
    const [early, racing, silent] = [people.slice(0, 4), people.slice(4, 7), people.slice(7)];
    await Promise.all(early.map(answer));
    await Promise.all([sweep(app.deps), sweep(app.deps), ...racing.map(answer), sweep(app.deps), app.drain(), sweep(app.deps)]);
    await app.drain();
    await sweep(app.deps);
    await app.drain();
    const outcome = async ({ threadId, token: theirs }: (typeof people)[number]) => {
      const status = (await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: token })).body;
      const steps = (await app.call('GET', '/v1/email/messages', { as: theirs })).body.records.filter((m: { subject: string }) => m.subject.startsWith('Re:')).length;
      expect(status.dripLastNum).toBe(steps);
      return { reason: status.stopReason, steps };
    };
    for (const person of early) expect(await outcome(person)).toEqual({ reason: 'answered', steps: 0 });
    for (const person of racing) expect([0, 1]).toContain((await outcome(person)).steps);
    for (const person of silent) expect(await outcome(person)).toEqual({ reason: 'completed', steps: 1 });
    await app.close();
  });
});
