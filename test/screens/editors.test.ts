import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { startPlaygroundServer, type RunningPlayground } from '../support/playground.ts';

/** The editors of Settings in the real pane, against the real server, on a message that is chosen beside them. */
let server: RunningPlayground;
let browser: Browser;
let context: BrowserContext;
let outlook: Page;
let pane: FrameLocator;
const problems: string[] = [];
const FROM_BUYER = 'Your product: three questions';

beforeAll(async () => {
  server = await startPlaygroundServer();
  browser = await launchChromium();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'], reducedMotion: 'reduce' });
  context.setDefaultTimeout(15_000);
  outlook = await context.newPage();
  outlook.on('pageerror', (error) => problems.push(error.message));
  pane = outlook.frameLocator('aside.pane:not([hidden]) iframe');
  await outlook.goto(server.url);
  const opened = context.waitForEvent('page');
  await pane.getByRole('button', { name: 'Sign in' }).click();
  await (await opened).getByRole('button', { name: 'Link these accounts' }).click();
  await pane.getByRole('tab', { name: /Message/ }).waitFor();
  await choose(FROM_BUYER);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  expect(problems).toEqual([]);
});

const choose = (subject: string): Promise<void> => outlook.locator('.row', { hasText: subject }).first().click();
const press = (name: string | RegExp): Promise<void> => pane.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
async function section(name: string): Promise<void> {
  await pane.getByRole('tab', { name: 'Message' }).click();
  await pane.getByRole('tab', { name: 'Settings' }).click();
  await press(name);
}
/** Writes at the end of the editor with this place, counted from the first, as a person types. */
async function write(text: string, nth = 0): Promise<void> {
  const box = pane.getByRole('textbox', { name: /^(Body|Text)$/ }).nth(nth);
  await box.click();
  await box.press('Control+End');
  await box.pressSequentially(text);
}

describe('Settings in the pane, on the real server', () => {
  it('makes a template, with a field, a link and a preview for the sender of the chosen message', async () => {
    await section('Templates and sequences');
    await press('Template');
    await pane.getByLabel('Name').first().fill('Answer to questions');
    await pane.getByLabel('Subject (optional)').fill('Your questions, {{firstName}}');
    await write('Dear ');
    await press('Add field');
    await press('firstName');
    await write(', the answers stand below, as we promised at the fair. See ');
    await press('Link');
    await pane.getByLabel('Address of the link').fill('https://example.com/prices');
    await press('Add');
    await press('Preview');
    await pane.getByText('For Bea Buyer (buyer@playground.test), of the chosen message.').waitFor();
    const preview = pane.frameLocator('iframe[title="The template as it will be inserted"]');
    await preview.getByText('Dear Bea, the answers stand below').waitFor();
    expect(await preview.locator('a').getAttribute('href')).toBe('https://example.com/prices');
    await pane.getByText('Subject: Your questions, Bea').waitFor();
    await press('Save');
    await pane.getByRole('button', { name: /^Answer to questions/ }).waitFor();
  });

  it('follows with the preview when another message is chosen, and keeps what is being written', async () => {
    await press(/^Answer to questions/);
    await press('Preview');
    await pane.getByLabel('Name').first().fill('Answer to all questions');
    await choose('Invoice 2041 is paid');
    await pane.getByText('For Tomas Reyes (tomas@harbour.example), of the chosen message.').waitFor();
    await pane.frameLocator('iframe[title="The template as it will be inserted"]').getByText('Dear Tomas,').waitFor();
    expect(await pane.getByLabel('Name').first().inputValue()).toBe('Answer to all questions');
    await press('Back');
    await pane.getByText('You have changes that are not saved.').waitFor();
    await press('Save');
    await pane.getByRole('button', { name: /^Answer to all questions/ }).waitFor();
    await choose(FROM_BUYER);
  });

  it('makes a sequence of two steps, whose preview says when each would be sent', async () => {
    await press('Sequence');
    await pane.getByLabel('Name').first().fill('Second try');
    await press('Add a step');
    await pane.getByText('Each step needs a text.').waitFor();
    await write('One last word from me.', 1);
    await press('Preview');
    const steps = pane.getByRole('region', { name: 'Preview' }).getByRole('listitem');
    await expect.poll(() => steps.count()).toBe(2);
    await pane.frameLocator('iframe[title="Step 1 as it will be sent"]').getByText('Hello Bea,').waitFor();
    await pane.frameLocator('iframe[title="Step 2 as it will be sent"]').getByText('One last word from me.').waitFor();
    const times = await steps.locator('time').evaluateAll((all) => all.map((one) => Date.parse((one as HTMLTimeElement).dateTime)));
    // Three working days each, within working hours.
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(3 * 86_400_000 - 10 * 3_600_000);
    await press('Save');
    await pane.getByRole('button', { name: /^Second try/ }).getByText('2 steps').waitFor();
  });

  it('exports all of it as a file, and imports that file again under other names', async () => {
    const [download] = await Promise.all([outlook.waitForEvent('download'), press('Export all')]);
    const file = JSON.parse(readFileSync(await download.path(), 'utf8')) as { format: string; rules: { name: string; templateBody?: string }[] };
    expect(file.format).toBe('sundial-templates');
    expect(file.rules.map((r) => r.name)).toEqual(expect.arrayContaining(['Answer to all questions', 'Second try']));
    const renamed = { ...file, rules: [{ ...file.rules.find((r) => r.name === 'Answer to all questions')!, name: 'From a colleague', templateBody: '<p>Hello</p><script>alert(1)</script>' }, ...file.rules] };
    await press('Import');
    await pane.locator('input[type=file]').setInputFiles({ name: 'colleague.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(renamed)) });
    const plan = pane.getByRole('region', { name: 'What the file holds' });
    await plan.getByText('Will be added.').waitFor();
    await plan.getByText('Parts that could run or load things were taken out of its text.').waitFor();
    expect(await plan.getByText('Is here already; left as it is.').count()).toBe(file.rules.length);
    await press('Import 1');
    await pane.getByText('1 was imported.').waitFor();
    await pane.getByRole('button', { name: /^From a colleague/ }).waitFor();
    await press(/^From a colleague/);
    expect(await pane.getByRole('textbox', { name: 'Body' }).innerHTML()).toBe('<p>Hello</p>');
    await press('Delete');
    await press('Delete');
    await pane.getByRole('button', { name: /^From a colleague/ }).waitFor({ state: 'detached' });
  });

  it('makes a booking page, changes it, and takes it off, as a visitor sees it', async () => {
    await section('Booking pages');
    await press('Booking page');
    await pane.getByLabel('Title').fill('Workshop');
    await pane.getByLabel('Name in the address').fill('workshop');
    await pane.getByLabel('Length').selectOption('90');
    await press('Save');
    const card = pane.getByRole('region', { name: 'workshop' });
    await card.getByText(/^90 min/).waitFor();
    await card.getByRole('button', { name: 'Edit' }).click();
    await pane.getByLabel('Length').selectOption('60');
    await pane.getByLabel('Place (optional)').fill('Our house');
    await press('Save');
    await card.getByText(/^60 min/).waitFor();
    const href = (await card.getByRole('link', { name: 'Preview' }).getAttribute('href'))!;
    await card.getByRole('button', { name: 'Copy link' }).click();
    await card.getByRole('button', { name: 'Copied' }).waitFor();
    const visitor = await context.newPage();
    await visitor.goto(href);
    await visitor.getByRole('heading', { name: 'Workshop' }).waitFor();
    await visitor.getByText('Our house').first().waitFor();
    await card.getByRole('switch', { name: 'Takes bookings: On' }).click();
    await card.getByRole('switch', { name: 'Takes bookings: Off' }).waitFor();
    await visitor.reload();
    await visitor.getByText(/isn’t taking bookings/).waitFor();
    await visitor.close();
  });

  it('counts a template that a reply was opened with, once that reply is tracked and sent', async () => {
    await pane.getByRole('tab', { name: 'Message' }).click();
    await press('Reply with template');
    await press(/^Answer to all questions/);
    await press('Open the reply');
    await outlook.getByRole('form', { name: 'New message' }).waitFor();
    await outlook.getByRole('textbox', { name: 'Message body' }).getByText('Dear Bea, the answers stand below').waitFor();
    await pane.getByRole('switch', { name: /Track this message/ }).click();
    await outlook.getByText('Sundial: opens and replies tracked.').waitFor();
    await outlook.getByRole('button', { name: 'Send', exact: true }).click();
    await outlook.getByText('Sent.').waitFor();
    await choose(FROM_BUYER);
    await section('Templates and sequences');
    await pane.getByRole('button', { name: /^Answer to all questions/ }).getByText('1 sent, 0 opened, 0 answered').waitFor();
  });
});
