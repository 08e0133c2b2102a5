import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { CLIENT_ID, CLIENT_SECRET, createTestApp, type TestApp } from '../support/app.ts';
import { launchChromium } from '../support/chromium.ts';
import { authorizePath, identityToken, mailbox, PASSWORD, prepared } from '../support/signin.ts';

let app: TestApp;
let browser: Browser;
/** A client's own site, which opens the sign-in and waits for a window message. */
let client: Server;
let clientOrigin: string;

beforeAll(async () => {
  app = await createTestApp();
  browser = await launchChromium();
  client = createServer((_req, res) => void res.setHeader('content-type', 'text/html').end(`<title>client</title><script>
    window.heard = [];
    addEventListener('message', (event) => window.heard.push({ origin: event.origin, data: event.data }));
  </script>`));
  await new Promise<void>((done) => { client.listen(0, '127.0.0.1', done); });
  clientOrigin = `http://127.0.0.1:${(client.address() as AddressInfo).port}`;
  await mailbox(app, 'ann@hosted.test');
});
afterAll(async () => {
  await browser?.close();
  client?.close();
  await app?.close();
});

const allowOnly = (origins: string[]) => upsertApp(app.deps, {
  clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, signingSecret: 'test-signing-secret-0123456789', name: 'Test', returnUrls: ['https://client.test/return'], origins,
});

/** Opens the sign-in in a pop-up of the client's page and signs in there. */
async function signInByPopup(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(clientOrigin);
  const query = new URLSearchParams({ clientId: CLIENT_ID, serviceType: 'Hosted', accountRole: 'primary', responseType: 'code', state: 'mine' });
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate((url) => void window.open(url), `${app.url}/authorizeUser?${query}`)]);
  await popup.getByLabel('Email address').fill('ann@hosted.test');
  await popup.getByLabel('Password').fill(PASSWORD);
  await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Sign in' }).click()]);
  return page;
}

describe('a pop-up without a return address', () => {
  it('hands the code to the page that opened it, where its origin is registered, and closes', async () => {
    await allowOnly(['https://client.test', clientOrigin]);
    const page = await signInByPopup();
    await page.waitForFunction('window.heard.length > 0');
    const heard = await page.evaluate('window.heard') as { origin: string; data: Record<string, string> }[];
    expect(heard).toEqual([{ origin: app.url, data: { status: 'success', state: 'mine', code: expect.any(String), requestId: expect.any(String) } }]);
    expect((await app.call('POST', `/v1/auth/token/${heard[0]!.data.code}`, { basic: true })).status).toBe(200);
    await page.close();
  });

  it('tells an opener of another origin nothing', async () => {
    await allowOnly(['https://client.test']);
    const page = await signInByPopup();
    await page.waitForTimeout(500);
    expect(await page.evaluate('window.heard')).toEqual([]);
    await page.close();
  });
});

describe('the sign-in page', () => {
  it('has no accessibility fault, light and dark, and fits 320 px', async () => {
    const token = await identityToken(app, 'ann@exchange.test');
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width: 320, height: 640 } });
      const page = await context.newPage();
      const paths = [authorizePath({ accountRole: 'primary' }), authorizePath({ accountRole: 'primary', token: await prepared(app, token) }), authorizePath({ accountRole: 'primary', serviceType: 'Google' })];
      for (const path of paths) {
        await page.goto(`${app.url}${path}`);
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      }
      await context.close();
    }
  });

  it('keeps the address and tells what is wrong beside the form', async () => {
    const page = await browser.newPage();
    await page.goto(`${app.url}${authorizePath({ accountRole: 'primary' })}`);
    await page.getByLabel('Email address').fill('ann@hosted.test');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('do not match');
    expect(await page.getByLabel('Email address').inputValue()).toBe('ann@hosted.test');
    await page.close();
  });
});
