import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import type { FakeCompose, FakeOffice, FakeOptions, FakeRead } from '../../../addin/office/fake.ts';
import { createTestApp, type TestApp } from '../app.ts';
import { answerTo, LINKED, type Asked, type Routes } from '../answers.ts';
import { launchChromium } from '../chromium.ts';

/**
 * The built task pane as the server serves it, in Chromium, over a fake Outlook and canned answers: each
 * state of a screen is there at once, and looks the same in each run.
 */
export interface PanePages {
  readonly browser: Browser;
  readonly app: TestApp;
  open(options?: PaneOptions): Promise<PanePage>;
  close(): Promise<void>;
}

export interface PaneOptions extends Omit<FakeOptions, 'item' | 'token'> {
  readonly routes?: Routes;
  readonly item?: Partial<FakeCompose> & { kind: 'compose' } | Partial<FakeRead> & { kind: 'read' } | null;
  /** What an earlier use of the pane left in the roaming settings. */
  readonly roaming?: Record<string, unknown>;
  /** Names of Office calls that fail next time. */
  readonly failing?: readonly string[];
  /** Without: Office.js never arrives. */
  readonly officeJs?: boolean;
}

export interface PanePage {
  readonly page: Page;
  readonly asked: Asked[];
  /** Replaced at will while the pane runs. */
  readonly routes: Routes;
  /** Errors that the page threw or logged. */
  readonly problems: string[];
  select(item: PaneOptions['item']): Promise<void>;
  close(): Promise<void>;
}

declare global {
  var outlook: FakeOffice;
  var fakeOf: (part: object | null) => FakeCompose | FakeRead | null;
}

/** The day on which all screens are looked at: a Tuesday. */
export const NOW = '2026-11-24T14:05:00+01:00';

/** A request that the server takes and never answers. */
export const NEVER = (): Promise<never> => new Promise(() => {});
/** No connection. */
export const OFFLINE = Symbol('offline');

/** Answers that a test made bad, and what the test's own scripts say in the frames of mail, where no script runs. */
const NOT_OURS = /^Failed to load resource|about:srcdoc|postMessage/;

/** The fake as a script: it imports nothing, so its types are all that has to go. */
const FAKE = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, '../../../addin/office/fake.ts'), 'utf8')).replaceAll(/^export /gm, '');

export async function openPanePages(): Promise<PanePages> {
  const app = await createTestApp({ env: { OFFICE_JS: 'local' } });
  const browser = await launchChromium();
  return {
    browser, app,
    async open(options = {}) {
      const context = await browser.newContext({ viewport: { width: 320, height: 640 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', permissions: ['clipboard-write'], reducedMotion: 'reduce' });
      return openPane(context, app.url, options);
    },
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

async function openPane(context: BrowserContext, url: string, { routes: given = {}, item = null, roaming = {}, failing = [], officeJs = true, ...fake }: PaneOptions): Promise<PanePage> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const routes: Routes = { ...LINKED, ...given };
  const asked: Asked[] = [];
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !NOT_OURS.test(message.text())) problems.push(message.text());
  });
  await page.route('**/office-js/**', (route) => officeJs ? route.fulfill({ contentType: 'text/javascript', body: `(() => {${FAKE}
    globalThis.fakeOf = (part) => part && (part.kind === 'compose' ? fakeCompose(part) : fakeRead(part));
    globalThis.outlook = installFakeOffice({ ...${JSON.stringify(fake)}, item: fakeOf(${JSON.stringify(item)}) });
    Object.assign(outlook.roaming, ${JSON.stringify(roaming)});
    for (const name of ${JSON.stringify(failing)}) outlook.failures.set(name, { code: 5001, name: 'InternalError', message: 'An internal error has occurred.' });
  })()` }) : NEVER());
  await page.route('**/v1/**', (route) => answerWith(route, routes, asked));
  // In production the pane goes by its own clock, which stands where it is set here and runs from there.
  await page.route('**/addin/taskpane.html', async (route) => {
    const response = await route.fetch();
    return route.fulfill({ response, body: (await response.text()).replace('"mode":"playground"', '"mode":"production"').replaceAll(url, 'https://sundial.test') });
  });
  await page.clock.install({ time: NOW });
  await page.goto(`${url}/addin/taskpane.html`, { waitUntil: 'domcontentloaded' });
  return {
    page, asked, routes, problems,
    select: (next) => page.evaluate((part) => outlook.select(fakeOf(part)), next ?? null),
    close: () => context.close(),
  };
}

async function answerWith(route: Route, routes: Routes, asked: Asked[]): Promise<void> {
  const request = route.request();
  const url = new URL(request.url());
  const seen: Asked = { method: request.method(), path: url.pathname, query: url.searchParams, body: request.postDataJSON() as unknown, headers: new Headers(request.headers()) };
  asked.push(seen);
  const answer = await answerTo(routes, seen).catch((error: unknown) => {
    if (error === OFFLINE) return null;
    throw error;
  });
  // A page that has gone away meanwhile wants no answer.
  if (!answer) return route.abort('internetdisconnected').catch(() => {});
  const { status, body } = answer as { status: number; body: unknown };
  await route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) }).catch(() => {});
}
