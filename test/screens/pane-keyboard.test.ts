import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answers } from '../support/answers.ts';
import { ACTIVITY, conversation, DRAFT_MADE, FULL, page as paged } from '../support/screens/pane-data.ts';
import { openPanePages, type PaneOptions, type PanePage, type PanePages } from '../support/screens/pane-page.ts';
import { broken } from '../support/screens/screen.ts';

/** The pane without a mouse. */
let pages: PanePages;
let pane: PanePage | undefined;
beforeAll(async () => {
  pages = await openPanePages();
});
afterAll(async () => {
  await pages?.close();
});
afterEach(async () => {
  expect(pane?.problems).toEqual([]);
  await pane?.close();
});

const DRAFT = { kind: 'compose', subject: 'Our product', to: [{ displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }] } as const;
const draft = { item: { ...DRAFT, to: [...DRAFT.to] }, routes: FULL };
const TRACKED = { item: { ...DRAFT, to: [...DRAFT.to], properties: { sundial: JSON.stringify({ draftId: 'pane-1', code: 'code-12345', opens: true, replies: true, links: false, append: DRAFT_MADE.pixelHtml }) } }, routes: FULL };
const sent = { item: { kind: 'read', subject: 'Our product' } as const, routes: FULL };
const busy = { item: null, routes: { ...FULL, ...answers('GET /v1/email/tracking', paged(ACTIVITY.trackings)) } };

async function open(options: PaneOptions): Promise<Page> {
  pane = await pages.open(options);
  await pane.page.getByRole('tab', { name: 'Message' }).waitFor();
  return pane.page;
}

/** How a screen reader would name what has the focus, near enough. */
const focused = (page: Page): Promise<string> => page.evaluate(() => {
  const e = document.activeElement as HTMLElement;
  if (e === document.body) return '(nothing)';
  const labels = (e as HTMLInputElement).labels ?? [];
  return (e.getAttribute('aria-label') ?? [...labels].map((l) => l.textContent).join(' ')).trim() || (e.textContent ?? '').trim().slice(0, 60);
});

/** The names at which Tab stops, from the first on, until it leaves the page. */
async function stops(page: Page): Promise<string[]> {
  await page.getByRole('tab', { selected: true }).focus();
  const names = [await focused(page)];
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    const name = await focused(page);
    if (name === '(nothing)' || await page.evaluate(() => document.activeElement?.role === 'tab')) break;
    names.push(name);
  }
  return names;
}

/** Goes to what has this name by Tab alone. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    const here = await focused(page);
    if (typeof name === 'string' ? here === name : name.test(here)) return;
    await page.keyboard.press('Tab');
    // Once round without it: the view may still be on its way.
    if (n % 40 === 39) await page.waitForTimeout(500);
  }
  throw new Error(`Tab never came to ${name}`);
}

describe('Tab', () => {
  it('goes through a tracked draft from the tabs to the last button', async () => {
    const page = await open(TRACKED);
    await page.getByRole('switch', { name: /On$/ }).waitFor();
    expect(await stops(page)).toEqual(['Message', 'Track this message: On', 'Opens', 'Replies', 'Links', 'What recipients see', 'Choose', 'Template', 'Times', 'Booking']);
  });

  it('never stops at what lies beneath the tabs or the buttons that stay in sight', async () => {
    const page = await open({ item: null, routes: { ...FULL, ...broken('PUT /v1/followup/rules/{id}') } });
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Templates and sequences' }).click();
    await page.getByRole('button', { name: /^Three-touch/ }).click();
    const save = page.getByRole('button', { name: 'Save' });
    await save.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(1000);
    expect(await save.evaluate((e) => e.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    await page.getByRole('tab', { selected: true }).focus();
    for (let n = 0; n < 30; n += 1) {
      await page.keyboard.press('Tab');
      const hidden = await page.evaluate(() => {
        const e = document.activeElement!;
        if (e === document.body) return null;
        const box = e.getBoundingClientRect();
        const seen = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 30) / 2);
        return seen && (e.contains(seen) || seen.contains(e) || (e instanceof HTMLInputElement && e.labels?.[0]?.contains(seen))) ? null : e.outerHTML.slice(0, 120);
      });
      expect(hidden).toBeNull();
    }
    // What comes of pressing it is seen as well, however far up the form is.
    await page.evaluate(() => scrollTo(0, 0));
    await save.click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').evaluate((e) => e.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
  });

  it('goes through a sent message', async () => {
    const page = await open(sent);
    await page.getByRole('button', { name: 'Skip step' }).waitFor();
    expect(await stops(page)).toEqual(['Message', 'Why?', 'Why?', '▸ 2 not counted', 'Skip step', 'Change', 'Stop'].map((name) => name === '▸ 2 not counted' ? expect.stringContaining('2 not counted') as unknown as string : name));
  });

  it('goes through the follow-up picker with its primary button near the end', async () => {
    const page = await open(TRACKED);
    await tabTo(page, 'Choose');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Use follow-up' }).waitFor();
    await page.getByRole('button', { name: 'Preview' }).waitFor();
    const names = await stops(page);
    expect(names[0]).toBe('Message');
    expect(names[1]).toBe('Back');
    expect(names.slice(-3)).toEqual(['Preview', 'Use follow-up', 'Cancel']);
  });

  it('stops at nothing that cannot be seen, and shows where it is, in light, dark and forced colours', async () => {
    for (const options of [TRACKED, sent, busy]) {
      const page = await open(options);
      if (options === busy) {
        await tabTo(page, 'Message');
        await page.keyboard.press('ArrowRight');
        await page.getByText('Offer for a year').waitFor();
      } else await page.getByRole('button', { name: options === TRACKED ? 'Booking' : 'Skip step' }).waitFor();
      for (const media of [{ colorScheme: 'light', forcedColors: 'none' }, { colorScheme: 'dark', forcedColors: 'none' }, { colorScheme: 'light', forcedColors: 'active' }] as const) {
        await page.emulateMedia(media);
        await page.evaluate(() => {
          (document.activeElement as HTMLElement).blur();
          scrollTo(0, 0);
        });
        await page.setViewportSize({ width: 320, height: 1200 });
        const picture = () => page.screenshot({ animations: 'disabled', caret: 'hide' });
        const rest = await picture();
        for (let n = 0; n < 30; n += 1) {
          await page.keyboard.press('Tab');
          const name = await focused(page);
          if (name === '(nothing)') break;
          expect(await page.evaluate(() => document.activeElement!.closest('[aria-hidden=true]'))).toBe(null);
          expect((await picture()).equals(rest), `${name} looks the same with the focus (${JSON.stringify(media)})`).toBe(false);
        }
      }
      await pane!.close();
    }
  });
});

describe('the tabs', () => {
  it('are one stop; arrows, Home and End go round and choose', async () => {
    const page = await open(busy);
    await tabTo(page, 'Message');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Offer for a year').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-activity');
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Hours and zone' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Choose one message.').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Home');
    expect(await page.getByRole('tab', { selected: true }).textContent()).toBe('Message');
    expect(await page.getByRole('tabpanel', { name: 'Message' }).count()).toBe(1);
  });
});

describe('a view over another', () => {
  const cases: [string, PaneOptions, (page: Page) => Promise<void>, string, string][] = [
    ['what recipients see', TRACKED, async () => {}, 'What recipients see', 'What recipients see'],
    ['the follow-up picker', TRACKED, async () => {}, 'Choose', 'Follow-up'],
    ['templates', draft, async () => {}, 'Template', 'Insert a template'],
    ['free times', draft, async () => {}, 'Times', 'Free times'],
    ['booking links', draft, async () => {}, 'Booking', 'Insert a booking link'],
    ['starting a follow-up', sent, async () => {}, 'Change', 'Follow-up'],
    ['hours', busy, async (page) => {
      await tabTo(page, 'Message');
      await page.keyboard.press('End');
    }, 'Hours and zone', 'Hours and zone'],
    ['booking pages', busy, async (page) => {
      await tabTo(page, 'Message');
      await page.keyboard.press('End');
    }, 'Booking pages', 'Booking pages'],
  ];
  it.each(cases)('%s: takes the focus to its heading; Esc and Back leave it and give the focus back', async (_, options, first, opener, heading) => {
    const page = await open(options);
    await first(page);
    for (const leave of ['Escape', 'Back']) {
      await page.getByRole('button', { name: opener, exact: true }).waitFor();
      await tabTo(page, opener);
      await page.keyboard.press('Enter');
      await expect.poll(() => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent}`)).toBe(`H2 ${heading}`);
      if (leave === 'Escape') await page.keyboard.press('Escape');
      else {
        await page.keyboard.press('Shift+Tab');
        await expect.poll(() => focused(page)).toBe('Back');
        await page.keyboard.press('Enter');
      }
      await expect.poll(() => focused(page)).toBe(opener);
    }
  });

  it('goes back from an activity’s timeline to its row', async () => {
    const page = await open(busy);
    await tabTo(page, 'Message');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Offer for a year').waitFor();
    await tabTo(page, /Our product for your team/);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toMatch(/Our product for your team/);
  });
});

describe('by keys alone', () => {
  it('a message is tracked and given a follow-up', async () => {
    const page = await open(draft);
    await tabTo(page, /^Track this message/);
    await page.keyboard.press('Space');
    await page.getByRole('switch', { name: /On$/ }).waitFor();
    // Whoever pressed the switch stays on it.
    await expect.poll(() => focused(page)).toBe('Track this message: On');
    await tabTo(page, 'Choose');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Preview' }).waitFor();
    await tabTo(page, /^Gentle nudge/);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.getByRole('radio', { name: /^Three-touch/ }).isChecked()).toBe(true);
    await tabTo(page, 'Use follow-up');
    await page.keyboard.press('Enter');
    await expect.poll(() => pane!.asked.some((r) => r.method === 'PUT' && r.path.startsWith('/v1/followup/drafts/'))).toBe(true);
  });

  it('a follow-up is stopped, and the focus goes to what can be done next', async () => {
    const stopped = conversation({ status: 'disabled', stopReason: 'stopped' });
    const page = await open({ ...sent, routes: { ...FULL, ...answers('PUT /v1/followup/conversations/{convoId}', stopped) } });
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await tabTo(page, 'Stop');
    await page.keyboard.press('Enter');
    await page.getByText('Stopped by you.').waitFor();
    await expect.poll(() => focused(page)).toBe('Start again');
  });

  it('an editor with changes asks before it is left, and gives the focus back to who keeps editing', async () => {
    const page = await open(busy);
    await tabTo(page, 'Message');
    await page.keyboard.press('End');
    await page.getByText('Templates and sequences').waitFor();
    await tabTo(page, 'Templates and sequences');
    await page.keyboard.press('Enter');
    await page.getByText('Price list').waitFor();
    await tabTo(page, /^Price list/);
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').first().waitFor();
    await tabTo(page, /^Name/);
    await page.keyboard.type(' 2');
    await page.keyboard.press('Escape');
    await page.getByText('You have changes that are not saved.').waitFor();
    await expect.poll(() => focused(page)).toBe('Save');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByText('You have changes that are not saved.').count()).toBe(0);
    await expect.poll(() => focused(page)).toMatch(/^Name/);
  });
});
