import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureFirstApplication, upsertApp } from '../../server/features/accounts/service.ts';
import { appByClientId } from '../../server/features/accounts/queries.ts';
import { parseConfig } from '../../server/config.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { link, mailbox, PASSWORD } from '../support/signin.ts';

let app: TestApp;
let stranger: string;
beforeAll(async () => {
  app = await createTestApp();
  await upsertApp(app.deps, { clientId: 'stranger', clientSecret: 'stranger-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Stranger', returnUrls: [], origins: [] });
  stranger = `Basic ${Buffer.from('stranger:stranger-secret-0123456789').toString('base64')}`;
});
afterAll(() => app.close());

const create = (body: Record<string, unknown>, query: Record<string, string> = {}) =>
  app.call('POST', '/v1/am/accounts', { basic: true, query, body: { serviceType: 'Hosted', password: PASSWORD, active: true, ...body } });

describe('POST /v1/am/accounts', () => {
  it('makes a hosted mailbox with a token', async () => {
    const made = await create({ email: 'Ann@hosted.test', name: 'Ann Lee', timezone: 'Asia/Tokyo', clientOrgId: 'org' });
    expect(made).toMatchObject({ status: 200, body: { accountId: expect.any(Number), accessToken: expect.any(String) } });
    expect((await app.call('GET', '/v1/account', { as: made.body.accessToken })).body).toMatchObject({
      id: made.body.accountId, serviceType: 'Hosted', email: 'Ann@hosted.test', loginString: 'Ann@hosted.test', name: 'Ann Lee',
      timezone: 'Asia/Tokyo', type: 'personal', active: true, tokenStatus: 'active', clientOrgId: 'org', createdAt: expect.any(String),
    });
  });

  it('does not pretend to make an inactive one', async () => {
    expect(await create({ email: 'idle@hosted.test', active: false })).toMatchObject({ status: 400, body: { field: 'active' } });
  });

  it('keeps the password as scrypt only', async () => {
    const made = await create({ email: 'hash@hosted.test' });
    const row = await app.deps.db.selectFrom('account_passwords').selectAll().where('account_id', '=', made.body.accountId).executeTakeFirstOrThrow();
    expect(row.password_hash).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  });

  it('refuses a second mailbox of the address, whatever its case, and in every application', async () => {
    await create({ email: 'unique@hosted.test' });
    expect(await create({ email: 'UNIQUE@hosted.test' })).toMatchObject({ status: 409, body: { code: 'name.taken', field: 'email' } });
    const elsewhere = await app.call('POST', '/v1/am/accounts', { headers: { authorization: stranger }, body: { serviceType: 'Hosted', email: 'unique@hosted.test', password: PASSWORD, active: true } });
    expect(elsewhere.status).toBe(409);
  });

  it('names the field that is wrong', async () => {
    const wrong: [Record<string, unknown>, string][] = [
      [{ email: 'a@elsewhere.test' }, 'email'], [{ email: 'no address' }, 'email'], [{}, 'email'], [{ email: 'a@b@hosted.test' }, 'email'],
      [{ email: 'a@hosted.test', password: 'short' }, 'password'], [{ email: 'a@hosted.test', password: 'x'.repeat(300) }, 'password'], [{ email: 'a@hosted.test', password: undefined }, 'password'],
      [{ email: 'a@hosted.test', timezone: 'Mars/Olympus' }, 'timezone'], [{ email: 'a@hosted.test', active: undefined }, 'active'], [{ email: 'a@hosted.test', serviceType: 'Pigeon' }, 'serviceType'],
    ];
    for (const [body, field] of wrong) expect(await create(body)).toMatchObject({ status: 400, body: { code: 'request.invalid', field } });
    expect(await create({ email: 'a@hosted.test', serviceType: 'Salesforce' })).toMatchObject({ status: 400, body: { code: 'service.unsupported' } });
  });

  it('renews the mailbox of the address with recycleKeys: new password, old mail', async () => {
    const made = await create({ email: 'recycle@hosted.test', name: 'Old' });
    const again = await create({ email: 'Recycle@hosted.test', password: 'another long password', name: 'New' }, { recycleKeys: 'email' });
    expect(again.body.accountId).toBe(made.body.accountId);
    expect((await app.call('GET', '/v1/account', { as: again.body.accessToken })).body.name).toBe('New');
    const check = (password: string) => app.call('POST', '/v1/am/accounts/connect', { basic: true, body: { serviceType: 'Hosted', email: 'recycle@hosted.test', password, active: true } });
    expect((await check('another long password')).body).toEqual({ status: 'Ok' });
    expect(await check(PASSWORD)).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect((await create({ email: 'fresh@hosted.test' }, { recycleKeys: 'username email' })).status).toBe(200);
  });

  it('makes the account the primary or a secondary one of a user', async () => {
    const primary = await create({ email: 'user1@hosted.test' }, { userAccount: 'primary' });
    expect(primary.body).toMatchObject({ userId: expect.any(String), userSession: expect.any(String) });
    const secondary = await create({ email: 'user2@hosted.test' }, { userAccount: 'secondary', userId: primary.body.userId });
    expect(secondary.body.userId).toBe(primary.body.userId);
    const user = await app.call('GET', '/v1/user', { headers: { 'x-aurinko-session': primary.body.userSession } });
    expect(user.body.accounts.map((a: { email: string }) => a.email)).toEqual(['user1@hosted.test', 'user2@hosted.test']);
    expect(await create({ email: 'user3@hosted.test' }, { userAccount: 'primary', userId: primary.body.userId })).toMatchObject({ status: 409, body: { code: 'account.mismatch' } });
    expect((await create({ email: 'user3@hosted.test' }, { userAccount: 'secondary', userId: 'nobody' })).status).toBe(404);
    expect(await create({ email: 'user3@hosted.test' }, { userAccount: 'secondary' })).toMatchObject({ status: 400, body: { field: 'userId' } });
    expect(await create({ email: 'user3@hosted.test' }, { userId: primary.body.userId })).toMatchObject({ status: 400, body: { field: 'userAccount' } });
    expect((await create({ email: 'user3@hosted.test' })).status).toBe(200);
  });

  it('is for the application alone', async () => {
    const { token } = await app.account();
    expect((await app.call('POST', '/v1/am/accounts', { body: {} })).status).toBe(401);
    expect((await app.call('POST', '/v1/am/accounts', { as: token, body: {} })).status).toBe(401);
  });
});

describe('the accounts of an application', () => {
  it('come in pages, by service type and organisation', async () => {
    const own = await createTestApp();
    for (let i = 0; i < 3; i++) await own.account({ name: `n${i}` });
    const first = await own.call('GET', '/v1/am/accounts', { basic: true, query: { limit: 2 } });
    expect(first.body).toMatchObject({ offset: 0, totalSize: 3, done: false });
    expect(first.body.records.map((r: { name: string }) => r.name)).toEqual(['n0', 'n1']);
    const rest = await own.call('GET', '/v1/am/accounts', { basic: true, query: { limit: 2, offset: 2 } });
    expect(rest.body).toMatchObject({ offset: 2, totalSize: 3, done: true, records: [{ name: 'n2' }] });
    expect((await own.call('GET', '/v1/am/accounts', { basic: true, query: { serviceType: 'Google' } })).body.totalSize).toBe(0);
    expect((await own.call('GET', '/v1/am/accounts', { basic: true, query: { clientOrgId: 'none' } })).body.totalSize).toBe(0);
    await own.close();
  });

  it('are nobody else\'s: another application gets 404 and an empty list', async () => {
    const { account } = await app.account();
    const headers = { authorization: stranger };
    expect((await app.call('GET', `/v1/am/accounts/${account.id}`, { basic: true })).body.id).toBe(account.id);
    expect((await app.call('GET', `/v1/am/accounts/${account.id}`, { headers })).status).toBe(404);
    expect((await app.call('DELETE', `/v1/am/accounts/${account.id}`, { headers })).status).toBe(404);
    expect((await app.call('GET', '/v1/am/accounts', { headers })).body.totalSize).toBe(0);
    expect((await app.call('GET', `/v1/am/accounts/${account.id}`, { basic: true })).status).toBe(200);
    expect((await app.call('GET', '/v1/am/accounts/abc', { basic: true })).status).toBe(400);
  });

  it('tell who was removed, with the managed copies', async () => {
    const { accountId } = await mailbox(app, 'gone@hosted.test');
    const { answer } = await link(app, 'gone@exchange.test', 'gone@hosted.test');
    const copy = await app.call('POST', `/v1/user/accounts/${accountId}/managed`, { headers: { 'x-aurinko-session': answer.body.userSession } });
    expect((await app.call('DELETE', `/v1/am/accounts/${accountId}`, { basic: true })).status).toBe(200);
    const events = await app.deps.db.selectFrom('outbox').select('account_id').where('type', '=', 'AccountRemoved').execute();
    expect(events.map((e) => e.account_id)).toEqual(expect.arrayContaining([accountId, copy.body.id]));
    for (const id of [accountId, copy.body.id]) expect((await app.call('GET', `/v1/am/accounts/${id}`, { basic: true })).status).toBe(404);
    expect((await create({ email: 'gone@hosted.test' })).status).toBe(200);
  });
});

describe('the account itself', () => {
  it('answers pingProvider and includeProviderAuth', async () => {
    const { token } = await app.account();
    expect((await app.call('GET', '/v1/account', { as: token, query: { pingProvider: true } })).body).toMatchObject({ active: true, tokenStatus: 'active' });
    expect((await app.call('GET', '/v1/account', { as: token })).body).not.toHaveProperty('tokenIssuedAt');
    expect((await app.call('GET', '/v1/account', { as: token, query: { includeProviderAuth: true } })).body).toHaveProperty('tokenIssuedAt');
  });

  it('revokes one token by itself, and all of them for the application', async () => {
    const one = await create({ email: 'revoke@hosted.test' });
    const two = await create({ email: 'revoke@hosted.test' }, { recycleKeys: 'email' });
    const status = async (token: string) => (await app.call('GET', '/v1/account', { as: token })).status;
    expect((await app.call('DELETE', '/v1/account/token', { as: one.body.accessToken })).status).toBe(200);
    expect([await status(one.body.accessToken), await status(two.body.accessToken)]).toEqual([401, 200]);
    await app.call('DELETE', '/v1/account/token', { basic: true, headers: { 'x-aurinko-account-id': String(two.body.accountId) } });
    expect(await status(two.body.accessToken)).toBe(401);
  });

  it('stops guessing by way of connect', async () => {
    await create({ email: 'connect@hosted.test' });
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) {
      const answer = await app.call('POST', '/v1/am/accounts/connect', { basic: true, body: { serviceType: 'Hosted', email: 'connect@hosted.test', password: `guess number ${i}`, active: true } });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([...Array<number>(20).fill(403), 429]);
  }, 60_000);
});

describe('the first application', () => {
  it('is made once, shown once, and always knows the add-in\'s return page and origin', async () => {
    const fresh = await createTestApp();
    const config = parseConfig({ PUBLIC_URL: 'https://sundial.test', SUNDIAL_RETURN_URLS: 'https://mine.test/back', SUNDIAL_ORIGINS: 'https://mine.test/' });
    const deps = { ...fresh.deps, config };
    const first = await ensureFirstApplication(deps);
    expect(first.newSecret).toMatch(/^[\w-]{43}$/);
    const again = await ensureFirstApplication(deps);
    expect(again).toEqual({ ...first, newSecret: undefined });
    const row = await appByClientId(fresh.deps.db, first.clientId);
    expect(row).toMatchObject({ return_urls: ['https://sundial.test/addin/auth-return.html', 'https://mine.test/back'], origins: ['https://sundial.test', 'https://mine.test'], link_without_redeem: false });
    expect(JSON.stringify(await fresh.deps.db.selectFrom('settings').selectAll().execute())).not.toContain(first.newSecret);
    const basic = `Basic ${Buffer.from(`${first.clientId}:${first.newSecret}`).toString('base64')}`;
    expect((await fresh.call('GET', '/v1/am/accounts', { headers: { authorization: basic } })).status).toBe(200);
    await fresh.close();
  });
});
