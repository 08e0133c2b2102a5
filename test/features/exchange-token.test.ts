import { createHash, createHmac, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import selfsigned from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config.ts';
import { AppError } from '../../server/errors.ts';
import { createExchangeTokens, type ExchangeTokens } from '../../server/features/auth/exchange-token.ts';
import { createClock, type Clock } from '../../server/lib/clock.ts';
import type { FetchResult } from '../../server/net/fetch.ts';
import { openAuthority } from '../../server/playground/authority.ts';
import { createTestApp } from '../support/app.ts';
import { PRODUCTION } from '../support/production.ts';

/** An Exchange of the outside world with one or more keys, and a server that trusts it. */
const METADATA_URL = 'https://mail.contoso.test:443/autodiscover/metadata/json/1';
const AUDIENCE = 'https://addin.contoso.test/addin/taskpane.html';
const EXCHANGE = '00000002-0000-0ff1-ce00-000000000000';

interface Key {
  readonly key: KeyObject;
  readonly x5t: string;
  readonly der: Buffer;
  readonly pem: string;
}

async function makeKey(): Promise<Key> {
  const made = await selfsigned.generate([{ name: 'commonName', value: 'Exchange' }], { keySize: 2048, algorithm: 'sha256' });
  const der = Buffer.from(new X509Certificate(made.cert).raw);
  return { key: createPrivateKey(made.private), x5t: createHash('sha1').update(der).digest('base64url'), der, pem: made.cert };
}

const metadataOf = (keys: readonly { x5t: string; der: Buffer }[]): unknown => ({
  id: '_1', version: '1.0', name: 'Exchange', realm: '*', serviceName: EXCHANGE, issuer: `${EXCHANGE}@*`, allowedAudiences: [`${EXCHANGE}@*`],
  keys: keys.map((k) => ({ usage: 'signing', keyinfo: { x5t: k.x5t }, keyvalue: { type: 'x509Certificate', value: k.der.toString('base64') } })),
  endpoints: [{ location: METADATA_URL, protocol: 'OAuth2', usage: 'metadata' }],
});

let one: Key;
let two: Key;
beforeAll(async () => {
  [one, two] = await Promise.all([makeKey(), makeKey()]);
});

let wall: number;
let requests: string[];
let published: unknown;
let down: boolean;
let tokens: ExchangeTokens;
beforeEach(() => {
  wall = Date.parse('2026-11-21T12:00:00Z');
  requests = [];
  published = metadataOf([one]);
  down = false;
  const clock: Clock = createClock(0, () => new Date(wall));
  const config = parseConfig({ SUNDIAL_MODE: 'playground', PUBLIC_URL: 'http://127.0.0.1:3000', EXCHANGE_METADATA_URLS: METADATA_URL, ADDIN_AUDIENCES: AUDIENCE });
  const fetch = async (url: string): Promise<FetchResult> => {
    requests.push(url);
    if (down) throw new AppError('provider.failed', 'down');
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(published)) };
  };
  tokens = createExchangeTokens({ config, clock, fetch });
});

const seconds = (): number => Math.floor(wall / 1000);
const context = (): Record<string, unknown> => ({ msexchuid: '53e925fa-76ba-45e1-be0f-4ef08b59d389', version: 'ExIdTok.V1', amurl: METADATA_URL });
/** As Exchange writes it: the context as a text, the times as numbers. */
const claims = (): Record<string, unknown> => ({
  iss: `${EXCHANGE}@contoso.test`, aud: AUDIENCE, nbf: seconds(), exp: seconds() + 28_800,
  appctxsender: `${EXCHANGE}@contoso.test`, isbrowserhostedapp: 'True', appctx: JSON.stringify(context()),
});

const sign = (payload: Record<string, unknown>, { by = one, x5t = by.x5t }: { by?: Key; x5t?: string } = {}): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t }).sign(by.key);

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const refused = async (token: string, why: RegExp): Promise<void> => {
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringMatching(why) });
};

describe('an Exchange identity token', () => {
  it('is taken in the form of the wire and in the form of the documentation', async () => {
    const identity = { metadataUrl: METADATA_URL, exchangeUid: '53e925fa-76ba-45e1-be0f-4ef08b59d389' };
    expect(await tokens.verify(await sign(claims()))).toEqual(identity);
    expect(await tokens.verify(await sign({ ...claims(), appctx: context(), nbf: String(seconds()), exp: String(seconds() + 60) }))).toEqual(identity);
  });

  it('with alg none is refused before anything is fetched', async () => {
    await refused(`${encode({ typ: 'JWT', alg: 'none', x5t: one.x5t })}.${encode(claims())}.AA`, /header\.alg/);
    await refused(`${encode({ typ: 'JWT', alg: 'none', x5t: one.x5t })}.${encode(claims())}.`, /three base64url parts/);
    expect(requests).toEqual([]);
  });

  it('with HS256 and the public certificate as the key is refused', async () => {
    const text = `${encode({ typ: 'JWT', alg: 'HS256', x5t: one.x5t })}.${encode(claims())}`;
    for (const secret of [one.der, Buffer.from(one.pem), Buffer.from(one.der.toString('base64'))]) {
      await refused(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`, /header\.alg/);
    }
    expect(requests).toEqual([]);
  });

  it('of a foreign Exchange is refused, and no request leaves', async () => {
    for (const amurl of ['https://evil.test/autodiscover/metadata/json/1', 'https://mail.contoso.test/autodiscover/metadata/json/1', `${METADATA_URL}?x`, `${METADATA_URL}/`, METADATA_URL.toUpperCase(), 'http://169.254.169.254/', 'file:///etc/passwd']) {
      await refused(await sign({ ...claims(), appctx: JSON.stringify({ ...context(), amurl }) }, { by: two }), /amurl/);
    }
    expect(requests).toEqual([]);
  });

  it('for another add-in is refused', async () => {
    await refused(await sign({ ...claims(), aud: 'https://other.test/addin/taskpane.html' }), /aud/);
    await refused(await sign({ ...claims(), aud: `${AUDIENCE}?x` }), /aud/);
    await refused(await sign({ ...claims(), aud: [AUDIENCE] }), /aud/);
  });

  it('of another version is refused', async () => {
    await refused(await sign({ ...claims(), appctx: JSON.stringify({ ...context(), version: 'ExIdTok.V2' }) }), /version/);
  });

  it('that has expired is refused, with five minutes of patience', async () => {
    await expect(tokens.verify(await sign({ ...claims(), nbf: seconds() - 9000, exp: seconds() - 299 }))).resolves.toBeDefined();
    await refused(await sign({ ...claims(), nbf: seconds() - 9000, exp: seconds() - 300 }), /expired/);
  });

  it('that was valid once is refused when its time is over, although it was seen before', async () => {
    const token = await sign({ ...claims(), exp: seconds() + 60 });
    await tokens.verify(token);
    wall += 361_000;
    await refused(token, /expired/);
  });

  it('that is not valid yet is refused, with five minutes of patience', async () => {
    await expect(tokens.verify(await sign({ ...claims(), nbf: seconds() + 300 }))).resolves.toBeDefined();
    await refused(await sign({ ...claims(), nbf: seconds() + 301 }), /not valid yet/);
  });

  it('that names a key of this Exchange but is signed with another is refused', async () => {
    await refused(await sign(claims(), { by: two, x5t: one.x5t }), /signature/);
  });

  it('whose key the metadata files under the thumbprint of another is refused', async () => {
    published = metadataOf([{ x5t: one.x5t, der: two.der }]);
    await refused(await sign(claims(), { by: two, x5t: one.x5t }), /x5t/);
  });

  it('is verified by the second key of the metadata as by the first', async () => {
    published = metadataOf([two, one]);
    await expect(tokens.verify(await sign(claims()))).resolves.toBeDefined();
  });

  it('whose claims were changed after signing is refused', async () => {
    const [header, , signature] = (await sign(claims())).split('.');
    await refused(`${header}.${encode({ ...claims(), appctx: JSON.stringify({ ...context(), msexchuid: 'somebody-else' }) })}.${signature}`, /signature/);
  });

  it('without one of its claims, or that is no token at all, is refused', async () => {
    for (const name of ['aud', 'nbf', 'exp', 'appctx']) await refused(await sign({ ...claims(), [name]: undefined }), new RegExp(name));
    for (const name of ['msexchuid', 'version', 'amurl']) await refused(await sign({ ...claims(), appctx: JSON.stringify({ ...context(), [name]: undefined }) }), /appctx/);
    for (const nbf of ['', 'soon', '1e9', null, true]) await refused(await sign({ ...claims(), nbf }), /nbf/);
    for (const text of ['', '.', 'a.b', 'a.b.c.d', '..', 'a b.c.d', `${encode('x')}.${encode('y')}.AA`, `${encode(null)}.${encode(null)}.AA`]) await refused(text, /./);
    expect(requests).toEqual([]);
  });

  it('of 1 MB is refused before it is read', async () => {
    const token = await sign({ ...claims(), padding: 'x'.repeat(1_000_000) });
    await refused(token, /longer/);
    expect(requests).toEqual([]);
  });

  it('follows the Exchange to a new key, looking again no more than every few minutes', async () => {
    await tokens.verify(await sign(claims()));
    published = metadataOf([two]);
    const signedByNew = await sign(claims(), { by: two });
    await refused(signedByNew, /x5t/);
    await refused(signedByNew, /x5t/);
    expect(requests).toHaveLength(1);
    wall += 5 * 60_000;
    await expect(tokens.verify(signedByNew)).resolves.toBeDefined();
    expect(requests).toHaveLength(2);
    await refused(await sign({ ...claims(), isbrowserhostedapp: 'False' }), /x5t/);
    expect(requests).toHaveLength(2);
  });

  it('is still taken while the Exchange is down, by the keys that were good last, without asking at each request', async () => {
    await tokens.verify(await sign(claims()));
    down = true;
    wall += 25 * 3_600_000;
    await expect(tokens.verify(await sign(claims()))).resolves.toBeDefined();
    await expect(tokens.verify(await sign({ ...claims(), isbrowserhostedapp: 'False' }))).resolves.toBeDefined();
    await refused(await sign(claims(), { by: two }), /x5t/);
    expect(requests).toHaveLength(2);
  });

  it('is answered with the provider\'s fault where the keys were never there', async () => {
    down = true;
    await expect(tokens.verify(await sign(claims()))).rejects.toMatchObject({ code: 'provider.failed' });
    published = { keys: 'none' };
    down = false;
    await expect(tokens.verify(await sign(claims()))).rejects.toMatchObject({ code: 'provider.failed' });
  });

  it('asks for the keys once, however many requests come at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => sign({ ...claims(), exp: seconds() + 1000 + i })));
    await Promise.all(all.map((token) => tokens.verify(token)));
    expect(requests).toHaveLength(1);
  });
});

describe('at the front door', () => {
  let app: Awaited<ReturnType<typeof createTestApp>>;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('a header of 1 MB is cut off before it reaches the application', async () => {
    const answer = await app.call('POST', '/v1/auth/prepare', { headers: { 'x-aurinko-auth-type': 'exchangeIdToken', authorization: `Bearer ${'x'.repeat(1_000_000)}` } }).catch((error: unknown) => error);
    expect(answer instanceof Error || (answer as { status: number }).status === 431).toBe(true);
  });

  it('a token is wanted as Bearer with its type, under either spelling of the header', async () => {
    for (const headers of [{}, { authorization: 'Bearer abc' }, { 'x-aurinko-auth-type': 'exchangeIdToken' }] as Record<string, string>[]) {
      expect((await app.call('POST', '/v1/auth/prepare', { headers })).status).toBe(401);
    }
    const other = await app.call('POST', '/auth/prepare', { headers: { 'x-aurinko-authtype': 'exchangeIdToken', authorization: 'Bearer a.b.c' } });
    expect(other).toMatchObject({ status: 401, body: { code: 'unauthorized', message: expect.stringContaining('exchangeIdToken') } });
  });

  it('says clearly that Entra sign-in is not set up', async () => {
    const headers = { 'x-aurinko-auth-type': 'entraIdToken', authorization: 'Bearer a.b.c' };
    for (const path of ['/v1/auth/prepare', '/v1/auth/token/abc']) {
      expect(await app.call('POST', path, { headers })).toMatchObject({ status: 401, body: { message: expect.stringContaining('Entra') } });
    }
    expect(await app.call('GET', '/v1/user', { headers })).toMatchObject({ status: 401, body: { message: expect.stringContaining('Entra') } });
  });
});

describe('the development Exchange of the playground', () => {
  let app: Awaited<ReturnType<typeof createTestApp>>;
  beforeAll(async () => {
    app = await createTestApp();
    await app.deps.db.insertInto('settings').values({ name: 'playground.signin', value: JSON.stringify([{ email: 'you@hosted.test', password: 'x' }]) }).execute();
  });
  afterAll(() => app.close());

  const ask = (mailbox: string, headers: Record<string, string> = {}) =>
    app.call('POST', '/playground/exchange/token', { body: { mailbox }, headers: { origin: app.url, ...headers } });

  it('issues tokens in the form of the wire, which the production path takes by the published key', async () => {
    const { token } = (await ask('You@hosted.test')).body;
    const [header, payload] = token.split('.').slice(0, 2).map((part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    expect(header).toEqual({ typ: 'JWT', alg: 'RS256', x5t: expect.stringMatching(/^[\w-]{27}$/) });
    expect(Object.keys(payload)).toEqual(['iss', 'aud', 'nbf', 'exp', 'appctxsender', 'isbrowserhostedapp', 'appctx']);
    expect(payload).toMatchObject({ aud: `${app.url}/addin/taskpane.html`, isbrowserhostedapp: 'True', appctx: expect.any(String) });
    expect(payload.exp - payload.nbf).toBe(28_800);
    expect(JSON.parse(payload.appctx)).toMatchObject({ version: 'ExIdTok.V1', msexchuid: expect.stringMatching(/^[\da-f-]{36}$/) });
    const metadata = await app.call('GET', new URL(JSON.parse(payload.appctx).amurl).pathname);
    expect(metadata.body).toMatchObject({ version: '1.0', name: 'Exchange', realm: '*', serviceName: EXCHANGE, keys: [{ usage: 'signing', keyinfo: { x5t: header.x5t }, keyvalue: { type: 'x509Certificate' } }] });
    const prepared = await app.call('POST', '/v1/auth/prepare', { headers: { 'x-aurinko-auth-type': 'exchangeIdToken', authorization: `Bearer ${token}` } });
    expect(prepared).toMatchObject({ status: 200, body: { token: expect.any(String) } });
  });

  it('knows a mailbox again after a restart, and keeps its key encrypted', async () => {
    const uid = (token: string) => JSON.parse(JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).appctx).msexchuid as string;
    const restarted = await openAuthority(app.deps);
    expect(uid(await restarted.issueIdentityToken({ mailbox: 'you@hosted.test' }))).toBe(uid((await ask('you@hosted.test')).body.token));
    expect(uid(await restarted.issueIdentityToken({ mailbox: 'other@hosted.test' }))).not.toBe(uid((await ask('you@hosted.test')).body.token));
    expect(restarted.metadata()).toEqual((await app.call('GET', '/playground/exchange/autodiscover/metadata/json/1')).body);
    expect(JSON.stringify(await app.deps.db.selectFrom('settings').selectAll().execute())).not.toContain('PRIVATE KEY');
  });

  it('gives tokens to its own page and for its own mailboxes only', async () => {
    expect((await ask('somebody@hosted.test')).status).toBe(404);
    expect((await ask('you@hosted.test', { origin: 'https://evil.test' })).status).toBe(403);
    expect((await ask('you@hosted.test', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('is nothing in production: no routes, and its tokens are not taken', async () => {
    const production = await createTestApp({ env: { ...PRODUCTION, ADDIN_AUDIENCES: `${app.url}/addin/taskpane.html` } });
    expect((await production.call('GET', '/playground/exchange/autodiscover/metadata/json/1')).status).toBe(404);
    expect((await production.call('POST', '/playground/exchange/token', { body: { mailbox: 'you@hosted.test' } })).status).toBe(404);
    const { token } = (await ask('you@hosted.test')).body;
    const answer = await production.call('POST', '/v1/auth/prepare', { headers: { 'x-aurinko-auth-type': 'exchangeIdToken', authorization: `Bearer ${token}` } });
    expect(answer).toMatchObject({ status: 401, body: { message: expect.stringContaining('amurl') } });
    await production.close();
  });
});
