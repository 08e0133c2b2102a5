import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults, layoutFaults } from '../support/screens/audit.ts';
import { CHART_SCREENS, TEMPLATE_SCREENS } from '../support/screens/charts-screens.ts';
import { openPanePages, type PanePages } from '../support/screens/pane-page.ts';
import { press, tab, type Screen } from '../support/screens/screen.ts';

/** Charts, and templates with their preview, counts and file: each state in four looks, and how soon the pane is there. */
const SHOTS = join(import.meta.dirname, '../../test-artifacts/screens');
const PLAIN = { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' } as const;
const LOOKS = [
  { name: 'narrow', media: PLAIN, text: 16, axe: 'all' },
  { name: 'dark', media: { ...PLAIN, colorScheme: 'dark' }, text: 16, axe: 'colours' },
  { name: 'forced', media: { ...PLAIN, forcedColors: 'active' }, text: 16, axe: 'none' },
  { name: 'text200', media: PLAIN, text: 32, axe: 'none' },
] as const;
/** What a person waits without wondering, in milliseconds. */
const FIRST_CONTENT_MS = 1500;

let pages: PanePages;
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  pages = await openPanePages();
});
afterAll(async () => {
  await pages?.close();
});

async function lookAt(screen: Screen): Promise<string[]> {
  const pane = await pages.open(screen.options);
  const { page } = pane;
  try {
    await screen.go?.(pane);
    const exact = typeof screen.shows === 'string';
    await page.getByText(screen.shows, { exact }).or(page.getByRole('button', { name: screen.shows, exact })).first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    const faults: string[] = [];
    for (const look of LOOKS) {
      await page.emulateMedia(look.media);
      await cdp.send('Page.setFontSizes', { fontSizes: { standard: look.text } });
      await page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done, 0))));
      const found = await layoutFaults(page, 1);
      if (look.axe !== 'none') found.push(...await axeFaults(page, look.axe));
      faults.push(...found.map((fault) => `${look.name}: ${fault}`));
      await page.screenshot({ path: join(SHOTS, `${screen.name}-${screen.state}-${look.name}.png`), fullPage: true, animations: 'disabled', caret: 'hide' });
    }
    return [...faults, ...pane.problems.map((p) => `console: ${p}`)];
  } finally {
    await pane.close();
  }
}

describe.each([['charts', CHART_SCREENS], ['templates', TEMPLATE_SCREENS]] as const)('%s', (_, screens) => {
  it.each(screens.map((screen) => [`${screen.name}, ${screen.state}`, screen] as const))('%s: nothing cut off, nothing unreadable, in any look', async (_name, screen) => {
    expect(await lookAt(screen)).toEqual([]);
  });
});

describe('the charts', () => {
  it('are as wide as the pane, and drawn anew when it is made wider', async () => {
    const pane = await pages.open(CHART_SCREENS[0]!.options!);
    await tab(pane.page, 'Activity');
    await press(pane.page, 'Charts');
    const chart = pane.page.locator('figure svg').first();
    await chart.waitFor();
    const widthOf = async () => (await chart.boundingBox())!.width;
    await expect.poll(widthOf).toBeGreaterThan(240);
    const before = await widthOf();
    await pane.page.setViewportSize({ width: 420, height: 640 });
    await expect.poll(widthOf).toBeGreaterThan(before + 80);
    await pane.close();
  });

  it('are a table to a screen reader, and read anew for another range', async () => {
    const pane = await pages.open(CHART_SCREENS[0]!.options!);
    await tab(pane.page, 'Activity');
    await press(pane.page, 'Charts');
    const table = pane.page.getByRole('table', { name: 'Opens' });
    await expect.poll(() => table.getByRole('row').count()).toBe(31);
    await press(pane.page, '7 days');
    await expect.poll(() => table.getByRole('row').count()).toBe(8);
    expect(pane.asked.filter((r) => r.path === '/v1/stats/activity').map((r) => r.query.get('days'))).toEqual(['30', '7']);
    await pane.close();
  });
});

describe('the pane', () => {
  it('shows its first content within a second and a half', async () => {
    // The best of some: a busy machine may hold one up, and says nothing about the pane.
    let best = Infinity;
    for (let tries = 0; tries < 6 && best > FIRST_CONTENT_MS; tries += 1) {
      const begun = performance.now();
      const pane = await pages.open({ item: { kind: 'compose' } });
      await pane.page.getByRole('switch', { name: /Track this message/ }).waitFor();
      best = Math.min(best, performance.now() - begun);
      await pane.close();
    }
    expect(best).toBeLessThanOrEqual(FIRST_CONTENT_MS);
  });
});
