import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults, layoutFaults } from '../support/screens/audit.ts';
import { COMPOSE } from '../support/screens/compose-screens.ts';
import { openPanePages, type PanePages } from '../support/screens/pane-page.ts';
import { READ } from '../support/screens/read-screens.ts';
import type { Screen } from '../support/screens/screen.ts';
import { ACTIVITY_TAB, CHARTS, SETTINGS, SIGN_IN } from '../support/screens/tab-screens.ts';

/** Every screen of the pane in every state, looked at in six ways. The pictures are for people to look at. */
const SHOTS = join(import.meta.dirname, '../../test-artifacts/screens');

type Media = Parameters<Page['emulateMedia']>[0];
interface Look {
  readonly name: string;
  readonly width: number;
  readonly media: Media;
  /** The browser's own text size; 16 is the ordinary one. */
  readonly text: number;
  readonly axe: 'all' | 'colours' | 'none';
}

const PLAIN = { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' } as const;
const LOOKS: readonly Look[] = [
  { name: 'light', width: 400, media: PLAIN, text: 16, axe: 'all' },
  { name: 'narrow', width: 320, media: PLAIN, text: 16, axe: 'none' },
  { name: 'dark', width: 320, media: { ...PLAIN, colorScheme: 'dark' }, text: 16, axe: 'colours' },
  { name: 'contrast', width: 320, media: { ...PLAIN, contrast: 'more' }, text: 16, axe: 'colours' },
  { name: 'forced', width: 320, media: { ...PLAIN, forcedColors: 'active' }, text: 16, axe: 'none' },
  { name: 'text200', width: 320, media: PLAIN, text: 32, axe: 'none' },
];

let pages: PanePages;
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  pages = await openPanePages();
});
afterAll(async () => {
  await pages?.close();
});

async function wear(page: Page, cdp: CDPSession, look: Look): Promise<void> {
  await page.emulateMedia(look.media);
  const size = async (height: number): Promise<void> => {
    await page.setViewportSize({ width: look.width, height });
    await cdp.send('Page.setFontSizes', { fontSizes: { standard: look.text } });
    await page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  };
  await size(640);
  // As high as what is on it: a picture of more than the window is taken in a window of its own, with text of the ordinary size.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  if (height > 640) await size(height);
}

async function lookAt(screen: Screen): Promise<string[]> {
  const pane = await pages.open(screen.options);
  const { page } = pane;
  try {
    await screen.go?.(pane);
    const words = page.getByText(screen.shows, { exact: typeof screen.shows === 'string' });
    await words.or(page.getByRole('button', { name: screen.shows, exact: typeof screen.shows === 'string' })).first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    const faults = new Map<string, string[]>();
    for (const look of LOOKS) {
      await wear(page, cdp, look);
      const found = await layoutFaults(page, screen.name === 'start' ? 0 : 1);
      if (look.axe !== 'none') found.push(...await axeFaults(page, look.axe));
      for (const fault of new Set(found)) faults.set(fault, [...faults.get(fault) ?? [], look.name]);
      await page.screenshot({ path: join(SHOTS, `${screen.name}-${screen.state}-${look.name}.png`), animations: 'disabled', caret: 'hide' });
    }
    return [...[...faults].map(([fault, looks]) => `${fault} (${looks.join(', ')})`), ...pane.problems.map((p) => `console: ${p}`)];
  } finally {
    await pane.close();
  }
}

describe.each([['signing in', SIGN_IN], ['a message being written', COMPOSE], ['a message being read', READ], ['Activity', ACTIVITY_TAB], ['charts', CHARTS], ['Settings', SETTINGS]] as const)('%s', (_, screens) => {
  it.each(screens.map((screen) => [`${screen.name}, ${screen.state}`, screen] as const))('%s: nothing cut off, nothing unreadable, in any look', async (_name, screen) => {
    expect(await lookAt(screen)).toEqual([]);
  });
});
