import type { Page } from 'playwright-core';
import { answers, Refusal, type Routes } from '../answers.ts';
import { NEVER, OFFLINE, type PaneOptions, type PanePage } from './pane-page.ts';

/** One screen in one state: how to come there, and the words by which one knows to be there. */
export interface Screen {
  readonly name: string;
  readonly state: string;
  readonly options?: PaneOptions;
  readonly go?: (pane: PanePage) => Promise<void>;
  /** A text or a role's name that this state alone shows. */
  readonly shows: string | RegExp;
}

export const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
export const tab = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click();

/** Lets pass what a screen waits for: a skeleton after one second, a word after eight, repeats of a failed read. */
export const later = async ({ page }: PanePage, seconds: number): Promise<void> => {
  for (let passed = 0; passed < seconds; passed += 1) {
    await page.clock.fastForward(1000);
    await page.waitForTimeout(20);
  }
};

/** An operation that fails on the server; that is never answered; that cannot be reached. */
export const broken = (...keys: string[]): Routes => Object.fromEntries(keys.map((key) => [key, new Refusal(500, 'internal', 'Something failed.')]));
export const hanging = (...keys: string[]): Routes => Object.fromEntries(keys.map((key) => [key, NEVER]));
export const unreachable = (...keys: string[]): Routes => Object.fromEntries(keys.map((key) => [key, () => Promise.reject(OFFLINE)]));
export const refused = (...keys: string[]): Routes => Object.fromEntries(keys.map((key) => [key, new Refusal(401, 'unauthorized', 'Sign in.')]));

/** What the organisation has switched off. */
export const policy = (value: 'repliesOnly' | 'off'): Routes => answers('GET /v1/email/tracking/policy', { policy: value });
/** The server's word to who goes by a policy that was another one when the pane asked. */
export const deniedByPolicy = (key: string): Routes => ({ [key]: new Refusal(403, 'policy.denied', 'Your organisation has switched tracking off. Messages can be sent without it.') });
