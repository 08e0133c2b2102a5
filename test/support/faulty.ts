import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Failpoint } from '../../server/lib/failpoint.ts';
import { PRODUCTION } from './production.ts';

/** What a test asks of the process that it forked, and what it hears. */
export type Order =
  | { readonly id: string; readonly do: 'arm'; readonly point: Failpoint; readonly action: 'kill' | 'throw' | 'wait'; readonly nth: number; readonly code: string | undefined }
  | { readonly id: string; readonly do: 'disarm'; readonly point: Failpoint }
  | { readonly id: string; readonly do: 'advance'; readonly by: number };
export type Report = { readonly ready: { readonly port: number; readonly smtpPort: number } } | { readonly reached: Failpoint } | { readonly done: string };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export const CLIENT = { id: 'faults-client', secret: 'a-secret-that-only-this-test-has' } as const;
export const BASIC = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
export const DOMAIN = 'hosted.test';

export interface Faulty {
  readonly url: string;
  readonly smtpPort: number;
  readonly pid: number;
  /** At the nth time from now that the point is reached; `wait` until disarm, `code` is that of the error thrown. */
  arm(point: Failpoint, action: 'kill' | 'throw' | 'wait', options?: { nth?: number; code?: string }): Promise<void>;
  disarm(point: Failpoint): Promise<void>;
  /** Resolves when an armed point that does not kill was reached. */
  reached(point: Failpoint): Promise<void>;
  /** Moves the product's clock, which is the real one at each start. */
  advance(milliseconds: number): Promise<void>;
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  call(method: string, path: string, options?: { as?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal }): Promise<{ status: number; headers: Headers; body: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  account(email: string): Promise<{ id: number; token: string }>;
}

/** The real assembly in a process of its own, in production mode, on the directory or database that `env` names. */
export async function startFaulty(env: Record<string, string>): Promise<Faulty> {
  const child = fork(join(import.meta.dirname, 'faulty-server.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      PATH: process.env.PATH, ...PRODUCTION, PORT: '0', SMTP_PORT: '0', HOSTED_DOMAINS: DOMAIN, SUNDIAL_CLIENT_ID: CLIENT.id, SUNDIAL_CLIENT_SECRET: CLIENT.secret,
      LOG_LEVEL: process.env.TEST_LOG ?? 'fatal', ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const { heard, once } = listenTo(child);
  const { ready } = await Promise.race([once((r) => 'ready' in r), ended.then((how) => Promise.reject(new Error(`The server ended with ${how} before it was ready.`)))]) as Extract<Report, { ready: unknown }>;
  const url = `http://127.0.0.1:${ready.port}`;
  const order = async (what: DistributiveOmit<Order, 'id'>): Promise<void> => {
    const id = randomUUID();
    const done = once((r) => 'done' in r && r.done === id);
    child.send({ id, ...what } as Order);
    await done;
  };
  const call: Faulty['call'] = async (method, path, { as, body, headers, signal } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method, redirect: 'manual',
      headers: { ...(as ? { authorization: as.startsWith('Basic ') ? as : `Bearer ${as}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: answer.headers.get('content-type')?.includes('json') && text ? JSON.parse(text) : text };
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    url, smtpPort: ready.smtpPort, pid: child.pid!, ended, call,
    arm: (point, action, { nth = 1, code } = {}) => order({ do: 'arm', point, action, nth, code }),
    disarm: (point) => order({ do: 'disarm', point }),
    reached: async (point) => {
      const is = (r: Report): boolean => 'reached' in r && r.reached === point;
      if (!heard.some(is)) await once(is);
      heard.splice(heard.findIndex(is), 1);
    },
    advance: (by) => order({ do: 'advance', by }),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async account(email) {
      const { status, body } = await call('POST', '/v1/am/accounts', { as: BASIC, body: { serviceType: 'Hosted', email, password: 'long enough', active: true } });
      if (status !== 201 && status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return { id: body.accountId as number, token: body.accessToken as string };
    },
  };
}

/** What the process reported so far, and a wait for what it has yet to say. */
function listenTo(child: ChildProcess): { heard: Report[]; once: (is: (report: Report) => boolean) => Promise<Report> } {
  const heard: Report[] = [];
  const waiting = new Set<{ is: (report: Report) => boolean; resolve: (report: Report) => void }>();
  child.on('message', (report: Report) => {
    if ('reached' in report) heard.push(report);
    for (const one of waiting) {
      if (!one.is(report)) continue;
      waiting.delete(one);
      one.resolve(report);
    }
  });
  return { heard, once: (is) => new Promise((resolve) => waiting.add({ is, resolve })) };
}
