import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startPlaygroundServer, type RunningPlayground } from '../support/playground.ts';

/** The first five minutes of a new user, from the signed-out pane to a booked meeting, in one real browser. */
const SHOTS = join(import.meta.dirname, '../../test-artifacts');

/** Ways in which mail has run scripts in mail programs; each would set `ran` on the page around it. */
const HOSTILE = ['<p>harmless words</p>', ...[
  '<script>X</script>', '<img src=x onerror="X">', '<svg onload="X"></svg>', '<svg><script>X</script></svg>', '<iframe srcdoc="<script>X</script>"></iframe>', '<body onload="X">', '<details open ontoggle="X">a</details>',
  '<a href="javascript:X" id=l>link</a>', '<form action="javascript:X"><button>go</button></form>', '<object data="javascript:X"></object>', '<embed src="javascript:X">', '<math><mtext><img src=x onerror="X"></mtext></math>',
  '<video><source onerror="X"></video>', '<input autofocus onfocus="X">', '<meta http-equiv="refresh" content="0;url=javascript:X">', '<base href="https://evil.test/">', '<style>@import "https://evil.test/"; * { background: url(https://evil.test/x) }</style>',
  '<noscript><p title="</noscript><img src=x onerror=X>"></noscript>', '<template><script>X</script></template>', '<img src="data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27 onload=%27X%27/>">', '<div style="width:expression(X)">a</div>',
].map((html) => html.replaceAll('X', 'top.ran=true'))].join('\n');

describe('the playground in a real browser', () => {
  let server: RunningPlayground;
  let browser: Browser;
  let context: BrowserContext;
  let you: Page;
  let buyer: Page;
  let pane: FrameLocator;
  const problems: string[] = [];
  /** The pane asks whether a draft has a follow-up: none is 404. While Reset makes new mailboxes there is no progress to tell. */
  const expected = /\/v1\/followup\/(drafts|conversations)\/|\/playground\/api\/progress$/;

  const watch = (name: string, page: Page): void => {
    page.on('pageerror', (error) => problems.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      // What a page may not load by its own policy, and scripts that fail, are faults of ours; that hostile mail may not set a base is none.
      if (message.type() === 'error' && !/^Failed to load resource|violates the following Content Security Policy directive: "base-uri/.test(message.text())) problems.push(`${name}: ${message.text()}`);
    });
    // A pane that is not signed in yet is told so by 401.
    page.on('response', (response) => {
      if (response.status() >= 400 && response.status() !== 401 && !expected.test(response.url())) problems.push(`${name}: ${response.status()} ${response.request().method()} ${response.url()}`);
    });
  };
  const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `${name}.png`) });
  /** On a failure, what was on the screens at that moment. */
  let broken = false;
  const step = (name: string, work: () => Promise<void>) => it(name, async ({ skip }) => {
    // Each step stands on the one before: after a failure the rest would only say the same again.
    if (broken) skip();
    try {
      await work();
    } catch (error) {
      broken = true;
      console.error(problems);
      await Promise.all([you, buyer].map((page, i) => page && shot(page, `failed-${i ? 'buyer' : 'you'}`).catch(() => undefined)));
      throw error;
    }
  });
  const row = (page: Page, subject: string) => page.locator('.row', { hasText: subject });

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    server = await startPlaygroundServer();
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    context.setDefaultTimeout(10_000);
    you = await context.newPage();
    watch('you', you);
    pane = you.frameLocator('aside.pane:not([hidden]) iframe');
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  step('opens with mail in the inbox, a signed-out pane and the checklist', async () => {
    await you.goto(server.url);
    await row(you, 'Your product: three questions').waitFor();
    await pane.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await you.getByText('Playground, not Outlook').isVisible()).toBe(true);
    expect(await you.locator('.checklist .done').count()).toBe(0);
  });

  step('signs the pane in with two clicks, in a window of its own', async () => {
    const opened = context.waitForEvent('page');
    await pane.getByRole('button', { name: 'Sign in' }).click();
    const dialog = await opened;
    await dialog.getByRole('button', { name: 'Link these accounts' }).click();
    await pane.getByRole('tab', { name: /Message/ }).waitFor();
    await you.locator('.checklist .done', { hasText: 'Sign in' }).waitFor();
    await expect.poll(() => dialog.isClosed()).toBe(true);
  });

  step('tells the pinned pane which message is chosen', async () => {
    await row(you, 'Your product: three questions').click();
    await pane.getByRole('button', { name: 'Reply with template' }).waitFor();
    await shot(you, 'reading');
  });

  step('lets the pane open a reply, in which a pane of its own starts', async () => {
    await pane.getByRole('button', { name: 'Offer times' }).click();
    await pane.getByRole('button', { name: /^(Insert|Reply with) \d times?$|^Insert/ }).first().click();
    await you.getByRole('form', { name: 'New message' }).waitFor();
    expect(await you.getByLabel('Subject').inputValue()).toBe('Re: Your product: three questions');
    await pane.getByRole('switch', { name: /Track this message/ }).waitFor();
    expect(await you.locator('.editor a[href*="/book/"]').count()).toBeGreaterThan(1);
    await shot(you, 'reply');
    await you.getByRole('button', { name: 'Discard' }).click();
    await pane.getByRole('button', { name: 'Offer times' }).waitFor();
  });

  step('writes a message with tracking and a follow-up, puts it aside, opens it again and sends it', async () => {
    await you.getByRole('button', { name: 'Write a tracked mail' }).click();
    await pane.getByRole('switch', { name: /Track this message/ }).click();
    await you.getByText('Sundial: opens and replies tracked.').waitFor();
    await pane.getByRole('button', { name: 'Choose' }).click();
    await pane.getByRole('button', { name: 'Use follow-up' }).click();
    await pane.getByText(/^Next, if sent now/).first().waitFor();
    await shot(you, 'compose');
    await row(you, 'Invoice 2041').click();
    await you.getByRole('button', { name: 'Drafts' }).click();
    await row(you, 'Our product for your team').click();
    await pane.getByRole('switch', { name: /Track this message: On/ }).waitFor();
    await pane.getByText('Follow-up: Gentle nudge').waitFor();
    await you.getByText('Sundial: opens and replies tracked.').waitFor();
    await you.getByRole('button', { name: 'Send', exact: true }).click();
    await you.getByText('Sent.').waitFor();
    await you.locator('.checklist .done', { hasText: /^Send/ }).waitFor();
    await you.getByRole('button', { name: 'Look at it in Sent Items' }).click();
    await pane.getByText(/Sent to|No open seen/).first().waitFor();
  });

  step('follows Outlook’s colours when they change', async () => {
    const scheme = (): Promise<string> => pane.locator('html').evaluate((html) => getComputedStyle(html).colorScheme);
    await you.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(scheme).toBe('dark');
    await you.emulateMedia({ colorScheme: 'light' });
    await expect.poll(scheme).toBe('light');
  });

  step('shows the open within two seconds of it, and counts no look of one’s own', async () => {
    const opened = context.waitForEvent('page');
    await you.getByRole('link', { name: 'Open as the other person' }).click();
    buyer = await opened;
    watch('buyer', buyer);
    await buyer.getByText('You are buyer@playground.test').waitFor();
    await row(buyer, 'Our product for your team').click();
    // An open within the first five seconds after sending is taken for a machine's.
    await buyer.waitForTimeout(5_000);
    await buyer.getByRole('button', { name: 'Load images' }).click();
    const loaded = Date.now();
    await pane.getByText(/^Opened/).first().waitFor();
    expect(Date.now() - loaded).toBeLessThan(2_000);
    await you.locator('.checklist .done', { hasText: 'Open' }).waitFor();
    await shot(you, 'opened');
    await shot(buyer, 'buyer');
  });

  step('sends one follow-up when the clock reaches it, tells of it in the timeline, and sends no second one', async () => {
    const stripHeight = async () => (await you.locator('.strip').boundingBox())!.height;
    const height = await stripHeight();
    await you.getByRole('button', { name: 'Next follow-up' }).click();
    await you.getByText(/1 follow-up sent\./).waitFor();
    // A result that wraps the strip would move everything below it.
    expect(await stripHeight()).toBe(height);
    await pane.getByText('Follow-up sent').waitFor();
    // The open was days ago by the product's clock.
    await pane.getByRole('heading', { name: /^Opened, \w{3} \d/ }).waitFor({ timeout: 15_000 });
    await expect.poll(() => row(buyer, 'Re: Our product for your team').count()).toBe(1);
    await you.locator('.checklist .done', { hasText: 'Follow up' }).waitFor();
    await you.getByRole('button', { name: 'Next follow-up' }).click();
    await you.getByText('No follow-up is planned.').waitFor();
    expect(await row(buyer, 'Re: Our product for your team').count()).toBe(1);
  });

  step('hears the answer and stops', async () => {
    await row(buyer, 'Re: Our product for your team').first().click();
    await buyer.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
    await buyer.getByRole('textbox', { name: 'Message body' }).pressSequentially('Yes, next week suits us.');
    await buyer.getByRole('button', { name: 'Send', exact: true }).click();
    await pane.getByText('Stopped: buyer@playground.test answered.').waitFor();
    await shot(you, 'answered');
  });

  step('inserts a booking link; a stranger books with it; meeting and invitation are there', async () => {
    await you.getByRole('button', { name: 'New mail' }).click();
    await you.getByLabel('To', { exact: true }).fill('buyer@playground.test');
    await you.getByLabel('Subject').fill('A time to talk');
    await you.getByRole('textbox', { name: 'Message body' }).click();
    await pane.getByRole('button', { name: 'Booking' }).click();
    await pane.getByRole('button', { name: /product-call|Product call/ }).click();
    const link = you.locator('.editor a[href*="/book/"]');
    const href = await link.getAttribute('href');
    await you.getByRole('button', { name: 'Send', exact: true }).click();
    await you.getByText('Sent.').waitFor();
    await row(buyer, 'A time to talk').waitFor();

    const stranger = await browser.newContext({ viewport: { width: 1100, height: 900 }, locale: 'en-GB' });
    stranger.setDefaultTimeout(10_000);
    const page = await stranger.newPage();
    watch('stranger', page);
    await page.goto(href!);
    await page.getByRole('button', { name: /^\d{1,2}:\d{2}/ }).first().click();
    await page.getByLabel(/Name/).fill('Bea Buyer');
    await page.getByLabel(/Email/).fill('buyer@playground.test');
    await page.getByRole('button', { name: /^Book / }).click();
    await page.getByText(/Add to calendar/).first().waitFor();
    await shot(page, 'booked');
    await stranger.close();

    await you.locator('.checklist .done', { hasText: 'Book' }).waitFor();
    await you.locator('button.folder', { hasText: 'Calendar' }).click();
    await you.locator('.calendar li', { hasText: 'Product call' }).waitFor();
    await shot(you, 'calendar');
    await row(buyer, 'Product call').waitFor();
  });

  step('shows hostile mail, and quotes it, without running any of it', async () => {
    await buyer.evaluate(async (body) => {
      await fetch('/playground/api/you/send', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ to: [{ address: 'buyer@playground.test' }], subject: 'Hostile', body }) });
    }, HOSTILE);
    await row(buyer, 'Hostile').click();
    await buyer.frameLocator('iframe.body').getByText('harmless words').waitFor();
    await buyer.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
    await buyer.getByRole('textbox', { name: 'Message body' }).getByText('harmless words').waitFor();
    await buyer.waitForTimeout(500);
    expect(await buyer.evaluate(() => (window as unknown as { ran?: boolean }).ran)).toBe(undefined);
    expect(new URL(buyer.url()).search).toBe('?as=buyer');
    await buyer.getByRole('button', { name: 'Discard' }).click();
  });

  step('has no fault that axe finds, in either window', async () => {
    for (const page of [you, buyer]) {
      const { violations } = await new AxeBuilder({ page }).exclude('iframe').analyze();
      expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
    }
  });

  step('starts anew after Reset, in both windows', async () => {
    await you.getByRole('button', { name: 'Reset', exact: true }).click();
    await you.getByRole('button', { name: 'Reset now' }).click();
    await you.locator('.checklist .done').first().waitFor({ state: 'detached' });
    await pane.getByRole('button', { name: 'Sign in' }).waitFor();
    await expect.poll(() => buyer.locator('.row').count()).toBe(0);
  });

  step('ran without an error in any page', async () => {
    expect(problems).toEqual([]);
  });
});
