import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { link, mailbox } from '../support/signin.ts';

let app: TestApp;
let me: { accountId: number; userId: string; headers: Record<string, string> };
let other: typeof me;
beforeAll(async () => {
  app = await createTestApp();
  me = await user('me');
  other = await user('other');
});
afterAll(() => app.close());

async function user(name: string): Promise<typeof me> {
  const { accountId } = await mailbox(app, `${name}@hosted.test`);
  const { answer } = await link(app, `${name}@exchange.test`, `${name}@hosted.test`);
  return { accountId, userId: answer.body.userId, headers: { 'x-aurinko-session': answer.body.userSession } };
}

const week = (intervals: unknown[], timezone = 'Europe/Rome') => ({ workHours: { timezone, daySchedules: [{ dayOfWeek: 'tuesday', workingIntervals: intervals }] } });

describe('the user', () => {
  it('sees himself with his accounts, and nobody else\'s', async () => {
    const answer = await app.call('GET', '/v1/user', { headers: me.headers });
    expect(answer.body).toMatchObject({ id: me.userId, appId: app.appId, email: 'me@hosted.test', name: 'Ann', trustedIdentity: true, externalIdType: 'exchangeIdentity', lastActivity: expect.any(String) });
    expect(answer.body.accounts).toHaveLength(1);
    expect((await app.call('GET', `/v1/user/accounts/${me.accountId}`, { headers: me.headers })).body).toMatchObject({ id: me.accountId, userAccountType: 'primary', type: 'personal', serviceType: 'Hosted' });
  });

  it('gets 401 without credentials and 404 for accounts of others, on every operation', async () => {
    const operations = [['GET', '/v1/user'], ['PATCH', '/v1/user/settings'], ['GET', '/v1/user/accounts'], ['GET', `/v1/user/accounts/${me.accountId}`], ['DELETE', `/v1/user/accounts/${me.accountId}`], ['POST', `/v1/user/accounts/${me.accountId}/managed`], ['POST', '/v1/user/logout']] as const;
    for (const [method, path] of operations) expect((await app.call(method, path, method === 'PATCH' ? { body: {} } : {})).status).toBe(401);
    for (const [method, path] of operations.slice(3, 6)) {
      expect((await app.call(method, path, { headers: other.headers })).status).toBe(404);
      expect((await app.call(method, path.replace(String(me.accountId), '999999'), { headers: other.headers })).status).toBe(404);
    }
    expect((await app.call('GET', '/v1/user', { headers: me.headers })).body.accounts).toHaveLength(1);
  });

  it('sets working hours, which his accounts then have', async () => {
    const hours = week([{ start: '08:30:00', end: '12:00:00' }, { start: '13:00:00', end: '24:00:00' }]);
    const answer = await app.call('PATCH', '/v1/user/settings', { headers: me.headers, body: hours });
    expect(answer).toMatchObject({ status: 200, body: { settings: hours } });
    expect((await app.call('GET', '/v1/user', { headers: me.headers })).body.settings).toEqual(hours);
    const row = await app.deps.db.selectFrom('accounts').select('work_hours').where('id', '=', me.accountId).executeTakeFirstOrThrow();
    expect(row.work_hours).toEqual(hours.workHours);
    expect((await app.call('PATCH', '/v1/user/settings', { headers: me.headers, body: {} })).body.settings).toEqual(hours);
    const second = await app.call('POST', '/v1/am/accounts', { basic: true, query: { userAccount: 'secondary', userId: me.userId }, body: { serviceType: 'Hosted', email: 'me2@hosted.test', password: 'long enough', active: true } });
    const added = await app.deps.db.selectFrom('accounts').select('work_hours').where('id', '=', second.body.accountId).executeTakeFirstOrThrow();
    expect(added.work_hours).toEqual(hours.workHours);
    await app.call('DELETE', `/v1/am/accounts/${second.body.accountId}`, { basic: true });
    expect((await app.call('GET', '/v1/user', { headers: other.headers })).body).not.toHaveProperty('settings');
  });

  it('is told which of the working hours is wrong', async () => {
    const wrong: [unknown, string][] = [
      [week([{ start: '9:00', end: '17:00:00' }]), 'workHours.daySchedules[0].workingIntervals[0].start'],
      [week([{ start: '17:00:00', end: '09:00:00' }]), 'workHours.daySchedules[0].workingIntervals[0].end'],
      [week([{ start: '25:00:00', end: '26:00:00' }]), 'workHours.daySchedules[0].workingIntervals[0].start'],
      [week([], 'Nowhere/At-All'), 'workHours.timezone'],
      [{ workHours: { daySchedules: [{ workingIntervals: [] }] } }, 'workHours.daySchedules[0].dayOfWeek'],
      [{ workHours: { daySchedules: [{ dayOfWeek: 'someday' }] } }, 'workHours.daySchedules[0].dayOfWeek'],
    ];
    for (const [body, field] of wrong) {
      const answer = await app.call('PATCH', '/v1/user/settings', { headers: me.headers, body });
      expect(answer).toMatchObject({ status: 400, body: { field } });
    }
  });
});

describe('signing out of the primary account', () => {
  it('leaves the other mailboxes to whoever signs in next', async () => {
    const mine = await user('leaving');
    const add = (userId: string) => app.call('POST', '/v1/am/accounts', {
      basic: true, query: { userAccount: 'secondary', userId, recycleKeys: 'email' }, body: { serviceType: 'Hosted', email: 'second@hosted.test', password: 'long enough', active: true },
    });
    expect((await add(mine.userId)).status).toBe(200);
    expect((await app.call('DELETE', `/v1/user/accounts/${mine.accountId}`, { headers: mine.headers })).status).toBe(200);
    const { answer } = await link(app, 'again@exchange.test', 'leaving@hosted.test');
    expect(answer.body.userId).not.toBe(mine.userId);
    expect((await add(answer.body.userId)).status).toBe(200);
    const accounts = await app.call('GET', '/v1/user/accounts', { headers: { 'x-aurinko-session': answer.body.userSession } });
    expect(accounts.body.records.map((a: { email: string }) => a.email)).toEqual(['leaving@hosted.test', 'second@hosted.test']);
  });
});

describe('a managed copy', () => {
  it('belongs to the application: it stays when the user signs out, and is made once for an organisation', async () => {
    const mine = await user('copied');
    const path = `/v1/user/accounts/${mine.accountId}/managed`;
    const copy = await app.call('POST', path, { headers: mine.headers, query: { clientOrgId: 'acme' } });
    expect(copy).toMatchObject({ status: 200, body: { parentId: mine.accountId, type: 'managed', clientOrgId: 'acme', email: 'copied@hosted.test' } });
    expect((await app.call('POST', path, { headers: mine.headers, query: { clientOrgId: 'acme' } })).body.id).toBe(copy.body.id);
    expect((await app.call('POST', path, { headers: mine.headers })).body.id).not.toBe(copy.body.id);
    expect((await app.call('GET', '/v1/user/accounts', { headers: mine.headers })).body.length).toBe(1);
    await app.call('POST', '/v1/user/logout', { headers: mine.headers });
    const account = await app.call('GET', '/v1/account', { basic: true, headers: { 'x-aurinko-account-id': String(copy.body.id) } });
    expect(account.body).toMatchObject({ id: copy.body.id, type: 'managed' });
  });

  it('reads and sends through the mailbox that it copies, which gets each message once', async () => {
    const mine = await user('parent');
    const copy = await app.call('POST', `/v1/user/accounts/${mine.accountId}/managed`, { headers: mine.headers });
    const asCopy = { basic: true, headers: { 'x-aurinko-account-id': String(copy.body.id) } };
    const sent = await app.call('POST', '/v1/email/messages', { ...asCopy, body: { to: [{ address: 'parent@hosted.test' }], subject: 'To myself', body: '<p>x</p>' } });
    expect(sent.status).toBe(201);
    await app.drain();
    const inbox = await app.call('GET', '/v1/email/messages', { ...asCopy, query: { q: 'subject:myself' } });
    expect(inbox.body.records.filter((m: { sysLabels: string[] }) => m.sysLabels.includes('inbox'))).toHaveLength(1);
  });
});
