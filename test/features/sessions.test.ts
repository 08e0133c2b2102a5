import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { sweepExpired } from '../../server/features/auth/jobs.ts';
import { BASIC, CLIENT_ID, createTestApp, type TestApp } from '../support/app.ts';
import { visitor, type Visitor } from '../support/browser.ts';
import { asIdentity, authorizePath, identityToken, link, mailbox, PASSWORD, RETURN_URL, signIn } from '../support/signin.ts';

let app: TestApp;
let skewed = 0;
beforeAll(async () => {
  app = await createTestApp({ realTime: () => new Date(Date.now() + skewed) });
});
afterAll(() => app.close());

const cookieOf = (browser: Visitor): string => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
const withCookie = (browser: Visitor, headers: Record<string, string> = {}): Record<string, string> =>
  ({ cookie: cookieOf(browser), 'x-aurinko-client-id': CLIENT_ID, ...headers });

/** A user of the mailbox with a session of each kind. */
async function everyWay(email: string): Promise<{ accountId: number; accessToken: string; userId: string; browser: Visitor; userSession: string; identity: string }> {
  const { accountId, accessToken } = await mailbox(app, email);
  const { token, answer } = await link(app, `outlook-${email}`, email);
  const browser = visitor(app);
  await signIn(app, { accountRole: 'primary' }, email, { browser });
  return { accountId, accessToken, userId: answer.body.userId, browser, userSession: answer.body.userSession, identity: token };
}

describe('the five ways of authentication', () => {
  it('all lead to the account: Basic, account token, session, cookie, Exchange identity', async () => {
    const way = await everyWay('five@hosted.test');
    const ways: Record<string, string>[] = [
      { authorization: BASIC, 'x-aurinko-account-id': String(way.accountId) },
      { authorization: `Bearer ${way.accessToken}` },
      { 'x-aurinko-session': way.userSession },
      withCookie(way.browser),
      { cookie: cookieOf(way.browser), 'x-aurinko-clientid': CLIENT_ID },
      asIdentity(way.identity),
      { authorization: `Bearer ${way.identity}`, 'x-aurinko-authtype': 'exchangeIdToken' },
    ];
    for (const headers of ways) expect((await app.call('GET', '/v1/account', { headers })).body).toMatchObject({ id: way.accountId });
  });

  it('lead to a user by session, cookie and identity only', async () => {
    const way = await everyWay('who@hosted.test');
    for (const headers of [{ 'x-aurinko-session': way.userSession }, withCookie(way.browser), asIdentity(way.identity)]) {
      expect((await app.call('GET', '/v1/user', { headers })).body).toMatchObject({ id: way.userId });
    }
    expect((await app.call('GET', '/v1/user', { as: way.accessToken })).status).toBe(401);
    expect((await app.call('GET', '/v1/user', { basic: true })).status).toBe(401);
    expect((await app.call('GET', '/v1/am/accounts', { headers: asIdentity(way.identity) })).status).toBe(401);
  });

  it('are 401 where the credentials are missing, wrong, or of another kind', async () => {
    const way = await everyWay('bad@hosted.test');
    const cookie = [...way.browser.cookies].find(([name]) => name.startsWith('AUR'))![1];
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:wrong`).toString('base64')}` },
      { authorization: `Basic ${Buffer.from('nobody:wrong').toString('base64')}` },
      { authorization: 'Basic' }, { authorization: 'Digest x' },
      { 'x-aurinko-session': 'wrong' },
      { 'x-aurinko-session': cookie },
      { cookie: `AUR${app.appId}=${way.userSession}`, 'x-aurinko-client-id': CLIENT_ID },
      { cookie: `AUR${app.appId}=wrong`, 'x-aurinko-client-id': CLIENT_ID },
      { authorization: `Bearer ${way.identity}` },
      asIdentity(way.identity, { 'x-aurinko-client-id': 'nobody' }),
      asIdentity(await identityToken(app, 'never-linked@exchange.test')),
    ];
    for (const headers of wrong) {
      const answer = await app.call('GET', '/v1/account', { headers });
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 401, code: 'unauthorized' });
      expect(answer.headers.get('www-authenticate')).toBeTruthy();
    }
  });

  it('need the client id header beside a cookie, on every method', async () => {
    const { browser } = await everyWay('csrf@hosted.test');
    const cookie = cookieOf(browser);
    for (const [method, path, body] of [['GET', '/v1/user'], ['PATCH', '/v1/user/settings', {}], ['POST', '/v1/user/logout'], ['DELETE', '/v1/account']] as const) {
      expect((await app.call(method, path, { headers: { cookie }, ...(body ? { body } : {}) })).status).toBe(401);
    }
    expect((await app.call('GET', '/v1/user', { headers: withCookie(browser) })).status).toBe(200);
  });

  it('name the account by X-Aurinko-Account-Id, which must be one of the caller', async () => {
    const mine = await everyWay('mine@hosted.test');
    const other = await everyWay('other@hosted.test');
    const foreign = await upsertApp(app.deps, { clientId: 'foreign', clientSecret: 'foreign-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Foreign', returnUrls: [], origins: [] });
    const theirs = await mailbox(app, 'foreign@hosted.test', foreign.id);
    const id = (accountId: number | string) => ({ 'x-aurinko-account-id': String(accountId) });
    for (const headers of [{ 'x-aurinko-session': mine.userSession }, withCookie(mine.browser), asIdentity(mine.identity)]) {
      expect((await app.call('GET', '/v1/account', { headers: { ...headers, ...id(mine.accountId) } })).status).toBe(200);
      expect((await app.call('GET', '/v1/account', { headers: { ...headers, ...id(other.accountId) } })).status).toBe(404);
      expect((await app.call('GET', '/v1/account', { headers: { ...headers, ...id(999_999) } })).status).toBe(404);
    }
    expect((await app.call('GET', '/v1/account', { basic: true, headers: id(theirs.accountId) })).status).toBe(404);
    expect(await app.call('GET', '/v1/account', { basic: true })).toMatchObject({ status: 400, body: { field: 'X-Aurinko-Account-Id' } });
    expect(await app.call('GET', '/v1/account', { basic: true, headers: id('seven') })).toMatchObject({ status: 400, body: { field: 'X-Aurinko-Account-Id' } });
  });

  it('are held to the account\'s scopes', async () => {
    const { token } = await app.account({ scopes: ['Calendar.Read'] });
    expect(await app.call('GET', '/v1/email/messages', { as: token })).toMatchObject({ status: 403, body: { code: 'scope.missing' } });
  });

  it('do not take an identity linked in two applications for either of them without being told', async () => {
    const way = await everyWay('both@hosted.test');
    const second = await upsertApp(app.deps, { clientId: 'second', clientSecret: 'second-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Second', returnUrls: [RETURN_URL], origins: [], linkWithoutRedeem: true });
    await mailbox(app, 'both2@hosted.test', second.id);
    const preparedToken = (await app.call('POST', '/v1/auth/prepare', { headers: asIdentity(way.identity) })).body.token as string;
    await signIn(app, { clientId: 'second', accountRole: 'primary', token: preparedToken }, 'both2@hosted.test');
    const plain = { authorization: `Bearer ${way.identity}`, 'x-aurinko-auth-type': 'exchangeIdToken' };
    expect(await app.call('GET', '/v1/user', { headers: plain })).toMatchObject({ status: 401, body: { message: expect.stringContaining('X-Aurinko-Client-Id') } });
    expect((await app.call('GET', '/v1/user', { headers: { ...plain, 'x-aurinko-client-id': 'second' } })).body.email).toBe('both2@hosted.test');
    expect((await app.call('GET', '/v1/user', { headers: { ...plain, 'x-aurinko-client-id': CLIENT_ID } })).body.email).toBe('both@hosted.test');
  });
});

describe('the session cookie', () => {
  it('is HttpOnly, Lax on plain http, and for this application and mailbox info alone', async () => {
    await mailbox(app, 'cookie@hosted.test');
    await mailbox(app, 'cookie2@hosted.test');
    const browser = visitor(app);
    const end = await signIn(app, { accountRole: 'primary' }, 'cookie@hosted.test', { browser });
    const line = end.headers.getSetCookie().find((c) => c.startsWith(`AUR${app.appId}=`))!;
    expect(line).toMatch(/HttpOnly/i);
    expect(line).toMatch(/SameSite=Lax/i);
    expect(line).not.toMatch(/Secure/i);
    await signIn(app, { accountRole: 'primary', mailboxInfo: 'second mailbox' }, 'cookie2@hosted.test', { browser });
    expect((await app.call('GET', '/v1/user', { headers: withCookie(browser) })).body.email).toBe('cookie@hosted.test');
    expect((await app.call('GET', '/v1/user', { headers: withCookie(browser, { 'x-aurinko-mailbox-info': 'second mailbox' }) })).body.email).toBe('cookie2@hosted.test');
    expect((await app.call('GET', '/v1/user', { headers: withCookie(browser, { 'x-aurinko-mailbox-info': 'third' }) })).status).toBe(401);
  });

  it('is None and Secure over https, where the pane needs it inside Outlook\'s frame', async () => {
    const proxied = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    await mailbox(proxied, 'https@hosted.test');
    const https = { 'x-forwarded-proto': 'https' };
    const page = await proxied.call('GET', authorizePath({ accountRole: 'primary' }), { headers: https });
    const answer = await fetch(`${proxied.url}/v1/auth/signin`, {
      method: 'POST', redirect: 'manual', headers: { ...https, cookie: page.headers.getSetCookie()[0]!.split(';')[0]! },
      body: new URLSearchParams({ flow: / name="flow" value="([^"]+)"/.exec(page.body)![1]!, email: 'https@hosted.test', password: PASSWORD }),
    });
    const line = answer.headers.getSetCookie().find((c) => c.startsWith('AUR'))!;
    expect(line).toMatch(/SameSite=None/i);
    expect(line).toMatch(/Secure/i);
    await proxied.close();
  });

  it('adds a secondary account to the user of this browser', async () => {
    const way = await everyWay('first@hosted.test');
    const second = await mailbox(app, 'added@hosted.test');
    const end = await signIn(app, { accountRole: 'secondary' }, 'added@hosted.test', { browser: way.browser });
    expect(end.location?.searchParams.get('status')).toBe('success');
    const accounts = await app.call('GET', '/v1/user/accounts', { headers: withCookie(way.browser) });
    expect(accounts.body).toMatchObject({ length: 2, records: [{ id: way.accountId, userAccountType: 'primary' }, { id: second.accountId, userAccountType: 'secondary' }] });
    expect((await app.call('GET', '/v1/account', { headers: withCookie(way.browser, { 'x-aurinko-account-id': String(second.accountId) }) })).body.email).toBe('added@hosted.test');
  });

  it('lasts thirty days', async () => {
    const way = await everyWay('month@hosted.test');
    skewed = 30 * 86_400_000 + 60_000;
    expect((await app.call('GET', '/v1/user', { headers: withCookie(way.browser) })).status).toBe(401);
    expect((await app.call('GET', '/v1/user', { headers: { 'x-aurinko-session': way.userSession } })).status).toBe(401);
    skewed = 0;
  });
});

describe('what is over', () => {
  it('is swept: sessions, prepared tokens, codes and counts', async () => {
    const way = await everyWay('swept@hosted.test');
    await app.call('POST', '/v1/auth/prepare', { headers: asIdentity(way.identity) });
    const left = async () => Promise.all((['sessions', 'prepared_tokens', 'auth_codes'] as const).map(async (table) => (await app.deps.db.selectFrom(table).selectAll().execute()).length));
    await sweepExpired.handler(app.deps, {}, { jobId: '1', signal: new AbortController().signal });
    expect((await left())[0]).toBeGreaterThan(0);
    skewed = 31 * 86_400_000;
    await sweepExpired.handler(app.deps, {}, { jobId: '1', signal: new AbortController().signal });
    expect(await left()).toEqual([0, 0, 0]);
    expect((await sql`select 1 from rate_limits`.execute(app.deps.db)).rows).toEqual([]);
    skewed = 0;
  });
});

describe('the end of a session', () => {
  const isIn = async (way: Awaited<ReturnType<typeof everyWay>>): Promise<number[]> =>
    Promise.all([withCookie(way.browser), { 'x-aurinko-session': way.userSession }, asIdentity(way.identity)]
      .map(async (headers) => (await app.call('GET', '/v1/user', { headers })).status));

  it('by logout is everywhere, and the account and its token live on', async () => {
    const way = await everyWay('logout@hosted.test');
    const other = await everyWay('stays@hosted.test');
    const answer = await app.call('POST', '/v1/user/logout', { headers: withCookie(way.browser) });
    expect(answer).toMatchObject({ status: 200, body: { status: 'Ok' } });
    expect(answer.headers.getSetCookie().join()).toMatch(new RegExp(`AUR${app.appId}=;.*Max-Age=0`));
    expect(await isIn(way)).toEqual([401, 401, 401]);
    expect(await isIn(other)).toEqual([200, 200, 200]);
    expect((await app.call('GET', '/v1/account', { as: way.accessToken })).status).toBe(200);
  });

  it('comes with signing out of the primary account; the mailbox keeps its mail', async () => {
    const way = await everyWay('leave@hosted.test');
    expect((await app.call('DELETE', `/v1/user/accounts/${way.accountId}`, { headers: asIdentity(way.identity) })).body).toEqual({ status: 'Ok' });
    expect(await isIn(way)).toEqual([401, 401, 401]);
    expect((await app.call('GET', '/v1/account', { as: way.accessToken })).status).toBe(401);
    expect((await app.call('GET', `/v1/am/accounts/${way.accountId}`, { basic: true })).body).not.toHaveProperty('userId');
    expect((await link(app, 'outlook-leave@hosted.test', 'leave@hosted.test')).answer.status).toBe(200);
  });

  it('comes with deleting the primary account, at once', async () => {
    const way = await everyWay('delete@hosted.test');
    expect((await app.call('DELETE', '/v1/account', { as: way.accessToken })).status).toBe(200);
    expect(await isIn(way)).toEqual([401, 401, 401]);
    await app.drain();
    expect(await app.deps.db.selectFrom('users').select('id').where('id', '=', way.userId).execute()).toEqual([]);
    expect(await isIn(way)).toEqual([401, 401, 401]);
  });

  it('comes with the application deleting the primary account, and a secondary one stands alone again', async () => {
    const way = await everyWay('admin@hosted.test');
    const second = await mailbox(app, 'admin2@hosted.test');
    await signIn(app, { accountRole: 'secondary' }, 'admin2@hosted.test', { browser: way.browser });
    expect((await app.call('GET', '/v1/account', { as: second.accessToken })).body.userId).toBe(way.userId);
    expect((await app.call('DELETE', `/v1/am/accounts/${way.accountId}`, { basic: true })).status).toBe(200);
    expect(await isIn(way)).toEqual([401, 401, 401]);
    await app.drain();
    expect((await app.call('GET', '/v1/account', { as: second.accessToken })).body).not.toHaveProperty('userId');
  });
});

describe('origins', () => {
  const preflight = (origin: string) => app.call('OPTIONS', '/v1/user', { headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-aurinko-client-id' } });

  it('of an application may call with cookies, after a preflight', async () => {
    const way = await everyWay('cors@hosted.test');
    const asked = await preflight('https://client.test');
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://client.test');
    expect(asked.headers.get('access-control-allow-credentials')).toBe('true');
    expect(asked.headers.get('access-control-allow-headers')).toContain('X-Aurinko-Client-Id');
    expect(asked.headers.get('vary')).toContain('Origin');
    const answer = await app.call('GET', '/v1/user', { headers: withCookie(way.browser, { origin: 'https://client.test' }) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://client.test');
  });

  it('that nobody lists get no permission, and nothing that they ask is done', async () => {
    const way = await everyWay('cors2@hosted.test');
    for (const origin of ['https://evil.test', 'https://client.test.evil.test', 'http://client.test', 'null']) {
      const asked = await preflight(origin);
      expect(asked.status).toBe(403);
      expect(asked.headers.get('access-control-allow-origin')).toBeNull();
      const done = await app.call('POST', '/v1/user/logout', { headers: withCookie(way.browser, { origin }) });
      expect(done).toMatchObject({ status: 403, body: { code: 'access.denied' } });
      expect(done.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await app.call('GET', '/v1/user', { headers: withCookie(way.browser) })).status).toBe(200);
  });

  it('of another application may ask, but not call as this one', async () => {
    await upsertApp(app.deps, { clientId: 'neighbour', clientSecret: 'neighbour-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Neighbour', returnUrls: [], origins: ['https://neighbour.test'] });
    const way = await everyWay('cors3@hosted.test');
    expect((await preflight('https://neighbour.test')).status).toBe(204);
    for (const headers of [withCookie(way.browser), { authorization: `Bearer ${way.accessToken}` }, asIdentity(way.identity)]) {
      expect((await app.call('GET', '/v1/account', { headers: { ...headers, origin: 'https://neighbour.test' } })).status).toBe(403);
    }
  });

  it('of this server itself need no list', async () => {
    const way = await everyWay('cors4@hosted.test');
    expect((await app.call('GET', '/v1/user', { headers: withCookie(way.browser, { origin: app.url }) })).status).toBe(200);
  });
});
