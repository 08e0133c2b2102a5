import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { launchChromium } from '../support/chromium.ts';
import { faultsIn, PLAIN, type Look } from '../support/screens/looks.ts';
import { authorizePath, identityToken, mailbox, PASSWORD, prepared } from '../support/signin.ts';
import { trackedMessage } from '../support/tracking.ts';

/** The pages that strangers see, in every state and look: booking, sign-in, opt-out. */
const LOOKS: readonly Look[] = [
  { name: 'light', width: 1100, height: 760, media: PLAIN, text: 16, axe: 'all' },
  { name: 'dark', width: 1100, height: 760, media: { ...PLAIN, colorScheme: 'dark' }, text: 16, axe: 'colours' },
  { name: 'phone', width: 390, height: 760, media: PLAIN, text: 16, axe: 'all' },
  { name: 'phone-dark', width: 390, height: 760, media: { ...PLAIN, colorScheme: 'dark' }, text: 16, axe: 'colours' },
  { name: 'narrow', width: 320, media: PLAIN, text: 16, axe: 'none' },
  { name: 'forced', width: 390, media: { ...PLAIN, forcedColors: 'active' }, text: 16, axe: 'none' },
  { name: 'contrast', width: 390, media: { ...PLAIN, contrast: 'more' }, text: 16, axe: 'colours' },
  { name: 'text200', width: 320, media: PLAIN, text: 32, axe: 'none' },
];

let app: TestApp;
let browser: Browser;
let host: Awaited<ReturnType<TestApp['account']>>;
let profile: { id: number; name: string };

beforeAll(async () => {
  app = await createTestApp();
  browser = await launchChromium();
  host = await app.account({ name: 'Ada Lovelace', timezone: 'Europe/Berlin' });
  profile = await newProfile({ description: 'About {{question}}', subject: 'Product call' });
  await mailbox(app, 'ann@hosted.test');
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function newProfile(values: Record<string, unknown>): Promise<{ id: number; name: string }> {
  const workHours = { timezone: 'Europe/Berlin', daySchedules: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '09:00:00', end: '17:00:00' }] })) };
  const answer = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body: { location: 'Video', startAfterMinutes: 24 * 60, timeAvailableFor: 'P5W', workHours, ...values } });
  expect(answer.status).toBe(200);
  return answer.body;
}

/** One page in one state. */
interface Case {
  readonly name: string;
  readonly path: () => Promise<string> | string;
  /** Stands between the page and the server. */
  readonly intercept?: (route: Route) => Promise<void>;
  readonly go?: (page: Page) => Promise<void>;
  readonly shows: string | RegExp;
  readonly liveRegions?: number;
  readonly options?: BrowserContextOptions;
}

async function lookAt({ name, path, intercept, go, shows, liveRegions = 0, options = {} }: Case): Promise<string[]> {
  const context = await browser.newContext({ timezoneId: 'America/New_York', locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  if (intercept) await page.route(/\/v1\/book\//, intercept);
  await page.clock.install();
  try {
    await page.goto(`${app.url}${await path()}`);
    await go?.(page);
    await page.getByText(shows).first().waitFor();
    return [...await faultsIn(page, LOOKS, { name, liveRegions }), ...problems];
  } finally {
    await context.close();
  }
}

const times = async (): Promise<{ start: string; end: string }[]> => (await app.call('GET', `/v1/book/account/profiles/${profile.id}/meeting`, { as: host.token })).body.items;
let nth = 0;
const booked = async (): Promise<string> => {
  const made = await app.call('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { as: host.token, body: { time: (await times())[20], name: 'Grace Hopper', email: `grace${++nth}@hosted.test` } });
  expect(made.status).toBe(200);
  return made.body.rescheduleToken;
};
const bookingPage = (): string => `/book/test-client/${profile.name}`;
const meetingPage = async (): Promise<string> => `${bookingPage()}#reservation=${await booked()}`;
const firstTime = (page: Page): Promise<void> => page.locator('.slots button').first().click();
const fill = async (page: Page): Promise<void> => {
  await firstTime(page);
  await page.getByLabel('Name').fill('Grace Brewster Murray Hopper');
  await page.getByLabel('Email').fill('grace.brewster.murray.hopper@a-very-long-company-name.test');
};
const answer = (status: number, body: object) => (route: Route): Promise<void> => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
const failed = answer(500, { code: 'internal', message: 'Something failed on the server.', requestId: '5f0c2f6e-0000-4000-8000-000000000000' });
const onlyPosts = (then: (route: Route) => Promise<void>) => (route: Route): Promise<void> => (route.request().method() === 'POST' ? then(route) : route.continue());
const offline = (route: Route): Promise<void> => route.abort('internetdisconnected');
const never = (): Promise<void> => new Promise(() => {});
/** The list of free times, and not the meeting or what is done with it. */
const onlyTimes = (then: (route: Route) => Promise<void>) => (route: Route): Promise<void> => (/\/meeting\?/.test(route.request().url()) ? then(route) : route.continue());
const cancel = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel the meeting' }).click();
};
/** Lets pass what the page waits for before it says that the server is slow. */
const wait = (page: Page): Promise<void> => page.clock.fastForward(9000);
const reschedule = (page: Page): Promise<void> => page.getByRole('button', { name: 'Reschedule' }).click();
const move = async (page: Page): Promise<void> => {
  await reschedule(page);
  await firstTime(page);
  await page.getByRole('button', { name: /^Move to / }).click();
};
const book = (page: Page): Promise<void> => page.getByRole('button', { name: /^Book / }).click();

const BOOKING: readonly Case[] = [
  { name: 'booking-choose', path: bookingPage, shows: 'Times in', liveRegions: 1 },
  { name: 'booking-loading', path: bookingPage, intercept: () => new Promise(() => {}), go: (page) => page.getByRole('status').waitFor(), shows: 'Scheduling by Sundial', liveRegions: 1 },
  { name: 'booking-error', path: bookingPage, intercept: failed, shows: 'Something failed on the server.' },
  { name: 'booking-offline', path: bookingPage, intercept: (route) => route.abort('internetdisconnected'), shows: /You seem to be offline|Sundial’s server/ },
  { name: 'booking-busy-server', path: bookingPage, intercept: answer(429, { code: 'rate.limited', message: 'Too many requests from here; try again in a minute.', requestId: 'x' }), shows: 'Too many requests' },
  { name: 'booking-nothing-free', path: bookingPage, intercept: async (route) => {
    const got = await route.fetch();
    await route.fulfill({ response: got, json: { ...await got.json() as object, items: [], nextFromDate: undefined } });
  }, shows: 'has no free time at the moment' },
  { name: 'booking-off', path: async () => `/book/test-client/${(await newProfile({ subject: 'Workshop', active: false })).name}`, shows: 'isn’t taking bookings' },
  { name: 'booking-unknown', path: () => '/book/test-client/no-such-page', shows: /no such|not here|doesn’t exist|isn’t here|There is no/i },
  { name: 'booking-next-month', path: async () => `/book/test-client/${(await newProfile({ subject: 'Later', startTime: new Date(Date.now() + 20 * 86_400_000).toISOString() })).name}?date=${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}`, shows: /Next free/, liveRegions: 1 },
  { name: 'booking-form', path: bookingPage, go: fill, shows: 'Your details' },
  { name: 'booking-form-wrong', path: bookingPage, go: async (page) => {
    await firstTime(page);
    await page.getByLabel('Email').fill('grace');
    await book(page);
  }, shows: 'Enter an email address' },
  { name: 'booking-form-failed', path: bookingPage, intercept: onlyPosts(failed), go: async (page) => {
    await fill(page);
    await book(page);
  }, shows: 'Nothing was booked.' },
  { name: 'booking-sending', path: bookingPage, intercept: onlyPosts(never), go: async (page) => {
    await fill(page);
    await book(page);
    await wait(page);
  }, shows: /^Still booking/, liveRegions: 1 },
  { name: 'booking-taken', path: bookingPage, intercept: onlyPosts(async (route) => answer(409, { code: 'slot.taken', message: 'That time has gone.', requestId: 'x', created: false, items: (await times()).slice(1, 4) })(route)), go: async (page) => {
    await fill(page);
    await book(page);
  }, shows: /was just taken/ },
  { name: 'booking-link-gone', path: () => `${bookingPage()}?start=${encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString())}`, shows: /has gone|just taken|no longer/, liveRegions: 1 },
  { name: 'booking-booked', path: bookingPage, go: async (page) => {
    await fill(page);
    await book(page);
  }, shows: 'Add to calendar' },
  { name: 'meeting', path: meetingPage, shows: 'Reschedule' },
  { name: 'meeting-cancel', path: meetingPage, go: (page) => page.getByRole('button', { name: 'Cancel' }).click(), shows: 'Cancel this meeting?' },
  { name: 'meeting-cancelled', path: meetingPage, go: cancel, shows: /cancelled/i },
  { name: 'meeting-move', path: meetingPage, go: async (page) => {
    await reschedule(page);
    await firstTime(page);
  }, shows: 'New time' },
  { name: 'meeting-loading', path: meetingPage, intercept: never, go: async (page) => {
    await page.getByRole('heading', { name: 'Your meeting' }).waitFor();
    await wait(page);
  }, shows: /^Still waiting for your meeting/, liveRegions: 1 },
  { name: 'meeting-error', path: meetingPage, intercept: failed, shows: 'Try again' },
  { name: 'meeting-offline', path: meetingPage, intercept: offline, shows: 'You seem to be offline. The meeting couldn’t be loaded.' },
  { name: 'meeting-busy-server', path: meetingPage, intercept: answer(429, { code: 'rate.limited', message: 'Too many requests from here; try again in a minute.', requestId: 'x' }), shows: 'Too many requests' },
  { name: 'meeting-cancelling', path: meetingPage, intercept: onlyPosts(never), go: (page) => cancel(page).then(() => wait(page)), shows: /^Still cancelling/, liveRegions: 1 },
  { name: 'meeting-cancel-failed', path: meetingPage, intercept: onlyPosts(failed), go: cancel, shows: 'The meeting stands.' },
  { name: 'meeting-cancel-broken-line', path: meetingPage, intercept: onlyPosts(offline), go: cancel, shows: /^The connection broke before the server answered/ },
  { name: 'meeting-cancel-offline', path: meetingPage, go: async (page) => {
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    await page.context().setOffline(true);
    await cancel(page);
  }, shows: 'You seem to be offline. The meeting stands.' },
  { name: 'meeting-choosing', path: meetingPage, go: reschedule, shows: 'Choose a new time.', liveRegions: 1 },
  { name: 'meeting-choosing-loading', path: meetingPage, intercept: onlyTimes(never), go: (page) => reschedule(page).then(() => wait(page)), shows: /^Still waiting for the free times/, liveRegions: 1 },
  { name: 'meeting-choosing-error', path: meetingPage, intercept: onlyTimes(failed), go: reschedule, shows: 'The times couldn’t be loaded.' },
  { name: 'meeting-choosing-offline', path: meetingPage, intercept: onlyTimes(offline), go: reschedule, shows: 'You seem to be offline. The times couldn’t be loaded.' },
  { name: 'meeting-choosing-month-failed', path: meetingPage, intercept: onlyTimes((route) => (route.request().url().includes('fromDate') ? failed(route) : route.continue())), go: reschedule, shows: 'The times couldn’t be loaded.' },
  { name: 'meeting-moving', path: meetingPage, intercept: onlyPosts(never), go: (page) => move(page).then(() => wait(page)), shows: /^Still moving it/, liveRegions: 1 },
  { name: 'meeting-move-failed', path: meetingPage, intercept: onlyPosts(failed), go: move, shows: 'The meeting stands as it was.' },
  { name: 'meeting-move-broken-line', path: meetingPage, intercept: onlyPosts(offline), go: move, shows: /^The connection broke before the server answered/ },
  { name: 'meeting-moved', path: meetingPage, go: move, shows: 'A new invitation is on its way.' },
  { name: 'meeting-unknown', path: () => `${bookingPage()}#reservation=guessed`, shows: /not found|no longer|isn’t|There is no/i },
];

const signInPath = async (): Promise<string> => authorizePath({ accountRole: 'primary', token: await prepared(app, await identityToken(app, 'ann@exchange.test')) });
const OTHERS: readonly Case[] = [
  { name: 'signin', path: () => authorizePath({ accountRole: 'primary' }), shows: 'Password' },
  { name: 'signin-link', path: signInPath, shows: 'Password' },
  { name: 'signin-wrong', path: signInPath, go: async (page) => {
    await page.getByLabel('Email address').fill('ann@hosted.test');
    await page.getByLabel('Password').fill(`${PASSWORD}?`);
    await page.getByRole('button', { name: /^(Sign in|Link)/ }).click();
  }, shows: 'do not match' },
  { name: 'signin-unsupported', path: () => authorizePath({ accountRole: 'primary', serviceType: 'Google' }), shows: /Google/ },
  { name: 'optout', path: async () => `/o/${(await trackedMessage(app, host.token)).code}`, shows: 'Stop telling the sender?' },
  { name: 'optout-done', path: async () => `/o/${(await trackedMessage(app, host.token)).code}`, go: (page) => page.getByRole('button').first().click(), shows: 'Nothing more is recorded' },
  { name: 'optout-unknown', path: () => '/o/AAAAAAAAAAAAAAAAAAAAAA', shows: /./ },
];

describe.each([['the booking page', BOOKING], ['sign-in and opt-out', OTHERS]] as const)('%s', (_, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))('%s: nothing cut off, nothing unreadable, in any look', async (_name, one) => {
    expect(await lookAt(one)).toEqual([]);
  });
});
