import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { CLIENT_ID, CLIENT_SECRET, createTestApp, type Answer, type TestApp } from '../support/app.ts';
import { visitor, type Page, type Visitor } from '../support/browser.ts';
import { asIdentity, authorizePath, identityToken, link, mailbox, PASSWORD, prepared, redeem, RETURN_URL, signIn } from '../support/signin.ts';

/**
 * The linking rule, attacked. Mallory has an Exchange mailbox of his own, so he can prepare sign-ins and
 * redeem what is his; the victim has a hosted mailbox with a password, and a browser that follows links.
 * Nothing of the victim may become Mallory's, and nothing of Mallory's the victim's without her seeing it.
 */
let app: TestApp;
let skewed = 0;
let mallory: string;
beforeAll(async () => {
  app = await createTestApp({ realTime: () => new Date(Date.now() + skewed) });
  mallory = await identityToken(app, 'mallory@exchange.test');
});
afterAll(() => app.close());

let nth = 0;
async function victim(): Promise<{ email: string; identity: string; accountId: number }> {
  const email = `victim${++nth}@hosted.test`;
  const { accountId } = await mailbox(app, email);
  return { email, accountId, identity: await identityToken(app, `outlook-${email}`) };
}

const seen = (page: Page): Record<string, string> => Object.fromEntries(page.location?.searchParams ?? []);
const codeOf = (page: Page): string => {
  expect(seen(page)).toMatchObject({ status: 'success', code: expect.any(String) });
  return seen(page).code!;
};
const as = (identity: string, headers: Record<string, string> = {}): Promise<Answer> => app.call('GET', '/v1/user', { headers: asIdentity(identity, headers) });
const formOf = (token: string, more: Record<string, string> = {}) => authorizePath({ accountRole: 'primary', token, ...more });
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  app.call('POST', path, { headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(fields).toString() });
const cookiesOf = (browser: Visitor): string => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
const otherApp = (clientId: string, more: { returnUrls?: string[]; origins?: string[]; linkWithoutRedeem?: boolean } = {}) =>
  upsertApp(app.deps, { clientId, clientSecret: `${clientId}-secret-0123456789`, signingSecret: 'x'.repeat(20), name: clientId, returnUrls: [RETURN_URL], origins: [], ...more });
const basicOf = (clientId: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`${clientId}:${clientId}-secret-0123456789`).toString('base64')}` });

describe('Mallory prepares and lures the victim into signing in', () => {
  it('links nothing: the code goes to the registered address, where he is not', async () => {
    const { email } = await victim();
    const end = await signIn(app, { accountRole: 'primary', token: await prepared(app, mallory) }, email);
    expect(`${end.location!.origin}${end.location!.pathname}`).toBe(RETURN_URL);
    codeOf(end);
    expect((await as(mallory)).status).toBe(401);
    expect((await app.call('GET', '/v1/account', { headers: asIdentity(mallory) })).status).toBe(401);
  });

  it('has to get past a form that names his Exchange server, asks for the password and never signs in by a cookie alone', async () => {
    const { email } = await victim();
    const browser = visitor(app);
    await signIn(app, { accountRole: 'primary' }, email, { browser });
    const page = await browser.get(formOf(await prepared(app, mallory), { loginHint: email }));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Link only what you started yourself');
    expect(page.html).toContain(new URL(app.url).host);
    expect(page.fields.password).toBe('');
    const blank = await browser.submit(page, { email, password: '' });
    expect(blank.status).toBe(401);
  });

  it('cannot make the form name somebody whom she trusts', async () => {
    const page = await visitor(app).get(formOf(await prepared(app, mallory), {
      state: 'boss@hosted.test', clientOrgId: 'Boss & Co', loginHint: 'x@hosted.test', mailboxInfo: 'boss@hosted.test', serverUrl: 'https://mail.boss.test', asking: 'boss', appName: 'Boss',
    }));
    expect(page.html.replaceAll(page.fields.flow!, '')).not.toMatch(/boss/i);
  });

  it('gets no cookie, token or silent success by asking for another responseType, by any spelling', async () => {
    const { email } = await victim();
    for (const responseType of ['cookie', 'token', 'none', 'code']) {
      const browser = visitor(app);
      const end = await signIn(app, { accountRole: 'primary', responseType, token: await prepared(app, mallory) }, email, { browser });
      expect(Object.keys(seen(end)).sort()).toEqual(['code', 'requestId', 'status']);
      expect([...browser.cookies.keys()].filter((name) => name.startsWith('AUR'))).toEqual([]);
    }
    for (const query of ['responseType=token&responseType=code', 'responseType=code&responseType=token', 'responseType[]=token', 'responseType=TOKEN', 'responseType=code%20token']) {
      const page = await app.call('GET', `${formOf(await prepared(app, mallory))}&${query}`);
      expect([query, [200, 400].includes(page.status), page.headers.get('location')]).toEqual([query, true, null]);
    }
  });

  it('cannot link her as a secondary mailbox of his either', async () => {
    const { email } = await victim();
    const own = `mallory${++nth}@hosted.test`;
    await mailbox(app, own);
    const { token } = await link(app, `linked-${own}`, own);
    const query = { accountRole: 'secondary', token: await prepared(app, token) };
    const page = await visitor(app).get(authorizePath(query));
    expect(page.html).toContain(`Linked now to ${own}`);
    codeOf(await signIn(app, query, email));
    const accounts = await app.call('GET', '/v1/user/accounts', { headers: asIdentity(token) });
    expect(accounts.body.records.map((a: { email: string }) => a.email)).toEqual([own]);
  });

  it('has nothing to redeem once she says "This isn\'t me"', async () => {
    const token = await prepared(app, mallory);
    const browser = visitor(app);
    const page = await browser.get(formOf(token));
    expect(seen(await browser.submit(page, { action: 'cancel' }))).toMatchObject({ status: 'error', error: 'access.denied' });
    expect(seen(await browser.get(formOf(token)))).toMatchObject({ error: 'token.notValid' });
    expect(seen(await browser.submit(page, { email: (await victim()).email, password: PASSWORD }))).toMatchObject({ error: 'token.notValid' });
  });

  it('does link where the application has linkWithoutRedeem on: the risk that the switch is documented with', async () => {
    await otherApp('trusting', { linkWithoutRedeem: true });
    const email = `lured${++nth}@hosted.test`;
    await mailbox(app, email, (await app.deps.db.selectFrom('apps').select('id').where('client_id', '=', 'trusting').executeTakeFirstOrThrow()).id);
    await signIn(app, { clientId: 'trusting', accountRole: 'primary', token: await prepared(app, mallory) }, email);
    expect((await as(mallory, { 'x-aurinko-client-id': 'trusting' })).body).toMatchObject({ email });
    // It is a switch of that application alone.
    expect((await as(mallory)).status).toBe(401);
  });
});

describe('the code is stolen on its way', () => {
  const stolen = async (): Promise<{ code: string; identity: string }> => {
    const { email, identity } = await victim();
    return { identity, code: codeOf(await signIn(app, { accountRole: 'primary', token: await prepared(app, identity) }, email)) };
  };

  it('and is nothing to another identity, to the application\'s secret, to another application, or to nobody', async () => {
    const { code, identity } = await stolen();
    await otherApp('rival');
    const path = `/v1/auth/token/${code}`;
    const tries: [string, string, Record<string, string>, number][] = [
      ['POST', path, asIdentity(mallory), 404],
      ['POST', path, {}, 401],
      ['POST', path, basicOf('rival'), 404],
      ['GET', path, basicOf('rival'), 404],
      ['POST', path, { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}` }, 404],
      ['GET', path, { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}` }, 404],
      ['POST', path, asIdentity(identity, { 'x-aurinko-client-id': 'rival' }), 404],
      ['POST', path, asIdentity(identity, { 'x-aurinko-client-id': 'nobody' }), 401],
      ['POST', path, { authorization: `Bearer ${identity}`, 'x-aurinko-auth-type': 'exchangeIdToken' }, 401],
      ['POST', path, asIdentity(identity, { 'x-aurinko-auth-type': 'entraIdToken' }), 401],
      ['POST', path, { ...asIdentity(mallory), 'x-aurinko-account-id': '1' }, 404],
      ['POST', `${path}%00`, asIdentity(identity), 400],
      ['POST', `${path}%20`, asIdentity(identity), 404],
      ['GET', path, asIdentity(identity), 401],
    ];
    for (const [method, at, headers, status] of tries) expect([method, headers, (await app.call(method, at, { headers })).status]).toEqual([method, headers, status]);
    expect((await as(identity)).status).toBe(401);
    expect((await redeem(app, code, identity)).status).toBe(200);
  });

  it('and is redeemed from a page of a site that the application does not list: refused', async () => {
    const { code, identity } = await stolen();
    for (const origin of ['https://evil.test', 'null', 'https://client.test.evil.test']) {
      expect(await app.call('POST', `/v1/auth/token/${code}`, { headers: asIdentity(identity, { origin }) })).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    }
    expect((await app.call('POST', `/v1/auth/token/${code}`, { headers: asIdentity(identity, { origin: 'https://client.test' }) })).status).toBe(200);
  });

  it('and replayed after the right one redeemed it: nothing for others, the same answer for her, nothing for anybody after ten minutes', async () => {
    const { code, identity } = await stolen();
    const first = await redeem(app, code, identity);
    expect((await redeem(app, code, mallory)).status).toBe(404);
    expect((await redeem(app, code, identity)).body).toEqual(first.body);
    skewed = 10 * 60_000 + 1000;
    expect((await redeem(app, code, identity)).status).toBe(404);
    skewed = 0;
  });

  it('and many redeem it at once with her: she alone gets it, once', async () => {
    const { code, identity } = await stolen();
    const answers = await Promise.all([mallory, identity, mallory, identity, mallory].map((who) => redeem(app, code, who)));
    expect(answers.map((a) => a.status)).toEqual([404, 200, 404, 200, 404]);
    expect(answers[1]!.body).toEqual(answers[3]!.body);
  });

  it('and was never redeemed: it is over after ten minutes', async () => {
    const { code, identity } = await stolen();
    skewed = 10 * 60_000 + 1000;
    expect((await redeem(app, code, identity)).status).toBe(404);
    skewed = 0;
  });
});

describe('the victim is to use what is Mallory\'s', () => {
  it('by a code of his in her pane: it waits for his identity and is nothing to hers', async () => {
    const own = `bait${++nth}@hosted.test`;
    await mailbox(app, own);
    const code = codeOf(await signIn(app, { accountRole: 'primary', token: await prepared(app, mallory) }, own));
    const { identity } = await victim();
    expect((await redeem(app, code, identity)).status).toBe(404);
    expect((await as(identity)).status).toBe(401);
  });

  it('by a form that his page sends from her browser: it was made for his', async () => {
    const own = `bait${++nth}@hosted.test`;
    await mailbox(app, own);
    const his = visitor(app);
    const page = await his.get(authorizePath({ accountRole: 'primary' }));
    const hers = visitor(app);
    await hers.get(authorizePath({ accountRole: 'primary' }));
    const fields = { flow: page.fields.flow!, email: own, password: PASSWORD, action: 'signin' };
    for (const cookie of ['', cookiesOf(hers)]) {
      const answer = await post('/v1/auth/signin', fields, { cookie });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
      expect(answer.body).toContain('This sign-in has ended');
    }
    // Even with his cookie planted in her browser, the browser says that another site sent the form.
    for (const site of ['cross-site', 'same-site']) {
      expect((await post('/v1/auth/signin', fields, { cookie: cookiesOf(his), 'sec-fetch-site': site })).status).toBe(400);
    }
    expect((await post('/v1/auth/signin', fields, { cookie: cookiesOf(his), 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });

  it('by a form cookie from a neighbouring domain: over https its name lets the server\'s own host set it only', async () => {
    const proxied = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const page = await proxied.call('GET', authorizePath({ accountRole: 'primary' }), { headers: { 'x-forwarded-proto': 'https', cookie: 'sundial_signin=planted' } });
    const [cookie] = page.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-sundial_signin=(?!planted)[\w-]+;/);
    expect(cookie).toMatch(/; Path=\/;?/);
    for (const part of [/HttpOnly/, /Secure/, /SameSite=Lax/]) expect(cookie).toMatch(part);
    expect(cookie).not.toMatch(/Domain=/);
    await proxied.close();
  });

  it('by a session that was planted before she signed in: she gets a new one, and the planted one is nobody', async () => {
    const { email } = await victim();
    const browser = visitor(app);
    browser.cookies.set(`AUR${app.appId}`, 'planted-session');
    await signIn(app, { accountRole: 'primary' }, email, { browser });
    const session = browser.cookies.get(`AUR${app.appId}`);
    expect(session).not.toBe('planted-session');
    expect((await app.call('GET', '/v1/user', { headers: { cookie: `AUR${app.appId}=planted-session`, 'x-aurinko-client-id': CLIENT_ID } })).status).toBe(401);
  });

  it('by his session in her browser, so that her second mailbox becomes his: the form names him', async () => {
    const own = `planter${++nth}@hosted.test`;
    await mailbox(app, own);
    const browser = visitor(app);
    await signIn(app, { accountRole: 'primary' }, own, { browser });
    const page = await browser.get(authorizePath({ accountRole: 'secondary' }));
    expect(page.html).toContain(`It is added to the mailboxes of ${own}`);
  });
});

describe('the form', () => {
  it('opened twice, or in two browsers, ends in one code', async () => {
    const { email, identity } = await victim();
    const token = await prepared(app, identity);
    const browsers = [visitor(app), visitor(app)];
    const pages = await Promise.all(browsers.map((browser) => browser.get(formOf(token))));
    const ends = await Promise.all(pages.map((page, i) => browsers[i]!.submit(page, { email, password: PASSWORD })));
    expect(ends.map((end) => seen(end).status).sort()).toEqual(['error', 'success']);
    expect(ends.map((end) => seen(end).error).filter(Boolean)).toEqual(['token.notValid']);
  });

  it('cannot be changed: not its flow, its application, its return address or its identity', async () => {
    const { email } = await victim();
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary', responseType: 'code' }));
    const [text = '', signature = ''] = page.fields.flow!.split('.');
    const form = JSON.parse(Buffer.from(text, 'base64url').toString()) as { flow: Record<string, unknown> };
    const forged = (flow: Record<string, unknown>): string => Buffer.from(JSON.stringify({ ...form, flow: { ...form.flow, ...flow } })).toString('base64url');
    const wrong = [
      ...[{ returnUrl: 'https://evil.test/' }, { clientId: 'rival' }, { responseType: 'token' }, { preparedId: 1 }, { grant: { role: 'secondary', userId: 'x' } }].map((flow) => `${forged(flow)}.${signature}`),
      text, `${text}.`, `.${signature}`, `${text}.${signature}.${signature}`, `${text}.${signature.slice(0, -1)}`, page.fields.flow!.toUpperCase(), '', '.', 'null.null',
      app.deps.keys.sign('page:x', form),
    ];
    for (const flow of wrong) {
      const answer = await browser.submit(page, { flow, email, password: PASSWORD });
      expect([flow.slice(-30), answer.status, answer.location]).toEqual([flow.slice(-30), 400, undefined]);
    }
    const added = await browser.submit(page, { email, password: PASSWORD, returnUrl: 'https://evil.test/', clientId: 'rival' });
    expect(added.location?.origin).toBe('https://client.test');
  });

  it('is over after half an hour, and is sent by POST alone', async () => {
    const { email } = await victim();
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    expect((await app.call('GET', `/v1/auth/signin?${new URLSearchParams({ flow: page.fields.flow!, email, password: PASSWORD })}`)).status).toBe(404);
    skewed = 30 * 60_000 + 1000;
    expect((await browser.submit(page, { email, password: PASSWORD })).status).toBe(400);
    skewed = 0;
  });

  it('is read by no script of another site, not even of one that an application lists', async () => {
    const page = await app.call('GET', authorizePath({ accountRole: 'primary' }), { headers: { origin: 'https://client.test' } });
    expect(page.status).toBe(200);
    expect([page.headers.get('access-control-allow-origin'), page.headers.get('access-control-allow-credentials')]).toEqual([null, null]);
  });
});

describe('where a flow goes', () => {
  it('is on the list to the letter: no prefix, no spelling, no user info, no fragment, no second value', async () => {
    for (const returnUrl of [
      'https://client.test', 'https://client.test/', `${RETURN_URL}/`, `${RETURN_URL}2`, `${RETURN_URL}?x=1`, `${RETURN_URL}#x`, `${RETURN_URL}#`, `${RETURN_URL}/../../evil`, `${RETURN_URL}%2f`, `${RETURN_URL} `, ` ${RETURN_URL}`, `${RETURN_URL}\t`,
      'http://client.test/return', 'HTTPS://client.test/return', 'https://CLIENT.test/return', 'https://client.test:443/return', 'https://client.test./return', 'https://client.test//return', 'https://client.test/./return', 'https://client.test/RETURN', 'https://client.test/retur%6e',
      'https://client.test@evil.test/return', 'https://evil.test/https://client.test/return', 'https://evil.test\\@client.test/return', 'https://client.test\\return', '//client.test/return', '/return', 'javascript://client.test/return%0aalert(1)', 'data:text/html,x', `${RETURN_URL}\r\nSet-Cookie: x=1`, `${RETURN_URL},${RETURN_URL}`, 'https://cliént.test/return', 'https://xn--client.test/return',
    ]) {
      const answer = await app.call('GET', '/v1/auth/authorizeUser', { query: { clientId: CLIENT_ID, serviceType: 'Hosted', accountRole: 'primary', returnUrl } });
      expect([returnUrl, answer.status, answer.body.code, answer.headers.get('location')]).toEqual([returnUrl, 400, 'returnurl.invalid', null]);
    }
    for (const query of [`returnUrl=https://evil.test/&returnUrl=${RETURN_URL}`, `returnUrl=${RETURN_URL}&returnUrl=https://evil.test/`, `returnUrl[]=https://evil.test/`]) {
      const answer = await app.call('GET', `/v1/auth/authorizeUser?clientId=${CLIENT_ID}&serviceType=Hosted&accountRole=secondary&${query}`);
      expect([query, answer.headers.get('location')?.startsWith(`${RETURN_URL}?`) ?? answer.status === 400]).toEqual([query, true]);
    }
  });

  it('is the list of the application that asks, never of another', async () => {
    await otherApp('elsewhere', { returnUrls: ['https://elsewhere.test/return'] });
    const answer = await app.call('GET', authorizePath({ accountRole: 'primary', returnUrl: 'https://elsewhere.test/return' }));
    expect(answer).toMatchObject({ status: 400, body: { code: 'returnurl.invalid' } });
  });

  it('keeps what the state holds from becoming a parameter, a header or another place', async () => {
    const state = '&status=success&code=forged\r\nLocation: https://evil.test/#?code=x';
    const end = await visitor(app).get(authorizePath({ accountRole: 'secondary', state }));
    expect(end.location?.origin).toBe('https://client.test');
    expect(seen(end)).toMatchObject({ status: 'error', state });
    expect(end.location!.searchParams.getAll('code')).toEqual([]);
    expect(end.location!.hash).toBe('');
  });
});

describe('whose user it becomes', () => {
  const now = (): number => Math.floor((Date.now() + skewed) / 1000);
  const sign = (text: string, secret = CLIENT_SECRET): string => createHmac('sha256', secret).update(text).digest('hex');

  it('is said by a signature that is fresh, for this user and this moment, and by nothing near it', async () => {
    const { email, identity } = await victim();
    const { answer } = await link(app, `outlook-${email}`, email);
    expect((await as(identity)).status).toBe(200);
    const userId = answer.body.userId as string;
    const t = now();
    const moved = { userId: userId.slice(0, -1), timestamp: `${userId.slice(-1)}${t}`, userSignature: sign(`${userId}${t}`) };
    const tries: [Record<string, string | number>, string][] = [
      [{ userId, timestamp: t - 301, userSignature: sign(`${userId}${t - 301}`) }, 'unauthorized'],
      [{ userId, timestamp: t + 330, userSignature: sign(`${userId}${t + 330}`) }, 'unauthorized'],
      [{ userId, timestamp: t, userSignature: sign(`${userId}${t}`, 'rival-secret-0123456789') }, 'unauthorized'],
      [{ userId, timestamp: t, userSignature: '' }, 'unauthorized'],
      [{ userId, timestamp: t, userSignature: sign(`${userId}${t}`).slice(0, 32) }, 'unauthorized'],
      [{ userId: `${userId} `, timestamp: t, userSignature: sign(`${userId}${t}`) }, 'unauthorized'],
      ...(/\d$/.test(userId) ? [[moved, 'unauthorized'] as [Record<string, string | number>, string]] : []),
    ];
    for (const [query, error] of tries) expect([query, seen(await visitor(app).get(authorizePath({ accountRole: 'secondary', ...query })))]).toMatchObject([query, { status: 'error', error }]);
  });

  it('and re-authorising an account as somebody else is 409, whoever\'s the account is', async () => {
    const { email } = await victim();
    const other = await victim();
    const foreign = await mailbox(app, `foreign${++nth}@hosted.test`, (await otherApp('renewer')).id);
    for (const accountId of [other.accountId, foreign.accountId, 999_999]) {
      const end = await signIn(app, { accountId }, email, { operation: 'authorize' });
      expect([end.status, end.location]).toEqual([409, undefined]);
    }
    // And with a prepared token: it is not spent by the wrong person.
    const token = await prepared(app, other.identity);
    expect((await signIn(app, { accountRole: 'primary', token, accountId: other.accountId }, email)).status).toBe(409);
    const code = codeOf(await signIn(app, { accountRole: 'primary', token, accountId: other.accountId }, other.email));
    expect((await redeem(app, code, other.identity)).body.accountId).toBe(other.accountId);
  });
});
