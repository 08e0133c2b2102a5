import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageArrived } from '../../server/events/types.ts';
import type { DeliveryReport } from '../../server/lib/mime-report.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, codeAfter, emit, load, trackedMessage } from '../support/tracking.ts';

type Json = Record<string, unknown>;

describe('tracking of sent mail', () => {
  let app: TestApp;
  let alice: { email: string; token: string };
  let bob: { email: string; token: string };
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    const [a, b] = [await app.account(), await app.account({ name: 'Bob' })];
    alice = { email: a.account.email, token: a.token };
    bob = { email: b.account.email, token: b.token };
  });

  const send = async (message: Json, as = alice.token, query: Record<string, string | boolean> = {}) => {
    const sent = await app.call('POST', '/v1/email/messages', { as, query, body: { subject: 'Offer', to: [{ address: bob.email }], ...message } });
    await app.drain();
    return sent;
  };
  const newest = async (as: string): Promise<{ id: string; body: string; threadId: string; internetMessageId: string }> => {
    const { body } = await app.call('GET', '/v1/email/messages', { as });
    return (await app.call('GET', `/v1/email/messages/${body.records[0].id}`, { as })).body;
  };
  const tracking = async (id: string | number, as = alice.token) => (await app.call('GET', `/v1/email/tracking/${id}`, { as })).body;
  const eventsOf = async (id: string | number): Promise<Json[]> => (await app.call('GET', `/v1/email/tracking/${id}/events`, { as: alice.token })).body.records;

  it('puts pixel, opt-out line and tracked links into the recipient\'s copy and leaves the sent copy clean', async () => {
    const html = '<p>Hi, see <a href="https://shop.test/price">Pricing</a>, <a href="mailto:a@b.test">write</a>.</p>';
    const sent = await send({ body: html, tracking: { opens: true, links: true, threadReplies: true, context: 'deal 7' } });
    expect(sent.body).toMatchObject({ status: 'Ok', trackingId: expect.stringMatching(/^\d+$/), processingStatus: 'Ok' });
    const delivered = (await newest(bob.token)).body;
    const link = codeAfter(delivered, '/l/');
    expect(delivered).toContain(`<img src="${app.url}/t/${codeAfter(delivered, '/t/')}.gif" width="1" height="1" alt="">`);
    expect(delivered).toContain(`<a href="${app.url}/l/${link}">Pricing</a>, <a href="mailto:a@b.test">write</a>`);
    expect(delivered).toContain(`${app.url}/o/${codeAfter(delivered, '/t/')}`);
    expect((await app.call('GET', `/v1/email/messages/${sent.body.id}`, { as: alice.token })).body.body).toBe(html);
    expect(await tracking(sent.body.trackingId)).toMatchObject({
      messageId: sent.body.id, threadId: sent.body.threadId, inetMessageId: sent.body.submittedMessageId, subject: 'Offer', recipients: [bob.email],
      context: 'deal 7', trackOpens: true, trackLinks: true, trackReplies: true, openCount: 0, hasBounced: false, trackingCode: codeAfter(delivered, '/t/'),
    });
    expect(await eventsOf(sent.body.trackingId)).toMatchObject([{ eventType: 'initial', trackingMessageId: sent.body.id }]);
  });

  it('follows replies only in plain text mail, which has no place for a pixel', async () => {
    const sent = await send({ body: 'plain', tracking: { opens: true, links: true, threadReplies: true } }, alice.token, { bodyType: 'text' });
    expect(await tracking(sent.body.trackingId)).toMatchObject({ trackOpens: false, trackLinks: false, trackReplies: true });
  });

  it('tracks nothing where nothing is asked', async () => {
    expect((await send({ body: '<p>x</p>' })).body.trackingId).toBeUndefined();
    expect((await send({ body: '<p>x</p>', tracking: { opens: false } })).body.trackingId).toBeUndefined();
  });

  it('records the answer to a tracked message, once, and nothing for what is not an answer', async () => {
    const sent = await send({ body: '<p>x</p>', tracking: { threadReplies: true } });
    const got = await newest(bob.token);
    // The sender's own second message in the thread is no answer.
    await app.call('POST', `/v1/email/messages/${sent.body.id}/reply`, { as: alice.token, query: { replyAll: true }, body: { body: '<p>and one more</p>', to: [{ address: bob.email }] } });
    await app.drain();
    expect((await tracking(sent.body.trackingId)).lastRespondedTime).toBeUndefined();
    await send({ subject: 'Out of office', body: '<p>away</p>', to: [{ address: alice.email }], inReplyTo: got.internetMessageId, xHeaders: [{ name: 'X-Autoreply', value: 'yes' }] }, bob.token);
    expect((await tracking(sent.body.trackingId)).lastRespondedTime).toBeUndefined();
    await send({ subject: 'Re: Offer', body: '<p>yes</p>', to: [{ address: alice.email }], inReplyTo: got.internetMessageId, references: got.internetMessageId }, bob.token);
    const answered = await tracking(sent.body.trackingId);
    expect(Date.parse(answered.lastRespondedTime)).toBeGreaterThan(Date.parse(answered.sendDate) - 1000);
    expect((await eventsOf(sent.body.trackingId)).filter((e) => e.eventType === 'reply')).toMatchObject([{ recipient: bob.email, trackingInternetMessageId: sent.body.submittedMessageId }]);
    expect(answered.lastEvent).toMatchObject({ eventType: 'reply' });
  });

  it('records one bounce where the queue gives up and its report arrives too', async () => {
    const sent = await send({ body: '<p>x</p>', to: [{ address: 'nobody@hosted.test' }], tracking: { opens: true, threadReplies: true } });
    await app.drain();
    const summary = await tracking(sent.body.trackingId);
    expect(summary).toMatchObject({ hasBounced: true });
    expect(summary.lastRespondedTime).toBeUndefined();
    expect((await eventsOf(sent.body.trackingId)).filter((e) => e.eventType === 'replyBounce')).toMatchObject([{ recipient: 'nobody@hosted.test' }]);
  });

  describe('by what a message says of itself', () => {
    type Arrived = Partial<MessageArrived>;
    let n = 0;
    const arrive = (accountId: number, change: Arrived) => emit(app, {
      type: 'MessageArrived', accountId, messageId: `in${++n}`, threadId: 'none', internetMessageId: `<in${n}@x>`, inReplyTo: null, references: [],
      from: 'buyer@x.test', subject: 'Re: Offer', receivedAt: app.clock.now().toISOString(), folder: 'inbox', automatic: 'no', awayUntil: null, report: null, calendar: false, ...change,
    });
    const report = (change: Partial<DeliveryReport>): DeliveryReport => ({ action: 'failed', recipient: 'gone@x.test', status: '5.1.1', diagnostic: 'no such user', originalMessageId: null, ...change });
    const typesOf = async (id: number) => (await eventsOf(id)).map((e) => e.eventType).filter((type) => type !== 'initial');
    let account: number;
    beforeEach(async () => {
      account = (await app.deps.db.selectFrom('accounts').select('id').where('email', '=', alice.email).executeTakeFirstOrThrow()).id;
    });

    it('finds the answered message by In-Reply-To, then the nearest reference, then the conversation', async () => {
      const [first, second, third] = [await trackedMessage(app, alice.token, { draftId: 'f1' }), await trackedMessage(app, alice.token, { draftId: 'f2' }), await trackedMessage(app, alice.token, { draftId: 'f3', ids: { messageId: 'm', threadId: 'conv' } })];
      await arrive(account, { inReplyTo: '<f1@hosted.test>', references: ['<f2@hosted.test>'], threadId: 'conv' });
      await arrive(account, { inReplyTo: '<unknown@x>', references: ['<f1@hosted.test>', '<f2@hosted.test>', '<else@x>'], threadId: 'conv' });
      await arrive(account, { threadId: 'conv' });
      expect(await Promise.all([first, second, third].map(({ id }) => typesOf(id)))).toEqual([['reply'], ['reply'], ['reply']]);
    });

    it('passes over a message whose replies are not followed for the one before it', async () => {
      const followed = await trackedMessage(app, alice.token, { draftId: 'g1', ids: { messageId: 'a', threadId: 'conv2', internetMessageId: '<g1@x>' } });
      const opensOnly = await trackedMessage(app, alice.token, { draftId: 'g2', tracking: { threadReplies: false }, ids: { messageId: 'b', threadId: 'conv2', internetMessageId: '<g2@x>' } });
      await arrive(account, { inReplyTo: '<g2@x>', references: ['<g1@x>', '<g2@x>'] });
      await arrive(account, { threadId: 'conv2' });
      expect([await typesOf(followed.id), await typesOf(opensOnly.id)]).toEqual([['reply', 'reply'], []]);
    });

    it('takes vacation answers, notices and own messages for no answer', async () => {
      const message = await trackedMessage(app, alice.token, { draftId: 'h1' });
      for (const change of [{ automatic: 'vacation' }, { automatic: 'other' }, { from: alice.email }] as const) await arrive(account, { ...change, inReplyTo: '<h1@hosted.test>' });
      expect(await typesOf(message.id)).toEqual([]);
    });

    it('takes a failed report for a bounce and a delayed one for none; a report of our queue and by mail is one bounce', async () => {
      const message = await trackedMessage(app, alice.token, { draftId: 'k1', ids: { messageId: 'k', threadId: 'conv3', internetMessageId: '<k1@x>' } });
      await arrive(account, { automatic: 'other', report: report({ action: 'delayed', originalMessageId: '<k1@x>' }) });
      expect(await typesOf(message.id)).toEqual([]);
      await emit(app, { type: 'DeliveryFailed', accountId: account, messageId: 'k', internetMessageId: '<k1@x>', recipient: 'gone@x.test', diagnostic: '550 no such user' });
      await arrive(account, { automatic: 'other', report: report({ originalMessageId: 'k1@x' }) });
      expect(await typesOf(message.id)).toEqual(['replyBounce']);
      await arrive(account, { automatic: 'other', threadId: 'conv3', report: report({ recipient: 'other@x.test' }) });
      expect((await eventsOf(message.id)).slice(1).map((e) => [e.recipient, e.detail])).toEqual([['gone@x.test', '550 no such user'], ['other@x.test', '5.1.1 no such user']]);
      expect(await tracking(message.id)).toMatchObject({ hasBounced: true });
      expect((await tracking(message.id)).lastRespondedTime).toBeUndefined();
    });
  });

  it('ties a draft that the pane prepared to the message that any client sends with its code', async () => {
    const made = (await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'outlook-1', ignoreNotFound: true }, body: { tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0 } } })).body;
    expect(made.htmlBody).toBeUndefined();
    expect(made.pixelHtml.length).toBeLessThan(1000);
    expect((await app.call('GET', '/v1/email/tracking', { as: alice.token })).body.totalSize).toBe(0);
    expect((await app.call('GET', '/v1/email/tracking', { as: alice.token, query: { showSentOnly: false } })).body.totalSize).toBe(1);
    const sent = await send({ body: `<p>Hello</p>${made.pixelHtml}` });
    expect(await tracking(made.trackingId)).toMatchObject({ messageId: sent.body.id, threadId: sent.body.threadId, subject: 'Offer', recipients: [bob.email] });
    const bound = await app.deps.db.selectFrom('outbox').select('payload').where('type', '=', 'TrackedMailSent').execute();
    expect(bound.filter((e) => (e.payload as Json).trackingCode === made.trackingCode)).toMatchObject([{ payload: { messageId: sent.body.id, recipients: [bob.email] } }]);
    await load(app, `/t/${codeAfter((await newest(bob.token)).body, '/t/')}.gif`, AGENTS.outlook);
    expect((await tracking(made.trackingId)).openCount).toBe(1);
  });

  it('completes what a client told of the send by what the server knows of it', async () => {
    const made = (await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'outlook-3', ignoreNotFound: true }, body: { tracking: { opens: true } } })).body;
    await app.call('PATCH', '/v1/email/draftTracking/outlook-3/convert', { as: alice.token, body: { messageId: 'AAMkOutlook=' } });
    const sent = await send({ body: made.pixelHtml });
    expect(await tracking(made.trackingId)).toMatchObject({ messageId: sent.body.id, threadId: sent.body.threadId, inetMessageId: sent.body.submittedMessageId });
    await send({ subject: 'Later', body: `<p>as I wrote</p><blockquote>${made.pixelHtml}</blockquote>` });
    expect(await tracking(made.trackingId)).toMatchObject({ messageId: sent.body.id, subject: 'Offer' });
    expect((await eventsOf(made.trackingId)).filter((e) => e.eventType === 'initial')).toHaveLength(1);
  });

  it('ties a draft without a pixel by the header that the pane sets', async () => {
    const made = (await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'outlook-2', ignoreNotFound: true }, body: { tracking: { threadReplies: true } } })).body;
    expect([made.pixelHtml, made.optOutHtml, made.trackOpens]).toEqual(['', '', false]);
    const sent = await send({ body: 'text only', xHeaders: [{ name: 'X-Sundial-Id', value: made.trackingCode }] }, alice.token, { bodyType: 'text' });
    expect(await tracking(made.trackingId)).toMatchObject({ messageId: sent.body.id });
  });

  it('takes old pixels out of the quote of an answer, so that they do not report its readers', async () => {
    await send({ body: '<p>first</p>', tracking: { opens: true } });
    const quoted = (await newest(bob.token)).body;
    await send({ body: `<p>second</p><blockquote>${quoted}</blockquote>` });
    const second = (await newest(bob.token)).body;
    await send({ body: `<p>answer</p><blockquote>${quoted}</blockquote>`, to: [{ address: alice.email }] }, bob.token);
    for (const [delivered, text] of [[second, 'second'], [(await newest(alice.token)).body, 'answer']] as const) {
      expect(delivered).toContain(text);
      expect(delivered).not.toContain('/t/');
    }
  });

  it('tracks a draft when it is sent', async () => {
    const draft = (await app.call('POST', '/v1/email/drafts', { as: alice.token, body: { subject: 'D', body: '<p>draft</p>', to: [{ address: bob.email }] } })).body;
    const made = await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: draft.id }, body: { htmlText: '<p>draft</p>', tracking: { opens: true } } });
    expect(made.status).toBe(200);
    const sent = await app.call('POST', `/v1/email/drafts/${draft.id}/send`, { as: alice.token, body: { tracking: { opens: true } } });
    await app.drain();
    expect(sent.body).toMatchObject({ status: 'Ok', trackingId: expect.stringMatching(/^\d+$/) });
    expect((await newest(bob.token)).body).toContain('/t/');
  });

  it('marks the sender\'s own opens by program and network when he asks, and deletes nothing', async () => {
    const message = await trackedMessage(app, alice.token);
    await load(app, `/t/${message.code}.gif`, AGENTS.chrome);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    expect((await tracking(message.id)).openCount).toBe(2);
    expect((await app.call('POST', '/v1/email/tracking/purgeMyTracking', { as: alice.token, headers: { 'user-agent': AGENTS.chrome } })).body).toEqual({ status: 'Ok' });
    expect(await tracking(message.id)).toMatchObject({ openCount: 1, notCounted: 1 });
    expect((await eventsOf(message.id)).filter((e) => e.eventType === 'open').map((e) => [e.verdict, e.openNumber])).toEqual([['self', 1], ['human', 2]]);
  });

  it('takes loads within five seconds of viewing a sent copy with a pixel for the sender\'s, before and after', async () => {
    const message = await trackedMessage(app, alice.token, { ids: { threadId: 'T1', internetMessageId: '<v@x>' } });
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    app.clock.advance(3000);
    await app.call('POST', '/v1/email/tracking/viewing', { as: alice.token, body: { internetMessageId: 'v@x' } });
    app.clock.advance(4000);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    app.clock.advance(4000);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    expect((await eventsOf(message.id)).flatMap((e) => e.verdict ?? [])).toEqual(['self', 'self', 'human']);
  });

  it('knows the sender\'s own browser by the mark that it got over https, and nobody else\'s', async () => {
    const secured = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const [me, other] = [(await secured.account()).token, (await secured.account()).token];
    const purge = (as: string, proto: string) => secured.call('POST', '/v1/email/tracking/purgeMyTracking', { as, headers: { 'user-agent': AGENTS.chrome, 'x-forwarded-proto': proto } });
    expect((await purge(me, 'http')).headers.get('set-cookie')).toBeNull();
    const mark = (await purge(me, 'https')).headers.get('set-cookie')!;
    for (const part of ['Path=/t/', 'HttpOnly', 'Secure', 'SameSite=None', 'Partitioned']) expect(mark).toContain(part);
    const cookie = mark.split(';')[0]!;
    const [mine, foreign] = [await trackedMessage(secured, me), await trackedMessage(secured, other)];
    for (const header of [cookie, `${cookie}x`, 'sundial-viewer=%']) {
      for (const { code } of [mine, foreign]) expect((await load(secured, `/t/${code}.gif`, AGENTS.chrome, { cookie: header })).status).toBe(200);
    }
    expect((await secured.call('GET', `/v1/email/tracking/${mine.id}`, { as: me })).body).toMatchObject({ openCount: 2, notCounted: 1 });
    expect((await secured.call('GET', `/v1/email/tracking/${foreign.id}`, { as: other })).body).toMatchObject({ openCount: 3, notCounted: 0 });
    await secured.close();
  });

  it('stops and resumes recording with ignoreOpenClicks', async () => {
    const message = await trackedMessage(app, alice.token, { ids: { messageId: 'M9', internetMessageId: '<i9@x>' } });
    const ignore = (isIgnored: boolean, query: Record<string, string>) => app.call('POST', '/v1/email/tracking/ignoreOpenClicks', { as: alice.token, query: { ...query, isIgnored } });
    expect((await ignore(true, { messageId: 'M9' })).body).toEqual({ status: 'Ok' });
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    expect(await tracking(message.id)).toMatchObject({ openCount: 0, ignoreOpenClicks: true });
    await ignore(false, { inetMessageId: '<i9@x>' });
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    expect(await tracking(message.id)).toMatchObject({ openCount: 1, ignoreOpenClicks: false });
    expect((await ignore(true, { messageId: 'other' })).status).toBe(404);
    expect((await ignore(true, {})).body).toMatchObject({ code: 'request.invalid', field: 'messageId' });
  });

  it('lists by activity, context, thread and message, newest first, in pages', async () => {
    const first = await trackedMessage(app, alice.token, { tracking: { context: 'deal 1%' }, ids: { threadId: 'T', messageId: 'A', internetMessageId: '<A@x>' } });
    app.clock.advance(1000);
    const second = await trackedMessage(app, alice.token, { tracking: { context: 'deal 2' }, ids: { threadId: 'T', messageId: 'B' } });
    app.clock.advance(1000);
    const third = await trackedMessage(app, alice.token, { ids: { threadId: 'U' } });
    await load(app, `/t/${second.code}.gif`, AGENTS.apple);
    const list = async (query: Record<string, string | number | boolean>) => {
      const { body } = await app.call('GET', '/v1/email/tracking', { as: alice.token, query });
      return { ids: body.records.map((r: { id: number }) => r.id), done: body.done, total: body.totalSize };
    };
    expect((await list({})).ids).toEqual([third.id, second.id, first.id]);
    expect(await list({ limit: 2 })).toEqual({ ids: [third.id, second.id], done: false, total: 3 });
    expect(await list({ limit: 2, offset: 2 })).toEqual({ ids: [first.id], done: true, total: 3 });
    expect((await list({ withActivityOnly: true })).ids).toEqual([second.id]);
    expect((await list({ contextContains: '1%' })).ids).toEqual([first.id]);
    expect((await list({ threadId: 'T' })).ids).toEqual([second.id, first.id]);
    expect((await list({ internetMessageId: '<A@x>' })).ids).toEqual([first.id]);
    expect((await list({ messageId: 'B' })).ids).toEqual([second.id]);
    expect((await list({ trackingCode: third.code })).ids).toEqual([third.id]);
  });

  it('pages events with `from` exclusive and `to` inclusive', async () => {
    const message = await trackedMessage(app, alice.token, { ids: { threadId: 'E' } });
    const at: string[] = [];
    for (let i = 0; i < 3; i++) {
      app.clock.advance(60_000);
      await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    }
    for (const event of await eventsOf(message.id)) if (event.eventType === 'open') at.push(String(event.createdAt));
    const { body } = await app.call('GET', '/v1/email/tracking/events', { as: alice.token, query: { from: at[0]!, to: at[2]!, threadId: 'E' } });
    expect(body.records.map((e: Json) => e.createdAt)).toEqual([at[1], at[2]]);
    expect((await app.call('GET', '/v1/email/tracking/events', { as: alice.token, query: { newestFirst: true, limit: 1 } })).body).toMatchObject({ totalSize: 4, done: false, records: [{ createdAt: at[2], openNumber: 3 }] });
    expect((await app.call('GET', '/v1/email/tracking/events', { as: alice.token, query: { from: 'yesterday' } })).body).toMatchObject({ code: 'request.invalid', field: 'from' });
  });

  it('is 404 for another account, 401 without credentials and 403 with too small a scope', async () => {
    const message = await trackedMessage(app, alice.token, { draftId: 'mine' });
    const [event] = await eventsOf(message.id);
    const single = await app.call('GET', `/v1/email/tracking/${message.id}/events/${String(event!.id)}`, { as: alice.token });
    expect(single.body).toMatchObject({ id: event!.id, eventType: 'initial', trackingCode: message.code });
    for (const path of [`/v1/email/tracking/${message.id}`, `/v1/email/tracking/${message.id}/events`, `/v1/email/tracking/${message.id}/events/${String(event!.id)}`]) {
      expect((await app.call('GET', path, { as: bob.token })).status).toBe(404);
      expect((await app.call('GET', path)).status).toBe(401);
    }
    expect((await app.call('PATCH', '/v1/email/draftTracking/mine', { as: bob.token, body: { context: 'x' } })).status).toBe(404);
    expect((await app.call('PATCH', '/v1/email/draftTracking/mine/convert', { as: bob.token, body: {} })).status).toBe(404);
    expect((await app.call('PATCH', '/v1/email/draftTracking/mine', { as: alice.token, body: { context: 'new' } })).body).toEqual({ status: 'Ok' });
    expect((await tracking(message.id)).context).toBe('new');
    const { token: calendarOnly } = await app.account({ scopes: ['Calendar.Read'] });
    expect((await app.call('GET', '/v1/email/tracking', { as: calendarOnly })).body.code).toBe('scope.missing');
    expect((await app.call('GET', '/v1/email/tracking/stream', { as: calendarOnly })).status).toBe(403);
  });

  it('keeps the code of a draft that is prepared again and tracks only the links that are new', async () => {
    const create = (htmlText: string, extra: Json = {}) => app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: 'again', ignoreNotFound: true }, body: { htmlText, tracking: { opens: true, links: true }, ...extra } });
    const first = (await create('<a href="https://a.test/">A</a>')).body;
    const second = (await create(first.htmlBody.replace('</a>', '</a><a href="https://b.test/">B</a>'))).body;
    expect([second.trackingCode, second.trackingId]).toEqual([first.trackingCode, first.trackingId]);
    expect(second.linkCodes.map((l: Json) => l.url)).toEqual(['https://a.test/', 'https://b.test/']);
    expect(second.linkCodes[0].code).toBe(first.linkCodes[0].code);
    expect(second.htmlBody.match(/\/t\//g)).toHaveLength(1);
    expect(second.htmlBody.match(/\/o\//g)).toHaveLength(1);
    const bare = (await create('<a href="https://c.test/">C</a>', { linksOnly: true })).body;
    expect(bare.htmlBody).not.toContain('/t/');
    expect(bare.htmlBody).toContain('/l/');
  });

  it('answers 404 for a draft that is not there, unless told to go on', async () => {
    const answer = await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId: '999999' }, body: { tracking: { opens: true } } });
    expect(answer.body.code).toBe('notFound');
  });
});
