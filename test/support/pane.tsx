import { act, cleanup, render, screen, type RenderResult } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { installFakeOffice, type FakeOffice, type FakeOptions } from '../../addin/office/fake.ts';
import { itemChanged, watchItem } from '../../addin/office/item.ts';
import { App } from '../../addin/taskpane/App.tsx';
import { answerTo, LINKED, matches, type Asked, type Routes } from './answers.ts';

export { LINKED, Refusal, type Asked, type Routes } from './answers.ts';

export const CONFIG = { clientId: 'client-1', publicUrl: 'https://sundial.test', mode: 'playground' } as const;

export interface Pane {
  readonly office: FakeOffice;
  readonly asked: Asked[];
  readonly routes: Routes;
  readonly view: RenderResult;
  /** What was sent to one operation. */
  to(key: string): Asked[];
}

/** The whole pane over a fake Outlook and a fake server. */
export function openPane(routes: Routes = {}, options: FakeOptions = {}): Pane {
  const office = installFakeOffice(options);
  itemChanged();
  watchItem();
  const all: Routes = { ...LINKED, ...routes };
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const parsed = new URL(url, 'https://sundial.test');
    const request: Asked = { method: init.method ?? 'GET', path: parsed.pathname, query: parsed.searchParams, body: init.body ? JSON.parse(String(init.body)) as unknown : undefined, headers: new Headers(init.headers) };
    asked.push(request);
    const answer = await answerTo(all, request);
    return answer instanceof Response ? answer : new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  const view = render(<App config={CONFIG} />);
  return { office, asked, routes: all, view, to: (key) => asked.filter((r) => matches(key, r)) };
}

export const seen = (text: string | RegExp): Promise<HTMLElement> => screen.findByText(text, {}, { timeout: 4000 });

/** Presses what has this name, and lets what follows happen. */
export async function press(role: string, name: string | RegExp): Promise<void> {
  const element = await screen.findByRole(role, { name }, { timeout: 4000 });
  await act(async () => element.click());
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
