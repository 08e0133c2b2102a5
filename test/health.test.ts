import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from './support/app.ts';
import { PRODUCTION } from './support/production.ts';

describe('what an operator asks', () => {
  let playground: TestApp;
  let production: TestApp;
  beforeAll(async () => {
    playground = await createTestApp();
    production = await createTestApp({ env: { ...PRODUCTION, METRICS_TOKEN: 'a-metrics-token-of-letters' } });
  });
  afterAll(async () => {
    await playground.close();
    await production.close();
  });

  it('says that it lives and that it is ready', async () => {
    expect((await production.call('GET', '/healthz')).status).toBe(200);
    expect((await production.call('GET', '/readyz')).body).toBe('ready\n');
  });

  it('shows figures to all in the playground, in production to the bearer of the token', async () => {
    expect((await playground.call('GET', '/metrics')).body).toContain('sundial_http_request_seconds');
    expect((await production.call('GET', '/metrics')).status).toBe(403);
    expect((await production.call('GET', '/metrics', { headers: { authorization: 'Bearer wrong' } })).status).toBe(403);
    const answer = await production.call('GET', '/metrics', { headers: { authorization: 'Bearer a-metrics-token-of-letters' } });
    expect(answer.body).toContain('process_cpu_seconds_total');
  });

  it('shows the API pages without a script from elsewhere', async () => {
    const page = await playground.call('GET', '/docs');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    for (const [, address] of String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(address).toMatch(/^\/docs\//);
      expect((await playground.call('GET', address!)).status).toBe(200);
    }
    const document = await playground.call('GET', '/openapi.json');
    expect(document.body.openapi).toMatch(/^3\.1/);
  });

  it('serves nothing of the playground in production', async () => {
    for (const path of ['/playground/api/session', '/playground/api/clock', '/playground/exchange/autodiscover/metadata/json/1', '/playground/office.js']) {
      expect((await production.call('GET', path)).status, path).toBe(404);
    }
    expect((await production.call('GET', '/')).body).not.toContain('Playground');
  });
});

describe('a proxy in front', () => {
  it('is believed about the caller only where TRUSTED_PROXIES names it', async () => {
    const seen = async (env: Record<string, string>): Promise<boolean> => {
      const app = await createTestApp({ env });
      const answer = await app.call('GET', '/v1/account', { headers: { 'x-forwarded-proto': 'https' } });
      await app.close();
      return answer.headers.has('strict-transport-security');
    };
    expect(await seen({})).toBe(false);
    expect(await seen({ TRUSTED_PROXIES: '127.0.0.1' })).toBe(true);
  });
});
