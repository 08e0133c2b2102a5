import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART_SCREENS, TEMPLATE_SCREENS } from '../support/screens/charts-screens.ts';
import { COMPOSE } from '../support/screens/compose-screens.ts';
import { faultsIn, PLAIN, type Look } from '../support/screens/looks.ts';
import { openPanePages, type PanePages } from '../support/screens/pane-page.ts';
import { PHONE } from '../support/screens/phone-screens.ts';
import { READ } from '../support/screens/read-screens.ts';
import type { Screen } from '../support/screens/screen.ts';
import { ACTIVITY_TAB, SETTINGS, SIGN_IN } from '../support/screens/tab-screens.ts';

/** Every screen of the pane in every state, looked at in six ways, and once in Office's own high contrast. The pictures are for people to look at. */
const LOOKS: readonly Look[] = [
  { name: 'light', width: 400, media: PLAIN, text: 16, axe: 'all' },
  { name: 'narrow', width: 320, media: PLAIN, text: 16, axe: 'none' },
  { name: 'dark', width: 320, media: { ...PLAIN, colorScheme: 'dark' }, text: 16, axe: 'colours' },
  { name: 'contrast', width: 320, media: { ...PLAIN, contrast: 'more' }, text: 16, axe: 'colours' },
  { name: 'forced', width: 320, media: { ...PLAIN, forcedColors: 'active' }, text: 16, axe: 'none' },
  { name: 'text200', width: 320, media: PLAIN, text: 32, axe: 'none' },
];
/** What classic Outlook tells in Windows' high contrast, where the browser inside it says nothing of forced colours. */
const HIGH_CONTRAST: Look = {
  name: 'office', width: 320, media: PLAIN, text: 16, axe: 'strong',
  dress: (page) => page.evaluate(() => outlook.recolour({ bodyBackgroundColor: '#000000', bodyForegroundColor: '#ffffff' })),
};

let pages: PanePages;
beforeAll(async () => {
  pages = await openPanePages();
});
afterAll(async () => {
  await pages?.close();
});

async function lookAt(screen: Screen, looks: readonly Look[]): Promise<string[]> {
  const pane = await pages.open(screen.options);
  const { page } = pane;
  try {
    await screen.go?.(pane);
    const words = page.getByText(screen.shows, { exact: typeof screen.shows === 'string' });
    await words.or(page.getByRole('button', { name: screen.shows, exact: typeof screen.shows === 'string' })).first().waitFor();
    const faults = await faultsIn(page, looks, { name: `${screen.name}-${screen.state}`, liveRegions: screen.name === 'start' ? 0 : 1, target: screen.name.startsWith('phone') ? 44 : 24 });
    return [...faults, ...pane.problems.map((p) => `console: ${p}`)];
  } finally {
    await pane.close();
  }
}

const GROUPS = [['signing in', SIGN_IN], ['a message being written', COMPOSE], ['a message being read', READ], ['Activity', ACTIVITY_TAB], ['charts', CHART_SCREENS], ['templates', TEMPLATE_SCREENS], ['Settings', SETTINGS], ['a phone', PHONE]] as const;
const ALL: readonly Screen[] = GROUPS.flatMap(([, screens]) => screens);
/** The first state of each screen, except where there is no Outlook that could have a theme, and on phones, which tell none. */
const inHighContrast = (screen: Screen): boolean => !/^(start|phone)/.test(screen.name) && ALL.find((other) => other.name === screen.name) === screen;

describe.each(GROUPS)('%s', (_, screens) => {
  // Two at a time: one is looked at while the other waits for its picture.
  it.concurrent.each(screens.map((screen) => [`${screen.name}, ${screen.state}`, screen] as const))('%s: nothing cut off, nothing unreadable, in any look', async (_name, screen) => {
    expect(await lookAt(screen, inHighContrast(screen) ? [...LOOKS, HIGH_CONTRAST] : LOOKS)).toEqual([]);
  });
});
