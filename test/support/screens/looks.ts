import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { axeFaults, layoutFaults } from './audit.ts';

/** Where the pictures go: for people to look at. */
const SHOTS = join(import.meta.dirname, '../../../test-artifacts/screens');

/** One way to look at a page. */
export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height?: number;
  readonly media: Parameters<Page['emulateMedia']>[0];
  /** The browser's own text size; 16 is the ordinary one. */
  readonly text: number;
  /** `strong`: the contrast of WCAG's AAA. */
  readonly axe: 'all' | 'colours' | 'strong' | 'none';
  /** What the page around it does for this look; the last ones, for nothing takes it back. */
  readonly dress?: (page: Page) => Promise<void>;
}

const PLAIN_TEXT = 16;
/** Our smallest words are three quarters of the browser's size. */
const SMALLEST = 0.74;

export const PLAIN = { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' } as const;

/** `target`: how high in pixels what is pressed is at least. Looks at the page in every way, takes a picture of each, and says what is wrong with which. */
export async function faultsIn(page: Page, looks: readonly Look[], { name, liveRegions, target = 24 }: { name: string; liveRegions: number; target?: number }): Promise<string[]> {
  mkdirSync(SHOTS, { recursive: true });
  const cdp = await page.context().newCDPSession(page);
  const faults = new Map<string, string[]>();
  for (const look of looks) {
    await wear(page, cdp, look);
    const found = await layoutFaults(page, liveRegions, target);
    if (look.text > PLAIN_TEXT) found.push(...await page.evaluate((least) => [...document.querySelectorAll<HTMLElement>('h1, h2, h3, p, label')]
      .filter((e) => e.innerText?.trim() && parseFloat(getComputedStyle(e).fontSize) < least)
      .map((e) => `does not follow the browser’s text size: “${e.innerText.slice(0, 40)}”`), look.text * SMALLEST));
    if (look.axe !== 'none') found.push(...await axeFaults(page, look.axe));
    for (const fault of new Set(found)) faults.set(fault, [...faults.get(fault) ?? [], look.name]);
    await page.screenshot({ path: join(SHOTS, `${name}-${look.name}.png`), animations: 'disabled', caret: 'hide' });
  }
  return [...faults].map(([fault, seen]) => `${fault} (${seen.join(', ')})`);
}

async function wear(page: Page, cdp: CDPSession, { width, height = 640, media, text, dress }: Look): Promise<void> {
  await page.emulateMedia(media);
  await dress?.(page);
  const size = async (to: number): Promise<void> => {
    await page.setViewportSize({ width, height: to });
    await cdp.send('Page.setFontSizes', { fontSizes: { standard: text } });
    // What is drawn to measure tells its size in one frame, and is drawn anew in the next.
    await page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => done()), 0)))));
  };
  await size(height);
  // As high as what is on it: a picture of more than the window is taken in a window of its own, with text of the ordinary
  // size. What may fill a part of the window grows with it, so it is measured again.
  for (let now = height, tries = 0; tries < 4; tries++) {
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    if (whole <= now) break;
    await size(now = whole);
  }
}
