import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { BASIC, CLIENT_ID, CLIENT_SECRET, createTestApp, type TestApp } from '../support/app.ts';
import { visitor, type Page } from '../support/browser.ts';
import { asIdentity, authorizePath, identityToken, link, mailbox, PASSWORD, prepared, redeem, RETURN_URL, signIn } from '../support/signin.ts';

let app: TestApp;
let skewed = 0;
beforeAll(async () => {
  app = await createTestApp({ realTime: () => new Date(Date.now() + skewed) });
});
afterAll(() => app.close());

const parameters = (page: Page): Record<string, string> => {
  expect({ status: page.status, html: page.status === 303 ? '' : page.html }).toEqual({ status: 303, html: '' });
  return Object.fromEntries(page.location!.searchParams);
};

const basic = (code: string | undefined) => app.call('POST', `/v1/auth/token/${code}`, { basic: true });

describe('signing the pane in by its Exchange identity', () => {
  it('prepares, shows one page for form and link, redeems without a secret, and then every call may use the identity', async () => {
    const { accountId } = await mailbox(app, 'pane@hosted.test');
    const token = await identityToken(app, 'pane@exchange.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary', responseType: 'code', token: await prepared(app, token), state: 'st&te' }));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Link these accounts');
    expect(page.html).toContain(new URL(app.url).host);
    expect(page.html).toContain('Not linked to any mailbox yet');
    const end = await browser.submit(page, { email: 'Pane@hosted.test', password: PASSWORD });
    expect(end.location?.origin).toBe('https://client.test');
    const back = parameters(end);
    expect(back).toMatchObject({ status: 'success', state: 'st&te', code: expect.any(String), requestId: expect.any(String) });

    expect((await app.call('GET', '/v1/user', { headers: asIdentity(token) })).status).toBe(401);
    const saved = await redeem(app, back.code, token);
    expect(saved.status).toBe(200);
    expect(saved.body).toMatchObject({ accountId, accessToken: expect.any(String), userId: expect.any(String), userSession: expect.any(String) });
    const user = await app.call('GET', '/v1/user', { headers: asIdentity(token) });
    expect(user.body).toMatchObject({ id: saved.body.userId, email: 'pane@hosted.test', externalIdType: 'exchangeIdentity', accounts: [{ id: accountId, userAccountType: 'primary' }] });
    expect((await app.call('GET', '/v1/account', { headers: asIdentity(token) })).body.id).toBe(accountId);
  });

  it('links nothing until the code is redeemed, and the same code answers the same for ten minutes', async () => {
    await mailbox(app, 'twice@hosted.test');
    const { token, answer } = await link(app, 'twice@exchange.test', 'twice@hosted.test');
    const code = await codeFor('twice@hosted.test', token);
    const first = await redeem(app, code, token);
    const again = await redeem(app, code, token);
    expect(first.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(first.body.userId).toBe(answer.body.userId);
    skewed = 10 * 60_000 + 1000;
    expect((await redeem(app, code, token)).status).toBe(404);
    skewed = 0;
  });

  it('gives two simultaneous redemptions one answer', async () => {
    await mailbox(app, 'race@hosted.test');
    const token = await identityToken(app, 'race@exchange.test');
    const code = await codeFor('race@hosted.test', token);
    const answers = await Promise.all([1, 2, 3, 4].map(() => redeem(app, code, token)));
    expect(new Set(answers.map((a) => JSON.stringify(a.body))).size).toBe(1);
  });

  it('gives the code to nobody but the identity that prepared: neither another mailbox nor the application\'s secret', async () => {
    await mailbox(app, 'lured@hosted.test');
    const attacker = await identityToken(app, 'attacker@exchange.test');
    const victim = await identityToken(app, 'lured@exchange.test');
    const code = await codeFor('lured@hosted.test', attacker);
    expect((await redeem(app, code, victim)).status).toBe(404);
    expect((await basic(code)).status).toBe(404);
    expect((await app.call('GET', `/v1/auth/token/${code}`, { basic: true })).status).toBe(404);
    expect((await app.call('POST', `/v1/auth/token/${code}`)).status).toBe(401);
    expect((await app.call('POST', `/v1/auth/token/${code}`, { headers: asIdentity(attacker, { 'x-aurinko-client-id': 'nobody' }) })).status).toBe(401);
    expect((await app.call('GET', '/v1/user', { headers: asIdentity(attacker) })).status).toBe(401);
    expect((await app.call('GET', '/v1/user', { headers: asIdentity(victim) })).status).toBe(401);
  });

  it('ends in a code whatever responseType says, also with userAccount=primary on /auth/authorize', async () => {
    await mailbox(app, 'types@hosted.test');
    const token = await identityToken(app, 'types@exchange.test');
    for (const responseType of ['cookie', 'none', 'token', 'code']) {
      const end = await signIn(app, { accountRole: 'primary', responseType, token: await prepared(app, token) }, 'types@hosted.test');
      expect(Object.keys(parameters(end)).sort()).toEqual(['code', 'requestId', 'status']);
      expect(end.headers.getSetCookie().join()).not.toContain('AUR');
    }
    const page = await visitor(app).get(`/auth/authorize?${new URLSearchParams({ clientId: CLIENT_ID, serviceType: 'Hosted', returnUrl: RETURN_URL, userAccount: 'primary', token: await prepared(app, token) })}`);
    expect(page.html).toContain('Link these accounts');
  });

  it('takes a prepared token once, and for ten minutes', async () => {
    await mailbox(app, 'once@hosted.test');
    const token = await identityToken(app, 'once@exchange.test');
    const one = await prepared(app, token);
    const query = { accountRole: 'primary', token: one };
    const [first, second] = [visitor(app), visitor(app)];
    const pages = [await first.get(authorizePath(query)), await second.get(authorizePath(query))];
    expect(parameters(await first.submit(pages[0]!, { email: 'once@hosted.test', password: PASSWORD })).status).toBe('success');
    expect(parameters(await second.submit(pages[1]!, { email: 'once@hosted.test', password: PASSWORD }))).toMatchObject({ status: 'error', error: 'token.notValid' });
    expect(parameters(await first.get(authorizePath(query)))).toMatchObject({ status: 'error', error: 'token.notValid' });
    const late = await prepared(app, token);
    skewed = 10 * 60_000 + 1000;
    expect(parameters(await visitor(app).get(authorizePath({ accountRole: 'primary', token: late })))).toMatchObject({ error: 'token.notValid' });
    skewed = 0;
  });

  it('goes back with access.denied on "This isn\'t me", and the prepared token is spent', async () => {
    const token = await identityToken(app, 'cancel@exchange.test');
    const query = { accountRole: 'primary', token: await prepared(app, token), state: 's' };
    const browser = visitor(app);
    const end = await browser.submit(await browser.get(authorizePath(query)), { action: 'cancel' });
    expect(parameters(end)).toMatchObject({ status: 'error', error: 'access.denied', state: 's' });
    expect(parameters(await browser.get(authorizePath(query)))).toMatchObject({ error: 'token.notValid' });
  });

  it('shows whom the asking mailbox is linked to already', async () => {
    await mailbox(app, 'known@hosted.test');
    const { token } = await link(app, 'known@exchange.test', 'known@hosted.test');
    const page = await visitor(app).get(authorizePath({ accountRole: 'primary', token: await prepared(app, token) }));
    expect(page.html).toContain('Linked now to known@hosted.test');
  });

  it('links at the end of the flow where the application allows it, for clients that never redeem', async () => {
    const other = await upsertApp(app.deps, { clientId: 'documented', clientSecret: 'documented-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Documented', returnUrls: [RETURN_URL], origins: [], linkWithoutRedeem: true });
    await mailbox(app, 'documented@hosted.test', other.id);
    const token = await identityToken(app, 'documented@exchange.test');
    const end = await signIn(app, { clientId: 'documented', accountRole: 'primary', token: await prepared(app, token) }, 'documented@hosted.test');
    expect(parameters(end).status).toBe('success');
    const user = await app.call('GET', '/v1/user', { headers: asIdentity(token, { 'x-aurinko-client-id': 'documented' }) });
    expect(user.body).toMatchObject({ email: 'documented@hosted.test' });
  });

  async function codeFor(email: string, token: string): Promise<string> {
    const end = await signIn(app, { accountRole: 'primary', token: await prepared(app, token) }, email);
    return parameters(end).code!;
  }
});

describe('where a flow returns to', () => {
  it('refuses an address that is not on the list exactly', async () => {
    for (const returnUrl of ['https://evil.test/', `${RETURN_URL}/`, `${RETURN_URL}?x=1`, 'https://client.test.evil.test/return', 'javascript:alert(1)', 'HTTPS://client.test/return']) {
      expect(await app.call('GET', authorizePath({ accountRole: 'primary', returnUrl }))).toMatchObject({ status: 400, body: { code: 'returnurl.invalid' } });
    }
  });

  it('without returnUrl posts the result to the opener at the registered origins, never at *', async () => {
    await mailbox(app, 'popup@hosted.test');
    const browser = visitor(app);
    const path = `/authorizeUser?${new URLSearchParams({ clientId: CLIENT_ID, serviceType: 'Hosted', accountRole: 'primary', responseType: 'code', state: '</script>' })}`;
    const end = await browser.submit(await browser.get(path), { email: 'popup@hosted.test', password: PASSWORD });
    expect(end.status).toBe(200);
    const data = /<script type="application\/json" id="result">(.*?)<\/script>/.exec(end.html)![1]!;
    expect(JSON.parse(data)).toMatchObject({ outcome: { status: 'success', state: '</script>', code: expect.any(String) }, origins: ['https://client.test'] });
    expect(end.headers.get('content-security-policy')).toContain("script-src 'self'");
    const script = await app.call('GET', '/v1/auth/result.js');
    expect(script.headers.get('content-type')).toContain('javascript');
    expect(script.body).not.toMatch(/'\*'|"\*"/);
  });

  it('refuses a flow without returnUrl where the application lists no origin', async () => {
    await upsertApp(app.deps, { clientId: 'silent', clientSecret: 'silent-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Silent', returnUrls: [RETURN_URL], origins: [] });
    const answer = await app.call('GET', '/v1/auth/authorizeUser', { query: { clientId: 'silent', serviceType: 'Hosted', accountRole: 'primary' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'returnurl.invalid' } });
  });

  it('keeps a query that the registered address has', async () => {
    await upsertApp(app.deps, { clientId: 'query', clientSecret: 'query-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Query', returnUrls: ['https://client.test/r?keep=1'], origins: [] });
    const page = await visitor(app).get(authorizePath({ clientId: 'query', accountRole: 'secondary', returnUrl: 'https://client.test/r?keep=1' }));
    expect(parameters(page)).toMatchObject({ keep: '1', status: 'error', error: 'unauthorized' });
  });

  it('answers an unknown client and a missing parameter with what is wrong', async () => {
    expect(await app.call('GET', authorizePath({ accountRole: 'primary', clientId: 'nobody' }))).toMatchObject({ status: 400, body: { field: 'clientId' } });
    expect(await app.call('GET', authorizePath({}))).toMatchObject({ status: 400, body: { field: 'accountRole' } });
    expect(await app.call('GET', authorizePath({ accountRole: 'primary', serviceType: 'Pigeon' }))).toMatchObject({ status: 400, body: { field: 'serviceType' } });
  });
});

describe('services', () => {
  it('that Sundial does not connect are 400 service.unsupported', async () => {
    for (const serviceType of ['Salesforce', 'Slack', 'Zoom']) {
      expect(await app.call('GET', authorizePath({ accountRole: 'primary', serviceType }))).toMatchObject({ status: 400, body: { code: 'service.unsupported' } });
    }
    expect(await app.call('GET', '/v1/auth/authorizeDaemon', { query: { clientId: CLIENT_ID, serviceType: 'Office365', returnUrl: RETURN_URL } })).toMatchObject({ status: 400, body: { code: 'service.unsupported' } });
  });

  it('that are not configured show what they need and offer the sign-in that works, with the same parameters', async () => {
    const browser = visitor(app);
    for (const serviceType of ['Google', 'Office365', 'IMAP', 'EWS', 'iCloud']) {
      const page = await browser.get(authorizePath({ accountRole: 'primary', serviceType, state: 'kept' }));
      expect(page.status).toBe(200);
      expect(page.html).toContain('is not set up here');
      const href = /class="choice" href="([^"]+)"/.exec(page.html)![1]!.replaceAll('&amp;', '&');
      expect(href).toContain('state=kept');
      expect((await browser.get(href)).html).toContain('name="password"');
    }
  });
});

describe('a flow of an application', () => {
  it('ends with a code for its secret: once, for five minutes, and for no other application', async () => {
    const { accountId } = await mailbox(app, 'code@hosted.test');
    const { code } = parameters(await signIn(app, {}, 'code@hosted.test', { operation: 'authorize' }));
    await upsertApp(app.deps, { clientId: 'thief', clientSecret: 'thief-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Thief', returnUrls: [], origins: [] });
    const thief = `Basic ${Buffer.from('thief:thief-secret-0123456789').toString('base64')}`;
    expect((await app.call('POST', `/v1/auth/token/${code}`, { headers: { authorization: thief } })).status).toBe(404);
    const saved = await basic(code);
    expect(saved.body).toEqual({ accountId, accessToken: expect.any(String) });
    expect((await app.call('GET', '/v1/account', { as: saved.body.accessToken })).body).toMatchObject({ id: accountId, email: 'code@hosted.test' });
    expect((await basic(code)).status).toBe(404);

    const late = parameters(await signIn(app, {}, 'code@hosted.test', { operation: 'authorize' })).code;
    skewed = 5 * 60_000 + 1000;
    expect((await basic(late)).status).toBe(404);
    skewed = 0;
  });

  it('redeems by GET as by POST, and gives a user and a session where a user signed in', async () => {
    await mailbox(app, 'get@hosted.test');
    const { code } = parameters(await signIn(app, { accountRole: 'primary', responseType: 'code' }, 'get@hosted.test'));
    const saved = await app.call('GET', `/v1/auth/token/${code}`, { basic: true });
    expect(saved.body).toMatchObject({ userId: expect.any(String), userSession: expect.any(String), accessToken: expect.any(String) });
    expect((await app.call('GET', '/v1/user', { headers: { 'x-aurinko-session': saved.body.userSession } })).body.id).toBe(saved.body.userId);
    expect((await app.call('GET', `/v1/auth/token/${code}`)).status).toBe(401);
  });

  it('gives the account token at once for responseType=token, and nothing for none', async () => {
    const { accountId } = await mailbox(app, 'token@hosted.test');
    const back = parameters(await signIn(app, { responseType: 'token' }, 'token@hosted.test', { operation: 'authorize' }));
    expect((await app.call('GET', '/v1/account', { as: back.token! })).body.id).toBe(accountId);
    expect(Object.keys(parameters(await signIn(app, { accountRole: 'primary', responseType: 'none' }, 'token@hosted.test'))).sort()).toEqual(['requestId', 'status']);
    expect(parameters(await visitor(app).get(authorizePath({ responseType: 'cookie' }, 'authorize')))).toMatchObject({ status: 'error', error: 'request.invalid' });
  });

  it('sets the scopes and the organisation that were asked for, and leaves them where none are', async () => {
    await mailbox(app, 'scoped@hosted.test');
    const { code } = parameters(await signIn(app, { scopes: 'Mail.Read Calendar.Read', clientOrgId: 'org-7', nativeScopes: 'a b', ensureScopes: true, ensureAccess: true, recycle: true }, 'scoped@hosted.test', { operation: 'authorize' }));
    const { accessToken } = (await basic(code)).body;
    expect((await app.call('GET', '/v1/account', { as: accessToken })).body).toMatchObject({ authScopes: ['Mail.Read', 'Calendar.Read'], clientOrgId: 'org-7', authNativeScopes: ['a', 'b'] });
    parameters(await signIn(app, {}, 'scoped@hosted.test', { operation: 'authorize' }));
    expect((await app.call('GET', '/v1/account', { as: accessToken })).body).toMatchObject({ authScopes: ['Mail.Read', 'Calendar.Read'], clientOrgId: 'org-7' });
    expect(await app.call('POST', '/v1/email/messages', { as: accessToken, body: { subject: 'x', to: [{ address: 'a@b.test' }] } })).toMatchObject({ status: 403, body: { code: 'scope.missing' } });
  });

  it('refuses somebody else where one account or address is asked for (409), and the right person may still sign in', async () => {
    const { accountId } = await mailbox(app, 'renew@hosted.test');
    await mailbox(app, 'notme@hosted.test');
    const browser = visitor(app);
    for (const query of [{ accountId }, { authEmail: 'renew@hosted.test' }] as Record<string, string | number>[]) {
      const page = await browser.get(authorizePath(query, 'authorize'));
      const wrong = await browser.submit(page, { email: 'notme@hosted.test', password: PASSWORD });
      expect(wrong.status).toBe(409);
      expect(parameters(await browser.submit(wrong, { email: 'renew@hosted.test', password: PASSWORD })).status).toBe('success');
    }
  });
});

describe('a signed userId', () => {
  const now = (): number => Math.floor((Date.now() + skewed) / 1000);
  const sign = (userId: string, timestamp: number, form: 'hex' | 'base64' | 'base64url' = 'hex', secret = CLIENT_SECRET): string =>
    createHmac('sha256', secret).update(`${userId}${timestamp}`).digest(form);

  it('adds a secondary account to that user, in hex, base64 or base64url, seconds or milliseconds', async () => {
    const userId = await newUser('owner@hosted.test');
    const times = [now(), now() * 1000, now()];
    for (const [i, form] of (['hex', 'base64', 'base64url'] as const).entries()) {
      const { accountId } = await mailbox(app, `second${i}@hosted.test`);
      const timestamp = times[i]!;
      const end = await signIn(app, { accountRole: 'secondary', responseType: 'none', userId, timestamp, userSignature: sign(userId, timestamp, form) }, `second${i}@hosted.test`);
      expect(parameters(end).status).toBe('success');
      const account = await app.call('GET', `/v1/am/accounts/${accountId}`, { basic: true });
      expect(account.body.userId).toBe(userId);
    }
  });

  it('is refused without a signature, with a wrong, an old or a foreign one, and for a user that is not', async () => {
    const userId = await newUser('signed@hosted.test');
    const t = now();
    const old = t - 301;
    const queries: [Record<string, string | number>, string][] = [
      [{ userId }, 'unauthorized'],
      [{ userId, timestamp: t }, 'unauthorized'],
      [{ userId, timestamp: t, userSignature: 'abc' }, 'unauthorized'],
      [{ userId, timestamp: t + 1, userSignature: sign(userId, t) }, 'unauthorized'],
      [{ userId, timestamp: old, userSignature: sign(userId, old) }, 'unauthorized'],
      [{ userId, timestamp: t, userSignature: sign(userId, t, 'hex', 'another secret') }, 'unauthorized'],
      [{ userId: 'nobody', timestamp: t, userSignature: sign('nobody', t) }, 'notFound'],
    ];
    for (const [query, error] of queries) {
      expect(parameters(await visitor(app).get(authorizePath({ accountRole: 'secondary', ...query })))).toMatchObject({ status: 'error', error });
    }
  });

  it('does not make the primary account of one user that of another', async () => {
    const userId = await newUser('mine@hosted.test');
    await newUser('yours@hosted.test');
    const timestamp = now();
    const wrong = await signIn(app, { accountRole: 'primary', userId, timestamp, userSignature: sign(userId, timestamp) }, 'yours@hosted.test');
    expect(wrong.status).toBe(409);
    const secondary = await signIn(app, { accountRole: 'secondary', userId, timestamp, userSignature: sign(userId, timestamp) }, 'yours@hosted.test');
    expect(secondary.status).toBe(409);
  });

  async function newUser(email: string): Promise<string> {
    await mailbox(app, email);
    const { code } = parameters(await signIn(app, { accountRole: 'primary', responseType: 'code' }, email));
    return (await app.call('POST', `/v1/auth/token/${code}`, { headers: { authorization: BASIC } })).body.userId as string;
  }
});

describe('secrets', () => {
  it('appear in no log line and no error, and at rest only hashed or encrypted', async () => {
    const lines: string[] = [];
    const loud = await createTestApp({ log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }) });
    await mailbox(loud, 'canary@hosted.test');
    const { token, answer } = await link(loud, 'canary@exchange.test', 'canary@hosted.test');
    const browser = visitor(loud);
    const spare = await prepared(loud, token);
    const page = await browser.get(authorizePath({ accountRole: 'primary', token: spare }));
    const errors = [
      (await browser.submit(page, { email: 'canary@hosted.test', password: 'canary-wrong-password' })).html.replaceAll(page.fields.flow!, ''),
      JSON.stringify((await loud.call('GET', '/v1/user', { headers: asIdentity(`${token}x`) })).body),
      JSON.stringify((await loud.call('GET', '/v1/account', { as: `${answer.body.accessToken}x` })).body),
      JSON.stringify((await loud.call('GET', `/v1/nothing/here?token=${answer.body.accessToken}`)).body),
    ].join();
    await browser.submit(page, { email: 'canary@hosted.test', password: PASSWORD });
    const cookie = visitor(loud);
    await signIn(loud, { accountRole: 'primary' }, 'canary@hosted.test', { browser: cookie });
    await loud.call('GET', '/v1/user', { headers: { 'x-aurinko-session': answer.body.userSession } });
    await loud.drain();
    const session = [...cookie.cookies].find(([name]) => name.startsWith('AUR'))![1];
    const secrets = [PASSWORD, 'canary-wrong-password', token, answer.body.accessToken, answer.body.userSession, session, spare, CLIENT_SECRET];
    const stored: string[] = [];
    for (const table of ['apps', 'accounts', 'account_tokens', 'account_passwords', 'users', 'sessions', 'exchange_identities', 'prepared_tokens', 'auth_codes', 'outbox', 'settings'] as const) {
      stored.push(JSON.stringify(await loud.deps.db.selectFrom(table).selectAll().execute()));
    }
    for (const secret of secrets) {
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
      expect(errors.includes(secret)).toBe(false);
      expect(stored.filter((rows) => rows.includes(secret))).toEqual([]);
    }
    await loud.close();
  });
});
