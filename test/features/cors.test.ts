import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { BASIC, CLIENT_ID, createTestApp, type TestApp } from '../support/app.ts';
import { visitor } from '../support/browser.ts';
import { mailbox, signIn } from '../support/signin.ts';

/**
 * Who may call from a browser, as one matrix: where the script is from, what it brings along, whether it
 * names the application, and what it does. The right answer of each cell is computed from the rule, not listed.
 */
let app: TestApp;
let profileId: number;
let credentials: Record<'cookie' | 'bearer' | 'session' | 'basic' | 'none' | 'foreignCookie', Record<string, string>>;

const ORIGINS = {
  none: undefined,
  registered: 'https://client.test',
  otherApplication: 'https://neighbour.test',
  unregistered: 'https://evil.test',
  null: 'null',
} as const;
/** Nearly the registered one. */
const LOOK_ALIKES = {
  otherScheme: 'http://client.test',
  otherPort: 'https://client.test:8443',
  longer: 'https://client.test.evil.test',
  shorter: 'https://client.tes',
  subdomain: 'https://sub.client.test',
  upperCase: 'https://CLIENT.test',
  closingSlash: 'https://client.test/',
  two: 'https://client.test, https://evil.test',
} as const;
type OriginName = keyof typeof ORIGINS | keyof typeof LOOK_ALIKES | 'own';
const ALL = { ...ORIGINS, ...LOOK_ALIKES };

const CLIENT_IDS = { right: CLIENT_ID, missing: undefined, neighbour: 'neighbour', unknown: 'nobody' } as const;

beforeAll(async () => {
  app = await createTestApp();
  const neighbour = await upsertApp(app.deps, { clientId: 'neighbour', clientSecret: 'neighbour-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Neighbour', returnUrls: ['https://client.test/return'], origins: [ORIGINS.otherApplication] });
  const { accessToken, accountId } = await mailbox(app, 'matrix@hosted.test');
  await mailbox(app, 'theirs@hosted.test', neighbour.id);
  const [browser, theirs] = [visitor(app), visitor(app)];
  await signIn(app, { accountRole: 'primary' }, 'matrix@hosted.test', { browser });
  await signIn(app, { clientId: 'neighbour', accountRole: 'primary' }, 'theirs@hosted.test', { browser: theirs });
  const { code } = Object.fromEntries((await signIn(app, { accountRole: 'primary', responseType: 'code' }, 'matrix@hosted.test')).location!.searchParams);
  const { userSession } = (await app.call('POST', `/v1/auth/token/${code}`, { basic: true })).body;
  const cookie = `AUR${app.appId}=${browser.cookies.get(`AUR${app.appId}`)}`;
  credentials = {
    none: {}, cookie: { cookie }, bearer: { authorization: `Bearer ${accessToken}` }, session: { 'x-aurinko-session': userSession },
    basic: { authorization: BASIC, 'x-aurinko-account-id': String(accountId) },
    // The session of another application, under the name of this one's cookie.
    foreignCookie: { cookie: `AUR${app.appId}=${theirs.cookies.get(`AUR${neighbour.id}`)}` },
  };
  profileId = (await app.call('POST', '/v1/book/account/profiles', { as: accessToken, body: { name: 'matrix', subject: 'Call' } })).body.id;
});
afterAll(() => app.close());

const OPERATIONS: readonly { readonly method: string; readonly path: () => string; readonly body?: unknown }[] = [
  { method: 'GET', path: () => '/v1/account' },
  { method: 'POST', path: () => '/v1/email/draftTracking/create?draftId=matrix&ignoreNotFound=true', body: { tracking: { opens: true } } },
  { method: 'PATCH', path: () => `/v1/book/account/profiles/${profileId}`, body: { subject: 'Changed' } },
  { method: 'DELETE', path: () => '/v1/email/tracking' },
];

/** The rule: who calls is known, and his application lists the script's origin exactly. */
function wanted(origin: OriginName, credential: keyof typeof credentials, clientId: keyof typeof CLIENT_IDS): number {
  const known = credential === 'bearer' || credential === 'basic'
    || (credential === 'cookie' && clientId === 'right')
    || (credential === 'session' && (clientId === 'right' || clientId === 'missing'));
  if (!known) return 401;
  return ['none', 'own', 'registered'].includes(origin) ? 200 : 403;
}

describe('calls from browsers', () => {
  it('are answered by origin, credentials and client id, whatever the method; only listed origins may read, never *', async () => {
    const wrong: unknown[] = [];
    let cells = 0;
    for (const [origin, sent] of Object.entries({ ...ALL, own: app.url }) as [OriginName, string | undefined][]) {
      for (const credential of Object.keys(credentials) as (keyof typeof credentials)[]) {
        for (const [clientId, named] of Object.entries(CLIENT_IDS) as [keyof typeof CLIENT_IDS, string | undefined][]) {
          for (const op of OPERATIONS) {
            if (origin in LOOK_ALIKES && (clientId !== 'right' || !['cookie', 'bearer'].includes(credential) || op.method === 'POST')) continue;
            cells++;
            const answer = await app.call(op.method, op.path(), {
              ...(op.body ? { body: op.body } : {}),
              headers: { ...credentials[credential], ...(sent === undefined ? {} : { origin: sent }), ...(named === undefined ? {} : { 'x-aurinko-client-id': named }) },
            });
            const mayRead = origin === 'registered' || origin === 'otherApplication' ? sent! : null;
            const got = [answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-allow-credentials'), answer.headers.get('vary')?.includes('Origin')];
            const right = [wanted(origin, credential, clientId), mayRead, mayRead && 'true', true];
            if (JSON.stringify(got) !== JSON.stringify(right)) wrong.push({ origin, credential, clientId, method: op.method, got, right });
          }
        }
      }
    }
    expect(cells).toBe(6 * 6 * 4 * 4 + 8 * 2 * 3);
    expect(wrong).toEqual([]);
  }, 120_000);

  it('that were refused have done nothing', async () => {
    const headers = { ...credentials.cookie, 'x-aurinko-client-id': CLIENT_ID };
    const subject = async () => (await app.call('GET', `/v1/book/account/profiles/${profileId}`, { headers })).body.subject;
    const before = await subject();
    for (const origin of Object.values(ALL).filter((o) => o !== undefined && o !== ORIGINS.registered)) {
      for (const credential of [credentials.cookie, credentials.bearer, credentials.session]) {
        await app.call('PATCH', `/v1/book/account/profiles/${profileId}`, { headers: { ...headers, ...credential, origin }, body: { subject: `from ${origin}` } });
      }
    }
    expect(await subject()).toBe(before);
  });

  it('need no preflight where a form could send them, and still do nothing: a form cannot name the client id, and a body that is no JSON is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await app.call('POST', OPERATIONS[1]!.path(), { headers: { ...credentials.cookie, 'content-type': type, origin: 'https://evil.test' }, body: '{"tracking":{"opens":true}}' });
      expect([type, [401, 415].includes(answer.status)]).toEqual([type, true]);
    }
    for (const named of ['clientId', 'client_id', 'x-aurinko-client-id', 'X-Aurinko-ClientId']) {
      expect([named, (await app.call('DELETE', `/v1/email/tracking?${named}=${CLIENT_ID}`, { headers: credentials.cookie })).status]).toEqual([named, 401]);
    }
  });

  it('are asked for by a preflight, which lets exactly the listed origins through, with every method and header of the API', async () => {
    for (const [origin, sent] of Object.entries(ALL)) {
      if (sent === undefined) continue;
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await app.call('OPTIONS', '/v1/account', { headers: { origin: sent, 'access-control-request-method': method, 'access-control-request-headers': 'x-aurinko-client-id, authorization' } });
        const listed = origin === 'registered' || origin === 'otherApplication';
        expect([origin, answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-allow-credentials')]).toEqual([origin, listed ? 204 : 403, listed ? sent : null, listed ? 'true' : null]);
        if (listed) expect(answer.headers.get('access-control-allow-methods')).toContain(method);
      }
    }
  });

  it('read public things without credentials from listed origins only; anybody else sees no more than a status', async () => {
    const path = '/v1/book/test-client/matrix/meeting';
    expect((await app.call('GET', path, { headers: { origin: 'https://client.test' } })).headers.get('access-control-allow-origin')).toBe('https://client.test');
    const foreign = await app.call('GET', path, { headers: { origin: 'https://evil.test' } });
    expect([foreign.headers.get('access-control-allow-origin'), foreign.headers.get('cross-origin-resource-policy')]).toEqual([null, 'same-origin']);
  });
});
