import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { launchChromium } from '../support/chromium.ts';

const BUILD = join(import.meta.dirname, '../../dist/addin');
const DAY = 86_400_000;

let app: TestApp;
let browser: Browser;
let host: Awaited<ReturnType<TestApp['account']>>;
let profile: { id: number; name: string };
let nth = 0;

beforeAll(async () => {
  if (!existsSync(join(BUILD, 'booking.html'))) throw new Error('dist/addin is not built; npm run build does it.');
  app = await createTestApp();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  host = await app.account({ name: 'Ada Host', timezone: 'Europe/Berlin' });
  profile = await newProfile({});
});

async function newProfile(values: Record<string, unknown>): Promise<{ id: number; name: string }> {
  const body = { name: `product-call-${++nth}`, subject: 'Product call', location: 'Video', description: 'About {{question}}', startAfterMinutes: 24 * 60, ...values };
  const answer = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body });
  expect(answer.status).toBe(200);
  return answer.body;
}

const events = async () => {
  const now = app.clock.now().getTime();
  return (await app.call('GET', '/v1/calendars/primary/events/range', { as: host.token, query: { timeMin: new Date(now).toISOString(), timeMax: new Date(now + 90 * DAY).toISOString() } })).body.records;
};

const slots = async (query: Record<string, string | number> = {}): Promise<{ start: string; end: string }[]> =>
  (await app.call('GET', `/v1/book/test-client/${profile.name}/meeting`, { query })).body.items;

/** A visitor's page; the test fails on any error that it throws or logs. */
async function visit(suffix = '', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ timezoneId: 'America/New_York', locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => { throw error; });
  await page.goto(`${app.url}/book/test-client/${profile.name}${suffix}`);
  return page;
}

async function shot(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `booking-${name}.png`), fullPage: true });
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
}

const slotButtons = (page: Page) => page.locator('.slots button');

describe('the booking page', () => {
  it('takes a visitor in another zone from the first free day to the confirmation', async () => {
    const page = await visit();
    await slotButtons(page).first().waitFor();
    expect(await page.title()).toBe('Product call');
    expect(await page.getByLabel('Times in').inputValue()).toBe('America/New_York');
    const [first] = await slots({ limit: 1 });
    expect(await page.locator('[aria-selected=true] button').getAttribute('data-day')).toBe(first!.start.slice(0, 10));
    await shot(page, 'wide');
    await expectAccessible(page);

    await slotButtons(page).first().click();
    await page.getByRole('button', { name: /^Book / }).click();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('name');
    expect(await page.getByText('Enter your name.').isVisible()).toBe(true);
    await page.getByLabel('Name').fill('Grace');
    await page.getByLabel('Email').fill('grace@hosted.test');
    await page.getByLabel('Question (optional)').fill('Prices');
    await shot(page, 'form');
    await expectAccessible(page);
    await page.getByRole('button', { name: '‹ Back to the times' }).click();
    await slotButtons(page).nth(2).click();
    await page.getByLabel('Name').waitFor();
    await page.goBack();
    await slotButtons(page).nth(1).click();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace');
    await page.getByRole('button', { name: /^Book / }).click();

    await page.getByRole('heading', { name: 'You’re booked' }).waitFor();
    await shot(page, 'booked');
    await expectAccessible(page);
    expect(await page.getByText('in Berlin').isVisible()).toBe(true);
    const [event] = await events();
    expect(event).toMatchObject({ subject: 'Product call', description: 'About Prices', meetingInfo: { attendees: [{ emailAddress: { name: 'Grace', address: 'grace@hosted.test' } }] } });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Add to calendar' }).click()]);
    expect(readFileSync(await download.path(), 'utf8')).toContain(`UID:${event.iCalUid.slice(0, 20)}`);
    await page.context().close();
  });

  it('moves and cancels what was booked, also after a reload', async () => {
    const [time] = await slots({ limit: 1 });
    const booked = await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'Grace', email: 'grace@hosted.test' } });
    const page = await visit(`#reservation=${booked.body.rescheduleToken}`);
    await page.getByRole('heading', { name: 'Your meeting' }).waitFor();
    await shot(page, 'meeting');
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await slotButtons(page).nth(2).click();
    await page.getByRole('button', { name: /^Move to / }).click();
    await page.getByRole('heading', { name: 'Moved' }).waitFor();
    expect((await events())[0].start.dateTime).not.toBe(time!.start);

    await page.reload();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await events()).toHaveLength(1);
    await shot(page, 'cancel');
    await page.getByRole('button', { name: 'Cancel the meeting' }).click();
    await page.getByRole('heading', { name: 'The meeting is cancelled' }).waitFor();
    expect(await events()).toEqual([]);
    await page.context().close();
  });

  it('leads from choosing a new time back to the meeting, also where the times cannot be loaded', async () => {
    const [time] = await slots({ limit: 1 });
    const booked = await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'Grace', email: 'grace@hosted.test' } });
    const page = await visit(`#reservation=${booked.body.rescheduleToken}`, { serviceWorkers: 'block' });
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await slotButtons(page).first().waitFor();
    await page.getByRole('button', { name: 'Back to your meeting' }).click();
    await page.getByRole('heading', { name: 'Your meeting' }).waitFor();
    await page.route(/\/meeting\?.*fromDate/, (route) => route.abort('internetdisconnected'));
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await page.getByRole('alert').getByText(/The times couldn’t be loaded/).waitFor();
    await page.unroute(/\/meeting\?.*fromDate/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await slotButtons(page).first().waitFor();
    await page.context().close();
  });

  it('cancels nothing once a visitor keeps the meeting, also after cancelling has failed', async () => {
    const [time] = await slots({ limit: 1 });
    const booked = await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'Grace', email: 'grace@hosted.test' } });
    const page = await visit(`#reservation=${booked.body.rescheduleToken}`, { serviceWorkers: 'block' });
    await page.route(/\/cancel$/, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ code: 'internal', message: 'Something failed.' }) }));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the meeting' }).click();
    await page.getByText(/The meeting stands/).waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'Reschedule' }).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await page.context().close();
  });

  it('keeps the form and names the nearest times when somebody else was faster', async () => {
    const page = await visit();
    await slotButtons(page).first().click();
    await page.getByLabel('Name').fill('Grace');
    await page.getByLabel('Email').fill('late@hosted.test');
    const [time] = await slots({ limit: 1 });
    await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time } });
    await page.getByRole('button', { name: /^Book / }).click();
    const note = page.getByRole('alert');
    await note.waitFor();
    expect(await note.textContent()).toMatch(/was just taken\. Nearest:/);
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace');
    await shot(page, 'taken');
    await expectAccessible(page);
    await note.getByRole('button').first().click();
    await page.getByRole('button', { name: /^Book / }).click();
    await page.getByRole('heading', { name: 'You’re booked' }).waitFor();
    expect(await events()).toHaveLength(2);
    await page.context().close();
  });

  it('opens the filled form from a link to a time, books nothing by itself, and says when that time has gone', async () => {
    const [, time] = await slots({ limit: 2 });
    const link = `?start=${encodeURIComponent(time!.start)}&name=Grace&email=grace@hosted.test`;
    const page = await visit(link);
    await page.getByRole('heading', { name: 'Your details' }).waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe('grace@hosted.test');
    expect(await events()).toEqual([]);
    await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time } });
    await page.reload();
    expect(await page.getByRole('alert').textContent()).toMatch(/has gone/);
    await slotButtons(page).first().waitFor();
    await shot(page, 'gone');
    await page.getByRole('alert').getByRole('button').first().click();
    await page.getByRole('heading', { name: 'Your details' }).waitFor();
    await page.context().close();
  });

  it('lets the holder of a link book the time that was held for him', async () => {
    const [, , time] = await slots({ limit: 3 });
    const held = await app.call('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { as: host.token, body: { time }, query: { reserveForMinutes: 600 } });
    const page = await visit(`?start=${encodeURIComponent(time!.start)}&hold=${held.body.rescheduleToken}&name=Grace&email=holder@hosted.test`);
    await page.getByRole('button', { name: /^Book / }).click();
    await page.getByRole('heading', { name: 'You’re booked' }).waitFor();
    expect(await events()).toMatchObject([{ start: { dateTime: time!.start } }]);
    await page.context().close();
  });

  it('is walked through by keyboard alone', async () => {
    const page = await visit();
    await slotButtons(page).first().waitFor();
    const selected = page.locator('[aria-selected=true] button');
    await selected.focus();
    expect(await selected.getAttribute('aria-label')).toMatch(/^\w+day \d+ \w+, \d+ times$/);
    const before = (await selected.getAttribute('data-day'))!;
    await page.keyboard.press('PageDown');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-day'));
    await expect.poll(focused).not.toBe(before);
    expect((await focused())!.slice(0, 7) > before.slice(0, 7)).toBe(true);
    await page.keyboard.press('PageUp');
    await expect.poll(focused).toBe(before);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await slotButtons(page).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your details' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Grace');
    await page.keyboard.press('Tab');
    await page.keyboard.type('keys@hosted.test');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'You’re booked' }).waitFor();
    await page.context().close();
  });

  it('shows another zone and clock at once, and keeps day and zone in its address', async () => {
    const page = await visit();
    await slotButtons(page).first().waitFor();
    await page.getByLabel('Times in').selectOption('Asia/Kathmandu');
    await page.getByText('12 h').click();
    await expect.poll(() => slotButtons(page).first().textContent()).toMatch(/^\d{1,2}:(15|45) [ap]m$/);
    await page.locator('.month button.free').nth(1).click();
    const url = new URL(page.url());
    expect(url.searchParams.get('zone')).toBe('Asia/Kathmandu');
    expect(url.searchParams.get('date')).toMatch(/^\d{4}-\d\d-\d\d$/);
    const label = await page.locator('[aria-selected=true] button').getAttribute('aria-label');
    await page.reload();
    await slotButtons(page).first().waitFor();
    expect(await page.locator('[aria-selected=true] button').getAttribute('aria-label')).toBe(label);
    await page.context().close();
  });

  it('points from a month without times to the next free day', async () => {
    const start = new Date(app.clock.now().getTime() + 40 * DAY).toISOString();
    const now = app.clock.now().toISOString().slice(0, 10);
    profile = await newProfile({ startTime: start, timeAvailableFor: 'P60D' });
    const page = await visit(`?date=${now}`);
    await page.getByRole('button', { name: /^Next free: / }).click();
    await slotButtons(page).first().waitFor();
    await page.context().close();
  });

  it('says so when it takes no bookings, when nothing is free and when there is no such page', async () => {
    await app.call('PATCH', `/v1/book/account/profiles/${profile.id}`, { as: host.token, body: { active: false } });
    let page = await visit();
    await page.getByText('This page isn’t taking bookings.').waitFor();
    await shot(page, 'off');
    await expectAccessible(page);
    await page.goto(`${app.url}/book/test-client/nobody`);
    await page.getByText('There is no booking page here').waitFor();
    await page.context().close();
    profile = await newProfile({ endTime: '2020-01-01T00:00:00Z' });
    page = await visit();
    await page.getByText('No free times').waitFor();
    await page.context().close();
  });

  it('offers to try again when the server fails', async () => {
    const page = await visit('', { serviceWorkers: 'block' });
    await slotButtons(page).first().waitFor();
    await page.route('**/v1/book/**', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"code":"service.unavailable","message":"x","requestId":"r-1"}' }));
    await page.reload();
    await page.getByText('Request r-1').waitFor();
    await shot(page, 'error');
    await page.unroute('**/v1/book/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await slotButtons(page).first().waitFor();
    await page.context().close();
  });

  it.each([[320, 'light'], [390, 'dark']] as const)('fits a phone of %i pixels, %s, without sideways scrolling', async (width, colorScheme) => {
    const page = await visit('', { viewport: { width, height: 700 }, hasTouch: true, isMobile: true, colorScheme });
    await slotButtons(page).first().waitFor();
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await sideways()).toBe(0);
    await shot(page, `phone-${width}`);
    await expectAccessible(page);
    await slotButtons(page).first().click();
    await page.getByLabel('Name').waitFor();
    expect(await page.getByLabel('Name').evaluate((e) => getComputedStyle(e).fontSize)).toBe('16px');
    expect(await sideways()).toBe(0);
    const box = (await page.getByRole('button', { name: /^Book / }).boundingBox())!;
    expect(box.y + box.height).toBeLessThanOrEqual(700);
    await shot(page, `phone-${width}-form`);
    await expectAccessible(page);
    await page.context().close();
  });

  it('stays readable in dark and with forced colours', async () => {
    for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['forced', { forcedColors: 'active' }]] as const) {
      const page = await visit('', options);
      await slotButtons(page).first().waitFor();
      await shot(page, name);
      if (name === 'dark') await expectAccessible(page);
      await page.context().close();
    }
  });

  it('loads less than 120 kB of script', () => {
    const html = readFileSync(join(BUILD, 'booking.html'), 'utf8');
    const scripts = [...html.matchAll(/src="?\/addin\/([\w.-]+\.js)/g)].map((m) => readFileSync(join(BUILD, m[1]!)));
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.reduce((sum, script) => sum + gzipSync(script).length, 0)).toBeLessThan(120_000);
  });
});
