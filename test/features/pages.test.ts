import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_ID, createTestApp, type TestApp } from '../support/app.ts';
import { PRODUCTION } from '../support/production.ts';

const built = existsSync(resolve(import.meta.dirname, '../../dist/addin/taskpane.html'));

describe.skipIf(!built)('the built pages', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('the pane carries its settings and Microsoft’s Office.js', async () => {
    const page = await app.call('GET', '/addin/taskpane.html');
    expect(page.status).toBe(200);
    expect(page.body).toContain(`{"clientId":"${CLIENT_ID}","publicUrl":"${app.url}","mode":"playground"}`);
    expect(page.body).toContain('https://appsforoffice.microsoft.com/lib/1/hosted/office.js');
    expect(page.body).not.toContain('sundial-office');
  });

  it('in the playground the pane speaks to the playground’s host, when it says so', async () => {
    const page = await app.call('GET', '/addin/taskpane.html?host=playground');
    expect(page.body).toContain('src="/playground/office.js"');
    expect(page.body).not.toContain('appsforoffice');
  });

  it('the last page of a sign-in speaks to the Outlook that began it: the playground’s, or a real one', async () => {
    const inPlayground = await app.call('GET', '/addin/auth-return.html?state=playground.0123&status=success');
    expect(inPlayground.body).toContain('src="/playground/office.js"');
    const inOutlook = await app.call('GET', '/addin/auth-return.html?state=0123&status=success');
    expect(inOutlook.body).toContain('appsforoffice');
  });

  it('Outlook may frame the pane, and nobody may frame the sign-in’s last page but we', async () => {
    const pane = await app.call('GET', '/addin/taskpane.html');
    expect(pane.headers.get('content-security-policy')).toContain('https://outlook.office.com');
    expect(pane.headers.get('x-frame-options')).toBeNull();
    const back = await app.call('GET', '/addin/auth-return.html');
    expect(back.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
    expect(back.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
  });

  it('the script of Outlook’s events says whose it is, is asked for anew, and classic Outlook may let it call us', async () => {
    const script = await app.call('GET', '/addin/launchevent.js');
    expect(script.headers.get('content-type')).toContain('javascript');
    expect(script.headers.get('cache-control')).toBe('no-cache');
    expect(script.body).toContain(`var SUNDIAL = {"publicUrl":"${app.url}","clientId":"${CLIENT_ID}"};\n`);
    const allowed = await app.call('GET', '/.well-known/microsoft-officeaddins-allowed.json');
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('content-type')).toContain('application/json');
    expect(allowed.body).toEqual({ allowed: [`${app.url}/addin/launchevent.js`] });
    const manifest = await app.call('GET', '/manifest.xml');
    expect(manifest.body).toContain(`<bt:Url id="JSRuntime.Url" DefaultValue="${allowed.body.allowed[0]}" />`);
  });

  it('scripts are kept for a year under their hash, pages are asked for anew', async () => {
    const page = await app.call('GET', '/addin/taskpane.html');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const script = /src="?(\/addin\/[\w.-]+\.js)/.exec(page.body)![1]!;
    const answer = await app.call('GET', script);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('in production', () => {
  it('neither the playground’s page nor its host script is served, and the root can be framed', async () => {
    const app = await createTestApp({ env: PRODUCTION });
    const root = await app.call('GET', '/');
    expect(root.status).toBe(200);
    expect(root.body).toContain('companion of the Sundial add-in');
    expect(root.headers.get('content-security-policy')).toContain('https://outlook.office.com');
    expect((await app.call('GET', '/playground/office.js')).status).toBe(404);
    await app.close();
  });
});
