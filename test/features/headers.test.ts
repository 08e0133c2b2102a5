import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes } from '../../server/app.ts';
import { parseConfig } from '../../server/config.ts';
import { operations } from '../../server/contract.ts';
import { securityHeaders, type PageClass } from '../../server/http/headers.ts';
import { createTestApp, type Answer, type TestApp } from '../support/app.ts';
import { visitor } from '../support/browser.ts';
import { trackedMessage } from '../support/tracking.ts';
import { authorizePath, mailbox, PASSWORD } from '../support/signin.ts';
import { PRODUCTION } from '../support/production.ts';

const BUILD = resolve(import.meta.dirname, '../../dist/addin');
const FRAMES = ['https://owa.example.com'];

/** Every header of the table, so that a page has those of its class and none of another. */
const TABLED = ['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'content-disposition', 'x-frame-options', 'x-content-type-options', 'referrer-policy', 'x-permitted-cross-domain-policies'];

function expectClass(answer: Pick<Answer, 'headers'>, pageClass: PageClass, what: string): void {
  const wanted = Object.fromEntries(Object.entries(securityHeaders(pageClass, { frameOrigins: FRAMES, secure: false })).map(([name, value]) => [name.toLowerCase(), value]));
  const has = (names: Iterable<string>, value: (name: string) => string | null | undefined) => Object.fromEntries([...names].map((name) => [name, value(name) ?? null]));
  // Dispositions may name the file; caching is each page's own.
  expect({ what, ...has(TABLED, (name) => answer.headers.get(name)?.replace(/; filename.*/, '')) }).toEqual({ what, ...has(TABLED, (name) => wanted[name]) });
}

/** Operations that answer anything but JSON, with the class of what they answer. */
const CLASS_OF_OPERATION: Readonly<Record<string, PageClass>> = {
  authorize: 'signin', authorizeUser: 'signin', authorizeDaemon: 'api', signIn: 'signin', signInResult: 'asset',
  optOutPage: 'signin', optOut: 'signin',
  rawMessage: 'download', reservationCalendar: 'download', messageRaw: 'download',
  trackingStream: 'api', live: 'api',
};

/** Every other route of the server, with one address of it. */
const PAGES: Readonly<Record<string, { readonly at: string; readonly pageClass: PageClass; readonly mode?: 'production' }>> = {
  '/addin/taskpane.html': { at: '/addin/taskpane.html', pageClass: 'pane' },
  '/addin/auth-return.html': { at: '/addin/auth-return.html', pageClass: 'dialog' },
  '/addin/launchevent.html': { at: '/addin/launchevent.html', pageClass: 'pane' },
  '/addin/launchevent.js': { at: '/addin/launchevent.js', pageClass: 'asset' },
  '/.well-known/microsoft-officeaddins-allowed.json': { at: '/.well-known/microsoft-officeaddins-allowed.json', pageClass: 'asset' },
  '/manifest.xml': { at: '/manifest.xml', pageClass: 'asset' },
  '/book/:clientId/:name': { at: '/book/test-client/somebody', pageClass: 'booking' },
  '/': { at: '/', pageClass: 'playground' },
  '/playground/office.js': { at: '/playground/office.js', pageClass: 'asset' },
  '/healthz': { at: '/healthz', pageClass: 'api' },
  '/readyz': { at: '/readyz', pageClass: 'api' },
  '/metrics': { at: '/metrics', pageClass: 'api' },
  '/docs': { at: '/docs', pageClass: 'docs' },
  '/docs/start.js': { at: '/docs/start.js', pageClass: 'docs' },
};

interface Layer {
  readonly name: string;
  readonly route?: { readonly path: string | readonly string[]; readonly methods: Record<string, boolean> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

const layersOf = (stack: readonly Layer[]): Layer[] => stack.flatMap((layer) => (layer.handle.stack && !layer.route ? layersOf(layer.handle.stack) : [layer]));
const allLayers = (app: Express): Layer[] => layersOf((app as unknown as { router: { stack: Layer[] } }).router.stack);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { SUNDIAL_ORIGINS: FRAMES.join(' ') } });
});
afterAll(() => app.close());

describe('every route of the server', () => {
  it('is an operation of the contract or a page that this file names with its class', () => {
    const ofContract = new Set(operations.flatMap((op) => [op.path, ...(op.aliases ?? [])]).map((path) => path.replace(/\{([^}]+)\}/g, ':$1')));
    const routes = allLayers(createRoutes(app.deps)).flatMap((layer) => layer.route?.path ?? []);
    expect(routes.length).toBeGreaterThan(100);
    const unnamed = routes.filter((path) => !ofContract.has(path) && !PAGES[path] && !path.startsWith('/playground/') && path !== '/openapi.json');
    expect(unnamed, 'give each new page a class in this test').toEqual([]);
  });

  it('that answers no JSON has its class named here', () => {
    const unnamed = operations.filter((op) => op.response.kind !== 'json' && op.response.kind !== 'empty' && !CLASS_OF_OPERATION[op.operationId]).map((op) => op.operationId);
    expect(unnamed).toEqual([]);
  });

  it('answers a page with the headers of its class, by GET and HEAD', async () => {
    for (const { at, pageClass } of Object.values(PAGES)) {
      expectClass(await app.call('GET', at), pageClass, at);
      expectClass(await app.call('HEAD', at), pageClass, at);
    }
  });

  it('refuses, as an operation, with the strictest class and nothing kept by caches', async () => {
    for (const op of operations) {
      const answer = await app.call(op.method.toUpperCase(), op.path.replace(/\{[^}]+\}/g, '1'), op.auth === 'none' && op.method !== 'get' ? { body: '{', headers: { 'content-type': 'application/json' } } : {});
      const page = CLASS_OF_OPERATION[op.operationId];
      const what = `${op.method} ${op.path}`;
      expectClass(answer, answer.status < 400 && page ? page : op.operationId === 'optOut' ? 'signin' : 'api', what);
      if (answer.status >= 400) expect([what, answer.headers.get('cache-control')]).toEqual([what, 'no-store']);
    }
  });

  it('answers an operation\'s JSON with the strictest class', async () => {
    const { token } = await app.account();
    for (const op of operations.filter((o) => o.method === 'get' && o.response.kind === 'json' && o.auth === 'account')) {
      expectClass(await app.call('GET', op.path.replace(/\{[^}]+\}/g, '1'), { as: token }), 'api', op.path);
    }
  });

  it('that nobody has, a method that none takes and a body that none can read get the strictest class too', async () => {
    for (const [method, path] of [['GET', '/nothing'], ['POST', '/t/x.gif'], ['PUT', '/addin/taskpane.html'], ['TRACE', '/v1/user'], ['GET', '/%'], ['GET', '/addin/../../package.json'], ['GET', '/addin/%2e%2e/package.json'], ['GET', '/addin'], ['GET', '/docs/nothing']] as const) {
      if (method === 'TRACE') continue;
      const answer = await app.call(method, path);
      expect([path, answer.status >= 400]).toEqual([path, true]);
      expectClass(answer, 'api', `${method} ${path}`);
    }
    expectClass(await app.call('OPTIONS', '/v1/user'), 'api', 'OPTIONS');
    expectClass(await app.call('OPTIONS', '/v1/user', { headers: { origin: 'https://client.test', 'access-control-request-method': 'GET' } }), 'api', 'preflight');
    expectClass(await app.call('OPTIONS', '/v1/user', { headers: { origin: 'https://evil.test', 'access-control-request-method': 'GET' } }), 'api', 'refused preflight');
  });
});

describe('what is no JSON', () => {
  it('of mail and calendars is a download in a sandbox', async () => {
    const { account, token } = await app.account();
    const sent = await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 'x', body: '<script>1</script>', to: [{ address: account.email }] } });
    expectClass(await app.call('GET', `/v1/email/messages/${sent.body.id}/raw`, { as: token }), 'download', 'raw message');
    const profile = await app.call('POST', '/v1/book/account/profiles', { as: token, body: { name: 'calls', subject: 'Call' } });
    expect(profile.status).toBe(200);
    const page = '/v1/book/test-client/calls/meeting';
    const [time] = (await app.call('GET', page)).body.items;
    const { body } = await app.call('POST', page, { body: { time, email: 'grace@hosted.test' } });
    expectClass(await app.call('GET', `/v1/book/reservations/${body.rescheduleToken}/calendar.ics`), 'download', 'calendar file');
  });

  it('of the sign-in is framed by nobody: form, refusal, message to the opener, end', async () => {
    await mailbox(app, 'headers@hosted.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    expectClass(page, 'signin', 'form');
    expectClass(await browser.submit(page, { email: 'headers@hosted.test', password: 'wrong one' }), 'signin', 'refusal');
    expectClass(await visitor(app).submit(page, { email: 'headers@hosted.test', password: PASSWORD }), 'signin', 'ended');
    expectClass(await browser.get(authorizePath({ accountRole: 'primary', serviceType: 'Google' })), 'signin', 'not configured');
    expectClass(await browser.submit(page, { email: 'headers@hosted.test', password: PASSWORD }), 'api', 'redirect');
    const popup = await browser.get(`/authorizeUser?${new URLSearchParams({ clientId: 'test-client', serviceType: 'Hosted', accountRole: 'primary' })}`);
    expectClass(await browser.submit(popup, { email: 'headers@hosted.test', password: PASSWORD }), 'signin', 'message page');
  });

  it('of tracking is of class pixel: image, link, unknown link, and the opt-out page framed by nobody', async () => {
    const { token } = await app.account();
    const message = await trackedMessage(app, token, { html: '<a href="https://a.test/">A</a>', tracking: { links: true } });
    for (const path of [`/t/${message.code}.gif`, '/t/unknown.gif', `/l/${message.links[0]!.code}`, '/l/unknown']) expectClass(await app.call('GET', path), 'pixel', path);
    expectClass(await app.call('GET', `/o/${message.code}`), 'signin', 'opt-out');
  });

  it.skipIf(!existsSync(BUILD))('of the build is public, and its pages are not to be had as bare files, by any spelling', async () => {
    for (const file of readdirSync(BUILD).filter((name) => !name.startsWith('.'))) {
      const answer = await app.call('GET', `/addin/${file}`);
      if (!file.endsWith('.html')) expectClass(answer, 'asset', file);
      else if (!PAGES[`/addin/${file}`]) expect([file, answer.status]).toEqual([file, 404]);
    }
    for (const path of ['/addin/%70layground.html', '/addin/taskpane.htm%6c', '/addin/%74askpane.html', '/addin//playground.html', '/addin/./playground.html', '/addin/icons/..%2fplayground.html', '/addin/booking.html?x=.js', '/addin/playground.html/.js']) {
      expect([path, (await app.call('GET', path)).status]).toEqual([path, 404]);
    }
    expectClass(await app.call('GET', '/addin/icons/128.png'), 'asset', 'icon');
  });

  it('of the API\'s description is open to tools of any site, without credentials', async () => {
    const answer = await app.call('GET', '/openapi.json', { headers: { origin: 'https://client.test' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('the table', () => {
  const policy = (pageClass: PageClass): string => securityHeaders(pageClass, { frameOrigins: FRAMES, secure: true })['Content-Security-Policy'] ?? '';
  const all: readonly PageClass[] = ['api', 'pane', 'dialog', 'signin', 'booking', 'playground', 'docs', 'download', 'pixel', 'asset'];

  it('lets Outlook\'s hosts and the configured origins frame the pane, nobody the sign-in, and says nothing by X-Frame-Options', () => {
    for (const origin of ['https://outlook.office.com', 'https://outlook.office365.com', 'https://outlook.live.com', 'https://*.cloud.microsoft', ...FRAMES]) expect(policy('pane')).toContain(` ${origin}`);
    for (const none of ['signin', 'api', 'docs', 'playground', 'download'] as const) expect(policy(none)).toContain("frame-ancestors 'none'");
    for (const pageClass of all) expect(securityHeaders(pageClass, { frameOrigins: FRAMES, secure: true })).not.toHaveProperty('X-Frame-Options');
  });

  it('runs no inline script anywhere, keeps base and objects away, sniffs nothing, and speaks https only over https', () => {
    for (const pageClass of all) {
      const headers = securityHeaders(pageClass, { frameOrigins: [], secure: true });
      expect(headers['X-Content-Type-Options']).toBe('nosniff');
      expect(headers['Referrer-Policy']).toBe('no-referrer');
      expect(headers['Strict-Transport-Security']).toBeTruthy();
      expect(securityHeaders(pageClass, { frameOrigins: [], secure: false })).not.toHaveProperty('Strict-Transport-Security');
      const csp = headers['Content-Security-Policy'];
      if (csp === undefined) continue;
      expect(csp).toMatch(/default-src '(none|self)'/);
      expect(csp).not.toMatch(/script-src[^;]*'unsafe|default-src[^;]*'unsafe|unsafe-eval|\bdata:[^;]*script/);
      if (pageClass !== 'download') expect(csp).toContain("base-uri 'none'");
    }
    expect(securityHeaders('dialog', { frameOrigins: [], secure: true })['Cross-Origin-Opener-Policy']).toBe('unsafe-none');
    expect(securityHeaders('pixel', { frameOrigins: [], secure: true })['Cross-Origin-Resource-Policy']).toBe('cross-origin');
    expect(policy('download')).toMatch(/^sandbox;/);
  });
});

describe('in production', () => {
  it('the root can be framed by Outlook, the playground is not there, and a bad origin never reaches the policy', async () => {
    const bad = { ...PRODUCTION, SUNDIAL_CLIENT_ID: 'id', SUNDIAL_CLIENT_SECRET: 's'.repeat(16) };
    expect(() => parseConfig({ ...bad, SUNDIAL_ORIGINS: "https://owa.example.com/;script-src" })).toThrow(/SUNDIAL_ORIGINS/);
    const production = await createTestApp({ env: { ...PRODUCTION, SUNDIAL_ORIGINS: 'https://owa.example.com/' } });
    const root = await production.call('GET', '/');
    expect(root.headers.get('content-security-policy')).toMatch(/frame-ancestors 'self' .*https:\/\/owa\.example\.com$/);
    for (const path of ['/addin/playground.html', '/playground/office.js', '/addin/booking.html', '/playground/api/session', '/playground/exchange/token']) expect([path, (await production.call('GET', path)).status]).toEqual([path, 404]);
    await production.close();
  });
});
