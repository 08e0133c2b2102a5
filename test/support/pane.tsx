import { act, cleanup, render, screen, type RenderResult } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { installFakeOffice, type FakeOffice, type FakeOptions } from '../../addin/office/fake.ts';
import { itemChanged, watchItem } from '../../addin/office/item.ts';
import { App } from '../../addin/taskpane/App.tsx';

/** The server as the pane sees it: an answer for each operation, and what was asked. */
export type Routes = Record<string, unknown | ((request: Asked) => unknown)>;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: Headers;
}

export class Refusal {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, code: string, message = code) {
    this.status = status;
    this.body = { code, message, requestId: 'req-1' };
  }
}

export const CONFIG = { clientId: 'client-1', publicUrl: 'https://sundial.test', mode: 'playground' } as const;

export const LINKED: Routes = {
  'GET /v1/user': { id: 'u1', accounts: [{ id: 7, email: 'you@playground.test', name: 'Yuki', serviceType: 'Hosted', userAccountType: 'primary', timezone: 'Europe/Berlin' }] },
  'GET /v1/email/tracking/policy': { policy: 'on', retentionMonths: 12 },
  'GET /v1/email/tracking/stream': () => new Refusal(404, 'notFound'),
  'GET /v1/email/tracking': { offset: 0, totalSize: 0, done: true, records: [] },
  'GET /v1/followup/conversations': { offset: 0, totalSize: 0, done: true, records: [] },
  'GET /v1/followup/rules': { offset: 0, totalSize: 0, done: true, records: [] },
  'POST /v1/email/tracking/viewing': { status: 'Ok' },
};

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
    const key = keyOf(all, request);
    const route = key === undefined ? new Refusal(404, 'notFound') : all[key];
    const answer: unknown = await (typeof route === 'function' ? (route as (r: Asked) => unknown)(request) : route);
    if (answer instanceof Response) return answer;
    if (answer instanceof Refusal) return new Response(JSON.stringify(answer.body), { status: answer.status });
    return new Response(JSON.stringify(answer ?? { status: 'Ok' }), { status: 200 });
  });
  const view = render(<App config={CONFIG} />);
  return { office, asked, routes: all, view, to: (key) => asked.filter((r) => matches(key, r)) };
}

const matches = (key: string, { method, path }: Asked): boolean => {
  const [wanted, pattern] = key.split(' ') as [string, string];
  return wanted === method && new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
};

/** The most literal route wins. */
const keyOf = (routes: Routes, request: Asked): string | undefined =>
  Object.keys(routes).filter((key) => matches(key, request)).sort((a, b) => a.split('{').length - b.split('{').length)[0];

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
