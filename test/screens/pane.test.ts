import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART_SCREENS, TEMPLATE_SCREENS } from '../support/screens/charts-screens.ts';
import { COMPOSE } from '../support/screens/compose-screens.ts';
import { faultsIn, PLAIN, type Look } from '../support/screens/looks.ts';
import { openPanePages, type PanePages } from '../support/screens/pane-page.ts';
import { READ } from '../support/screens/read-screens.ts';
import type { Screen } from '../support/screens/screen.ts';
import { ACTIVITY_TAB, SETTINGS, SIGN_IN } from '../support/screens/tab-screens.ts';

/** Every screen of the pane in every state, looked at in six ways. The pictures are for people to look at. */
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
    const words = page.getByText(screen.shows, { exact: typeof screen.shows === 'string' });
    await words.or(page.getByRole('button', { name: screen.shows, exact: typeof screen.shows === 'string' })).first().waitFor();
    const faults = await faultsIn(page, LOOKS, { name: `${screen.name}-${screen.state}`, liveRegions: screen.name === 'start' ? 0 : 1 });
    return [...faults, ...pane.problems.map((p) => `console: ${p}`)];
  } finally {
    await pane.close();
  }
}

describe.each([['signing in', SIGN_IN], ['a message being written', COMPOSE], ['a message being read', READ], ['Activity', ACTIVITY_TAB], ['charts', CHART_SCREENS], ['templates', TEMPLATE_SCREENS], ['Settings', SETTINGS]] as const)('%s', (_, screens) => {
  it.each(screens.map((screen) => [`${screen.name}, ${screen.state}`, screen] as const))('%s: nothing cut off, nothing unreadable, in any look', async (_name, screen) => {
    expect(await lookAt(screen)).toEqual([]);
  });
});
