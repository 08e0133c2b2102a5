import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

type Json = Record<string, unknown>;

describe('what recipients and the organisation decide', () => {
  let app: TestApp;
  let alice: { id: number; email: string; token: string };
  let bob: { email: string; token: string };
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    const [a, b] = [await app.account(), await app.account({ name: 'Bob' })];
    alice = { id: a.account.id, email: a.account.email, token: a.token };
    bob = { email: b.account.email, token: b.token };
  });

  const send = async (to: string[], tracking: Json = {}) => {
    const sent = await app.call('POST', '/v1/email/messages', { as: alice.token, body: { subject: 'Offer', body: '<p><a href="https://a.test/">A</a></p>', to: to.map((address) => ({ address })), tracking: { opens: true, links: true, threadReplies: true, trackOpensAfterSendDelay: 0, ...tracking } } });
    await app.drain();
    return sent.body;
  };
  const tracking = async (id: string | number) => (await app.call('GET', `/v1/email/tracking/${id}`, { as: alice.token })).body;
  const optOut = (code: string) => app.call('POST', `/o/${code}`, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' });

  describe('the opt-out page', () => {
    it('only asks on GET, in the reader\'s language, without script, framed by nobody', async () => {
      const { trackingId } = await send([bob.email]);
      const { trackingCode } = await tracking(trackingId);
      const page = await app.call('GET', `/o/${trackingCode}`, { headers: { 'accept-language': 'nl, de-AT;q=0.9, en;q=0.5' } });
      expect(page.status).toBe(200);
      expect(page.body).toContain('<html lang="de">');
      expect(page.body).toContain('<form method="post"><button type="submit">');
      expect(page.body).not.toContain('<script');
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      await load(app, `/t/${trackingCode}.gif`, AGENTS.outlook);
      expect(await tracking(trackingId)).toMatchObject({ openCount: 1, optedOut: false });
    });

    it('says the same of unknown codes', async () => {
      const { trackingId } = await send([bob.email]);
      const { trackingCode } = await tracking(trackingId);
      const [known, unknown] = [await app.call('GET', `/o/${trackingCode}`), await app.call('GET', `/o/${'A'.repeat(22)}`)];
      expect(unknown.body).toBe(known.body);
      expect((await optOut('A'.repeat(22))).body).toBe((await optOut(trackingCode)).body);
    });

    it('is opened by the very code alone, and repeats nothing of what it was asked', async () => {
      const { trackingId } = await send([bob.email]);
      const { trackingCode } = await tracking(trackingId);
      const swapped = [...trackingCode].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('');
      const asked = [String(trackingId), swapped, trackingCode.slice(0, -1), `${trackingCode}A`, `${trackingCode}%00`, `${trackingCode}%20`, `%20${trackingCode}`, `x%0d%0aSet-Cookie:%20a=b`, '%3Cscript%3Ealert(1)%3C%2Fscript%3E', '..%2f..%2ft', '__proto__', 'constructor'];
      for (const code of asked) {
        for (const [method, body, type] of [['GET', undefined, undefined], ['POST', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'], ['POST', `code=${trackingCode}&email=${bob.email}`, 'application/x-www-form-urlencoded']] as const) {
          const answer = await app.call(method, `/o/${code}?code=${trackingCode}&email=%3Cb%3E`, { headers: { ...(type ? { 'content-type': type } : {}), 'x-original-url': `/o/${trackingCode}` }, ...(body === undefined ? {} : { body }) });
          const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
          expect([code, answer.status < 500, said.includes('<script'), said.includes(bob.email), said.includes('<b>'), answer.headers.get('set-cookie')]).toEqual([code, true, false, false, false, null]);
        }
      }
      expect(await tracking(trackingId)).toMatchObject({ optedOut: false });
      await optOut(trackingCode);
      expect(await tracking(trackingId)).toMatchObject({ optedOut: true });
    });
  });

  it('stops recording for all mail from this sender to the only recipient, sent and to come', async () => {
    const earlier = await send([bob.email]);
    const withOthers = await send([bob.email, 'carol@elsewhere.test']);
    const message = await send([bob.email]);
    const { trackingCode } = await tracking(message.trackingId);
    const done = await optOut(trackingCode);
    expect([done.status, done.body.includes('<h1>Nothing more is recorded</h1>')]).toEqual([200, true]);
    for (const { trackingId } of [earlier, withOthers, message]) {
      const { trackingCode: code } = await tracking(trackingId);
      await load(app, `/t/${code}.gif`, AGENTS.outlook);
      expect(await tracking(trackingId)).toMatchObject({ openCount: 0, optedOut: true });
    }
    const later = await send([bob.email]);
    expect(await tracking(later.trackingId)).toMatchObject({ trackOpens: false, trackLinks: false, trackReplies: true, optedOut: true });
    const toOthers = await send(['dora@elsewhere.test']);
    expect(await tracking(toOthers.trackingId)).toMatchObject({ trackOpens: true, optedOut: false });
    const events = await app.deps.db.selectFrom('outbox').select('payload').where('type', '=', 'RecipientOptedOut').where('account_id', '=', alice.id).execute();
    expect(events.map((e) => e.payload)).toEqual([{ type: 'RecipientOptedOut', accountId: alice.id, email: bob.email, trackingId: Number(message.trackingId) }]);
    await optOut(trackingCode);
    expect(await app.deps.db.selectFrom('outbox').select('id').where('type', '=', 'RecipientOptedOut').where('account_id', '=', alice.id).execute()).toHaveLength(1);
  });

  it('stops only the message itself where several people got it, and leaves its links working', async () => {
    const message = await send([bob.email, 'carol@elsewhere.test']);
    const { trackingCode } = await tracking(message.trackingId);
    await optOut(trackingCode);
    const [link] = await app.deps.db.selectFrom('tracking_links').select('code').where('tracking_id', '=', Number(message.trackingId)).execute();
    expect((await load(app, `/l/${link!.code}`, AGENTS.chrome)).headers.get('location')).toBe('https://a.test/');
    expect(await tracking(message.trackingId)).toMatchObject({ clickCount: 0, optedOut: true });
    expect(await tracking((await send([bob.email])).trackingId)).toMatchObject({ trackOpens: true });
  });

  it('holds for drafts that Outlook sends: their code is withdrawn when the recipient is known', async () => {
    const { trackingCode } = await tracking((await send([bob.email])).trackingId);
    await optOut(trackingCode);
    const made = (await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'd', ignoreNotFound: true }, body: { tracking: { opens: true, trackOpensAfterSendDelay: 0 } } })).body;
    await app.call('POST', '/v1/email/messages', { as: alice.token, body: { subject: 'x', body: made.pixelHtml, to: [{ address: bob.email }] } });
    await app.drain();
    await load(app, `/t/${made.trackingCode}.gif`, AGENTS.outlook);
    expect(await tracking(made.trackingId)).toMatchObject({ optedOut: true, openCount: 0 });
  });

  describe('the organisation\'s policy', () => {
    const set = (policy: string) => app.call('PUT', '/v1/email/tracking/policy', { basic: true, body: { policy } });
    const create = () => app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'p', ignoreNotFound: true }, body: { htmlText: '<a href="https://a.test/">A</a>', tracking: { opens: true, links: true } } });
    afterAll(() => set('on'));

    it('is on at first, told to accounts, and set with the application\'s secret only', async () => {
      expect((await app.call('GET', '/v1/email/tracking/policy', { as: alice.token })).body).toEqual({ policy: 'on', trackNewMessages: false, retentionMonths: 12 });
      expect((await app.call('PUT', '/v1/email/tracking/policy', { body: { policy: 'off' } })).status).toBe(401);
      expect((await app.call('PUT', '/v1/email/tracking/policy', { as: alice.token, body: { policy: 'off' } })).status).toBeGreaterThanOrEqual(401);
      expect((await app.call('GET', '/v1/email/tracking/policy', { as: alice.token })).body.policy).toBe('on');
      expect((await set('sometimes')).body).toMatchObject({ code: 'request.invalid', field: 'policy' });
    });

    it('repliesOnly keeps replies and puts nothing into the message', async () => {
      await set('repliesOnly');
      expect((await create()).body).toMatchObject({ policy: 'repliesOnly', trackOpens: false, trackLinks: false, trackReplies: true, pixelHtml: '', htmlBody: '<a href="https://a.test/">A</a>' });
      expect(await tracking((await send([bob.email])).trackingId)).toMatchObject({ trackOpens: false, trackLinks: false, trackReplies: true });
    });

    it('off refuses to prepare a draft; mail that asks for tracking goes out without it and says so', async () => {
      await set('off');
      expect([(await create()).status, (await create()).body.code]).toEqual([403, 'policy.denied']);
      expect(await send([bob.email])).toMatchObject({ status: 'Ok', processingStatus: 'Incomplete', processingError: { failedSteps: ['tracking'] } });
      expect((await app.call('GET', '/v1/email/messages', { as: bob.token })).body.records).toHaveLength(1);
    });
  });

  describe('forgetting', () => {
    it('deletes the account\'s tracking data, while links in mail already sent go on leading where they led', async () => {
      const message = await trackedMessage(app, alice.token, { html: '<a href="https://a.test/">A</a>', tracking: { links: true } });
      const other = await trackedMessage(app, bob.token);
      await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
      expect((await app.call('DELETE', '/v1/email/tracking', { as: alice.token })).body).toEqual({ status: 'Ok' });
      expect((await app.call('GET', '/v1/email/tracking', { as: alice.token, query: { showSentOnly: false } })).body.totalSize).toBe(0);
      expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: alice.token })).status).toBe(404);
      expect((await load(app, `/l/${message.links[0]!.code}`, AGENTS.chrome)).headers.get('location')).toBe('https://a.test/');
      expect((await load(app, `/t/${message.code}.gif`, AGENTS.outlook)).status).toBe(200);
      const left = await app.deps.db.selectFrom('tracking_events').select('id').where('tracking_id', '=', message.id).execute();
      expect(left).toEqual([]);
      expect((await app.call('GET', `/v1/email/tracking/${other.id}`, { as: bob.token })).status).toBe(200);
    });

    it('removes events after twelve months and brings the counts to what is left', async () => {
      const message = await trackedMessage(app, alice.token);
      await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
      expect((await tracking(message.id)).openCount).toBe(1);
      app.clock.advance(370 * 86_400_000);
      await load(app, `/t/${message.code}.gif`, AGENTS.gmail);
      const { forgetOldEvents } = await import('../../server/features/tracking/jobs.ts');
      await forgetOldEvents.handler(app.deps, {}, { jobId: 'x', signal: new AbortController().signal });
      const { body } = await app.call('GET', `/v1/email/tracking/${message.id}/events`, { as: alice.token });
      expect(body.records.map((e: Json) => e.client)).toEqual(['Gmail']);
      expect((await tracking(message.id)).openCount).toBe(1);
      app.clock.advance(370 * 86_400_000);
      await forgetOldEvents.handler(app.deps, {}, { jobId: 'x', signal: new AbortController().signal });
      expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: alice.token })).status).toBe(404);
      expect(await app.deps.db.selectFrom('tracking').select('id').where('id', '=', message.id).execute()).toEqual([]);
    });

    it('happens too when the account is removed', async () => {
      const message = await trackedMessage(app, alice.token, { html: '<a href="https://a.test/">A</a>', tracking: { links: true, context: 'secret' } });
      await app.deps.db.deleteFrom('accounts').where('id', '=', alice.id).execute();
      const { transaction } = await import('../../server/db/db.ts');
      await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, { type: 'AccountRemoved', accountId: alice.id }));
      await app.drain();
      const row = await app.deps.db.selectFrom('tracking').select(['context', 'account_id', 'message_id']).where('id', '=', message.id).executeTakeFirst();
      expect(row).toEqual({ context: null, account_id: null, message_id: null });
      expect((await load(app, `/l/${message.links[0]!.code}`, AGENTS.chrome)).status).toBe(302);
    });
  });
});
