import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { launchChromium } from '../support/chromium.ts';
import { trackedMessage } from '../support/tracking.ts';

describe('the opt-out page in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it.each(['light', 'dark'] as const)('is accessible and readable in %s', async (colorScheme) => {
    const { code } = await trackedMessage(app, token);
    const context = await browser.newContext({ colorScheme, viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    await page.goto(`${app.url}/o/${code}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.help}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await context.close();
  });

  it('works by keyboard alone and without script', async () => {
    const { id, code } = await trackedMessage(app, token);
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(`${app.url}/o/${code}`);
    expect(await page.locator('h1').textContent()).toBe('Stop telling the sender?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nothing more is recorded' }).waitFor();
    expect((await app.call('GET', `/v1/email/tracking/${id}`, { as: token })).body.optedOut).toBe(true);
    await context.close();
  });
});
