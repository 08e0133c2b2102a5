import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { eventsOf } from '../support/mail.ts';

type Someone = Awaited<ReturnType<TestApp['account']>>;

describe('drafts', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;
  beforeAll(async () => {
    app = await createTestApp();
    alice = await app.account({ name: 'Alice' });
    bob = await app.account({ name: 'Bob' });
  });
  afterAll(() => app.close());

  const create = (body: object, query = {}) => app.call('POST', '/v1/email/drafts', { as: alice.token, body, query });
  const get = (id: string, query = {}) => app.call('GET', `/v1/email/drafts/${id}`, { as: alice.token, query });

  it('are kept with whatever is there yet, even nothing, and out of the message list', async () => {
    const empty = await create({});
    expect(empty.status).toBe(200);
    expect((await get(empty.body.id)).body).toMatchObject({ id: empty.body.id, message: { sysLabels: ['draft'], subject: '', from: { address: alice.account.email } } });
    expect((await app.call('GET', '/v1/email/messages', { as: alice.token })).body.records).toEqual([]);
  });

  it('are found where a search asks for their folder', async () => {
    await create({ subject: 'Findable draft' });
    expect((await app.call('GET', '/v1/email/messages', { as: alice.token, query: { q: 'in:drafts findable' } })).body.records).toMatchObject([{ subject: 'Findable draft' }]);
  });

  it('are replaced by PUT: what is left out is gone', async () => {
    const { id } = (await create({ subject: 'One', body: '<p>1</p>', to: [{ address: bob.account.email }], attachments: [{ name: 'a.txt', content: 'YQ==' }] })).body;
    const put = await app.call('PUT', `/v1/email/drafts/${id}`, { as: alice.token, body: { subject: 'Two', body: '<p>2</p>' } });
    expect(put.body).toEqual({ id });
    const { message } = (await get(id)).body;
    expect(message).toMatchObject({ subject: 'Two', body: '<p>2</p>', to: [], attachments: [] });
  });

  it('are sent once, with attachments, and become another message in the sent folder', async () => {
    const { id } = (await create({ subject: 'Out', body: '<p>go</p>', to: [{ address: bob.account.email }], bcc: [{ address: alice.account.email }], attachments: [{ name: 'a.txt', mimeType: 'text/plain', content: Buffer.from('inside').toString('base64') }] })).body;
    const before = (await get(id)).body.message;
    const [first, second] = await Promise.all([1, 2].map(() => app.call('POST', `/v1/email/drafts/${id}/send`, { as: alice.token })));
    expect([first!.status, second!.status].sort()).toEqual([200, 404]);
    await app.drain();
    expect((await get(id)).status).toBe(404);
    const [sent] = await eventsOf(app, alice.account.id, 'MailSent');
    expect(sent).toMatchObject({ subject: 'Out', internetMessageId: before.internetMessageId, threadId: before.threadId });
    expect(sent!.messageId).not.toBe(id);
    const [arrived] = (await app.call('GET', '/v1/email/messages', { as: bob.token })).body.records;
    expect(arrived).toMatchObject({ subject: 'Out', hasAttachments: true, bcc: [] });
  });

  it('stay drafts where they have nobody to go to', async () => {
    const { id } = (await create({ subject: 'Nobody' })).body;
    const answer = await app.call('POST', `/v1/email/drafts/${id}/send`, { as: alice.token, body: {} });
    expect(answer.body).toMatchObject({ code: 'request.invalid', field: 'to' });
    expect((await get(id)).status).toBe(200);
  });

  it('answer 400 to sendTime, which is not built yet', async () => {
    const { id } = (await create({ subject: 'Later', to: [{ address: bob.account.email }] })).body;
    const answer = await app.call('POST', `/v1/email/drafts/${id}/send`, { as: alice.token, body: {}, query: { sendTime: '2030-01-01T09:00:00Z' } });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('notSupportedYet');
    expect((await get(id)).status).toBe(200);
  });

  it('keep plain text plain on the way out', async () => {
    const { id } = (await create({ subject: 'Text', body: 'just <text>', to: [{ address: bob.account.email }] }, { bodyType: 'text' })).body;
    await app.call('POST', `/v1/email/drafts/${id}/send`, { as: alice.token });
    await app.drain();
    const [arrived] = (await app.call('GET', '/v1/email/messages', { as: bob.token, query: { q: 'subject:Text', bodyType: 'text' } })).body.records;
    expect(arrived.body.trim()).toBe('just <text>');
    const raw = (await app.call('GET', `/v1/email/messages/${arrived.id}/raw`, { as: bob.token })).body;
    expect(raw).not.toContain('text/html');
  });

  it('are deleted for good, and are nobody else\'s', async () => {
    const { id } = (await create({ subject: 'Mine' })).body;
    expect((await app.call('GET', `/v1/email/drafts/${id}`, { as: bob.token })).status).toBe(404);
    expect((await app.call('PUT', `/v1/email/drafts/${id}`, { as: bob.token, body: {} })).status).toBe(404);
    expect((await app.call('POST', `/v1/email/drafts/${id}/send`, { as: bob.token })).status).toBe(404);
    expect((await app.call('DELETE', `/v1/email/drafts/${id}`, { as: bob.token })).status).toBe(404);
    expect((await app.call('DELETE', `/v1/email/drafts/${id}`, { as: alice.token })).body).toEqual({ status: 'Ok' });
    expect((await get(id)).status).toBe(404);
  });

  it('need credentials and a scope', async () => {
    expect((await app.call('POST', '/v1/email/drafts', { body: {} })).status).toBe(401);
    const reader = await app.account({ scopes: ['Mail.Read'] });
    expect((await app.call('POST', '/v1/email/drafts', { as: reader.token, body: {} })).status).toBe(403);
  });
});
