import type { OperationKey, Output } from '../../addin/api.ts';

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

/** An answer that the contract knows, so that the compiler tells when the two part. */
export const answers = <K extends OperationKey>(key: K, answer: Output<K>): Routes => ({ [key]: answer });

export const LINKED: Routes = {
  ...answers('GET /v1/user', { id: 'u1', accounts: [{ id: 7, email: 'you@playground.test', name: 'Yuki', serviceType: 'Hosted', userAccountType: 'primary', timezone: 'Europe/Berlin' }] }),
  ...answers('GET /v1/email/tracking/policy', { policy: 'on', retentionMonths: 12 }),
  'GET /v1/email/tracking/stream': () => new Refusal(404, 'notFound'),
  ...answers('GET /v1/email/tracking', { offset: 0, totalSize: 0, done: true, records: [] }),
  ...answers('GET /v1/followup/conversations', { offset: 0, totalSize: 0, done: true, records: [] }),
  ...answers('GET /v1/followup/rules', { offset: 0, totalSize: 0, done: true, records: [] }),
  ...answers('GET /v1/stats/templates', { records: [] }),
  ...answers('POST /v1/email/tracking/viewing', { status: 'Ok' }),
};

export const matches = (key: string, { method, path }: Pick<Asked, 'method' | 'path'>): boolean => {
  const [wanted, pattern] = key.split(' ') as [string, string];
  return wanted === method && new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
};

/** What the routes answer; the most literal one wins, and what none knows is not found. */
export async function answerTo(routes: Routes, request: Asked): Promise<{ status: number; body: unknown } | Response> {
  const key = Object.keys(routes).filter((k) => matches(k, request)).sort((a, b) => a.split('{').length - b.split('{').length)[0];
  const route = key === undefined ? new Refusal(404, 'notFound') : routes[key];
  const answer: unknown = await (typeof route === 'function' ? (route as (r: Asked) => unknown)(request) : route);
  if (answer instanceof Response) return answer;
  if (answer instanceof Refusal) return { status: answer.status, body: answer.body };
  return { status: 200, body: answer ?? { status: 'Ok' } };
}
