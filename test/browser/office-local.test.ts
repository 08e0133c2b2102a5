import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { launchChromium } from '../support/chromium.ts';

const dist = join(import.meta.dirname, '../../dist/addin');

describe('the pane with Microsoft’s own Office.js, served by this server', () => {
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    app = await createTestApp({ env: { OFFICE_JS: 'local' } });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  it('outside Outlook it says where it works, asks nothing of the internet and throws nothing', async () => {
    const page = await browser.newPage({ viewport: { width: 320, height: 600 } });
    const outside: string[] = [];
    const errors: string[] = [];
    await page.route('**/*', (route) => {
      if (route.request().url().startsWith(app.url)) return route.continue();
      outside.push(route.request().url());
      return route.abort();
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${app.url}/addin/taskpane.html`);
    await page.getByRole('heading', { name: 'Open Sundial in Outlook' }).waitFor({ timeout: 30_000 });
    expect(await page.locator('script[src="/office-js/office.js"]').count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    expect(outside.filter((url) => !url.includes('telemetry'))).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says that Outlook does not answer when Office.js is kept away, and lets one reload', async () => {
    const page = await browser.newPage();
    await page.route('**/office-js/**', (route) => route.abort());
    await page.goto(`${app.url}/addin/taskpane.html`);
    await page.getByRole('heading', { name: 'Outlook didn’t answer.' }).waitFor({ timeout: 15_000 });
    await page.getByRole('button', { name: 'Reload' }).waitFor();
    await page.close();
  });

  it('needs at most 190 kB of script before it shows something', () => {
    const scripts = [...readFileSync(join(dist, 'taskpane.html'), 'utf8').matchAll(/src="?\/addin\/([\w.-]+\.js)/g)].map((m) => m[1]!);
    const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name))).length, 0);
    expect(scripts.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(190_000);
  });
});
