import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

/** What Outlook's event on Send tells: no identity, only the token that came with the prepared draft. */
describe('a report that a draft is being sent', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account({ email: 'ann@hosted.test' }));
  });
  afterAll(() => app.close());

  const prepare = async (draftId: string) =>
    (await app.call('POST', '/v1/email/draftTracking/create', { as: token, query: { draftId, ignoreNotFound: true }, body: { tracking: { opens: true, threadReplies: true } } })).body;
  const report = (body: unknown) => app.call('POST', '/v1/email/tracking/sent', { body });
  const tracking = async (id: string) => (await app.call('GET', `/v1/email/tracking/${id}`, { as: token })).body;
  const events = async (id: string) => (await app.call('GET', `/v1/email/tracking/${id}/events`, { as: token })).body.records;

  it('makes the message known as sent, with its subject and its people', async () => {
    const draft = await prepare('d1');
    expect((await app.call('GET', '/v1/email/tracking', { as: token })).body.records).toEqual([]);
    expect(await report({ reportToken: draft.reportToken, subject: 'Offer', recipients: ['Buyer@Shop.test', 'buyer@shop.test', '/o=Org/cn=Colleague'] })).toMatchObject({ status: 200, body: { status: 'Ok' } });
    const [sent] = (await app.call('GET', '/v1/email/tracking', { as: token })).body.records;
    expect(sent).toMatchObject({ trackingCode: draft.trackingCode, subject: 'Offer', recipients: ['buyer@shop.test'] });
    expect(await events(draft.trackingId)).toMatchObject([{ eventType: 'initial' }]);
  });

  it('may come again: the first attempt was given up, and the message leaves now', async () => {
    const draft = await prepare('d2');
    await report({ reportToken: draft.reportToken });
    const first = (await tracking(draft.trackingId)).sendDate;
    app.clock.advance(3_600_000);
    await report({ reportToken: draft.reportToken, subject: 'Now' });
    const second = await tracking(draft.trackingId);
    expect(Date.parse(second.sendDate) - Date.parse(first)).toBeGreaterThanOrEqual(3_600_000);
    expect(await events(draft.trackingId)).toMatchObject([{ eventType: 'initial', createdAt: second.sendDate }]);
  });

  it('changes nothing once the mailbox has told which message it is', async () => {
    const draft = await prepare('d3');
    await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'Told', to: [{ address: 'buyer@hosted.test' }], body: `<p>Hi</p>${draft.pixelHtml}` } });
    await app.drain();
    const before = await tracking(draft.trackingId);
    expect(before).toMatchObject({ subject: 'Told', recipients: ['buyer@hosted.test'] });
    await report({ reportToken: draft.reportToken, subject: 'Other', recipients: ['x@y.test'] });
    expect(await tracking(draft.trackingId)).toEqual(before);
  });

  it('before the mailbox tells it is corrected by what the mailbox tells', async () => {
    const draft = await prepare('d4');
    await report({ reportToken: draft.reportToken, recipients: ['one@hosted.test'] });
    await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'Real', to: [{ address: 'two@hosted.test' }], body: `<p>Hi</p>${draft.pixelHtml}` } });
    await app.drain();
    expect(await tracking(draft.trackingId)).toMatchObject({ subject: 'Real', recipients: ['two@hosted.test'] });
    expect((await events(draft.trackingId)).filter((e: { eventType: string }) => e.eventType === 'initial')).toHaveLength(1);
  });

  it('records nothing more where one of the people has opted out', async () => {
    const first = await prepare('d5');
    await report({ reportToken: first.reportToken, recipients: ['shy@shop.test'] });
    await app.call('POST', `/o/${first.trackingCode}`);
    const next = await prepare('d6');
    await report({ reportToken: next.reportToken, recipients: ['shy@shop.test'] });
    expect(await tracking(next.trackingId)).toMatchObject({ optedOut: true });
  });

  it('told later says when it was, and which message it is; neither before the draft nor in the future', async () => {
    const draft = await prepare('d9');
    const { createdAt } = { createdAt: app.clock.now().getTime() };
    app.clock.advance(3_600_000);
    const sentAt = new Date(createdAt + 60_000).toISOString();
    await report({ reportToken: draft.reportToken, subject: 'Late', recipients: ['buyer@shop.test'], sentAt, internetMessageId: '<late@exchange.test>' });
    expect(await tracking(draft.trackingId)).toMatchObject({ sendDate: sentAt, inetMessageId: '<late@exchange.test>' });
    await report({ reportToken: draft.reportToken, subject: 'Again' });
    expect(await tracking(draft.trackingId)).toMatchObject({ sendDate: sentAt, subject: 'Late' });
    for (const [draftId, told] of [['d10', '2001-01-01T00:00:00Z'], ['d11', '2099-01-01T00:00:00Z']] as const) {
      const other = await prepare(draftId);
      const [before, after] = [app.clock.now().getTime() - 5000, app.clock.now().getTime() + 60_000];
      await report({ reportToken: other.reportToken, sentAt: told });
      const at = Date.parse((await tracking(other.trackingId)).sendDate);
      expect(at).toBeGreaterThan(before);
      expect(at).toBeLessThan(after);
    }
    expect(await report({ reportToken: draft.reportToken, sentAt: 'yesterday' })).toMatchObject({ status: 400, body: { field: 'sentAt' } });
  });

  it('needs the token of that draft: another text, a changed one and one of another purpose are refused', async () => {
    const { reportToken } = await prepare('d7');
    const [value, mac] = reportToken.split('.');
    const other = app.deps.keys.sign('something-else', 1);
    for (const bad of ['', 'x', `${value}.${mac}x`, `${Buffer.from('1').toString('base64url')}.${mac}`, other]) {
      expect(await report({ reportToken: bad })).toMatchObject({ status: 400, body: { code: 'request.invalid', field: 'reportToken' } });
    }
    expect(await report({})).toMatchObject({ status: 400, body: { field: 'reportToken' } });
  });

  it('is accepted and means nothing after the owner has deleted his tracking data', async () => {
    const draft = await prepare('d8');
    await app.call('DELETE', '/v1/email/tracking', { as: token });
    expect((await report({ reportToken: draft.reportToken })).status).toBe(200);
    expect((await app.call('GET', '/v1/email/tracking', { as: token, query: { showSentOnly: false } })).body.records).toEqual([]);
  });
});

describe('whether new messages start tracked', () => {
  it('is the organisation’s to say, off at first, and set with the policy', async () => {
    const app = await createTestApp();
    const { token } = await app.account();
    const policy = async () => (await app.call('GET', '/v1/email/tracking/policy', { as: token })).body;
    const set = (body: unknown) => app.call('PUT', '/v1/email/tracking/policy', { basic: true, body });
    expect(await policy()).toMatchObject({ policy: 'on', trackNewMessages: false });
    expect((await set({ policy: 'repliesOnly', trackNewMessages: true })).body).toMatchObject({ policy: 'repliesOnly', trackNewMessages: true });
    expect(await policy()).toMatchObject({ policy: 'repliesOnly', trackNewMessages: true });
    await set({ policy: 'on' });
    expect(await policy()).toMatchObject({ policy: 'on', trackNewMessages: false });
    await app.close();
  });
});
