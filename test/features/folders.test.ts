import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw } from '../support/mail.ts';

type Someone = Awaited<ReturnType<TestApp['account']>>;

describe('folders', () => {
  let app: TestApp;
  let alice: Someone;
  beforeAll(async () => {
    app = await createTestApp();
    alice = await app.account();
  });
  afterAll(() => app.close());

  const get = (path: string, query = {}) => app.call('GET', `/v1/email/folders${path}`, { as: alice.token, query });

  it('are there from the first call: inbox, sent, drafts, trash, junk, archive', async () => {
    const { body } = await get('');
    expect(body.records.map((f: { name: string }) => f.name)).toEqual(['Inbox', 'Sent', 'Drafts', 'Trash', 'Junk', 'Archive']);
    expect(body.records.map((f: { sysLabel?: string }) => f.sysLabel)).toEqual(['inbox', 'sent', 'draft', 'trash', 'junk', undefined]);
    expect(body.length).toBe(6);
  });

  it('list their own messages, with the same search', async () => {
    await deliverRaw(app, alice.account.email, 'Subject: apples\n\nx\n');
    await deliverRaw(app, alice.account.email, 'Subject: pears\n\nx\n');
    await app.drain();
    const [inbox, sent] = (await get('')).body.records;
    expect((await get(`/${inbox.id}/messages`)).body.length).toBe(2);
    expect((await get(`/${inbox.id}/messages`, { q: 'subject:pears', bodyType: 'text' })).body.records).toMatchObject([{ subject: 'pears', body: expect.stringContaining('x') }]);
    expect((await get(`/${sent.id}/messages`)).body.length).toBe(0);
    expect((await get(`/${inbox.id}`)).body).toEqual(inbox);
    expect((await get('/fnothing/messages')).status).toBe(404);
  });

  it('are made under others, each name once', async () => {
    const parent = (await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: 'Clients' } }));
    expect(parent.status).toBe(201);
    const child = (await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: 'Acme', parentId: parent.body.id } })).body;
    expect(child).toMatchObject({ name: 'Acme', fullName: 'Clients/Acme', parentId: parent.body.id, isFolder: true });
    expect((await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: 'clients' } })).body.code).toBe('name.taken');
    expect((await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: ' ' } })).body.field).toBe('name');
    expect((await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: 'x', parentId: 'fnothing' } })).body.field).toBe('parentId');
  });

  it('take the archive\'s part where a client chooses another one', async () => {
    const mine = (await app.call('POST', '/v1/email/folders', { as: alice.token, body: { name: 'Done' } })).body;
    const before = (await get('/wellKnown')).body;
    expect(before).toEqual({ archive: expect.any(String), sent: expect.any(String) });
    const patched = await app.call('PATCH', '/v1/email/folders/wellKnown', { as: alice.token, body: { archive: mine.id } });
    expect(patched.body).toEqual({ ...before, archive: mine.id });
    const [m] = (await app.call('GET', '/v1/email/messages', { as: alice.token })).body.records;
    await app.call('POST', `/v1/email/messages/${m.id}/status`, { as: alice.token, body: { archived: true } });
    expect((await get(`/${mine.id}/messages`)).body.records).toMatchObject([{ id: m.id }]);
    await app.call('PATCH', '/v1/email/folders/wellKnown', { as: alice.token, body: { archive: '' } });
    expect((await get('/wellKnown')).body).toEqual(before);
    const inbox = (await get('')).body.records[0];
    expect((await app.call('PATCH', '/v1/email/folders/wellKnown', { as: alice.token, body: { archive: inbox.id } })).body.field).toBe('archive');
  });

  it('are nobody else\'s, and need credentials', async () => {
    const [inbox] = (await get('')).body.records;
    const bob = await app.account();
    expect((await app.call('GET', `/v1/email/folders/${inbox.id}`, { as: bob.token })).status).toBe(404);
    expect((await app.call('GET', `/v1/email/folders/${inbox.id}/messages`, { as: bob.token })).status).toBe(404);
    expect((await app.call('GET', '/v1/email/folders')).status).toBe(401);
    const reader = await app.account({ scopes: ['Mail.Read'] });
    expect((await app.call('POST', '/v1/email/folders', { as: reader.token, body: { name: 'x' } })).status).toBe(403);
  });
});
