import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino, type Logger } from 'pino';
import { createApp } from '../../server/app.ts';
import { parseConfig } from '../../server/config.ts';
import { transaction } from '../../server/db/db.ts';
import type { Deps } from '../../server/deps.ts';
import { createEvents } from '../../server/events/events.ts';
import * as features from '../../server/features.ts';
import { connectMailboxes } from '../../server/mailboxes.ts';
import { openDomains } from '../../server/features/accounts/domains.ts';
import { issueAccountToken, upsertApp } from '../../server/features/accounts/service.ts';
import { insertAccount, type AccountRow } from '../../server/features/accounts/queries.ts';
import { playgroundMetadataUrl } from '../../server/features/auth/exchange-token.ts';
import { createMetrics } from '../../server/http/metrics.ts';
import type { Scope } from '../../server/lib/scopes.ts';
import { createHttpServer, type HttpLimits } from '../../server/http/server.ts';
import { createJobs } from '../../server/jobs/jobs.ts';
import { createClock, type MovableClock } from '../../server/lib/clock.ts';
import { randomKeyRing } from '../../server/lib/keyring.ts';
import { createFetch, type GuardedFetch } from '../../server/net/fetch.ts';
import type { DnsResolver } from '../../server/providers/provider.ts';
import { openTestDatabase } from './database.ts';

export const CLIENT_ID = 'test-client';
export const CLIENT_SECRET = 'test-client-secret-of-32-letters';
export const BASIC = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;

export interface TestApp {
  readonly url: string;
  readonly deps: Deps;
  readonly clock: MovableClock;
  readonly appId: number;
  /** Where the server takes mail, on loopback. */
  readonly smtpPort: number;
  /** A request to the running server. `as` an account's token makes it Bearer; a body is sent as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A mailbox of the test application with an access token, written straight to the tables. */
  account(options?: { email?: string; name?: string; timezone?: string; scopes?: Scope[] }): Promise<{ account: AccountRow; token: string }>;
  /** Runs background work until nothing is due. */
  drain(): Promise<number>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly as?: string;
  readonly basic?: boolean;
  readonly query?: Record<string, string | number | boolean>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly redirect?: RequestRedirect;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON, else its text. */
  // Tests look into answers of every shape; each assertion says what it expects.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface TestAppOptions {
  readonly env?: Record<string, string>;
  readonly fetch?: GuardedFetch;
  /** What DNS says where mail from outside is judged. */
  readonly resolveDns?: DnsResolver;
  /** Runs the workers for real (browser tests); else jobs run in drain(). */
  readonly work?: boolean;
  /** The wall clock, for what lasts by it: tokens, sessions, codes. */
  readonly realTime?: () => Date;
  readonly httpLimits?: Partial<HttpLimits>;
  /** Where log lines go, for tests of what may not be in them. */
  readonly log?: Logger;
}

/** The whole server over a fresh database: PGlite, or a database of its own on TEST_DATABASE_URL. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await openTestDatabase();
  const log = options.log ?? pino({ level: process.env.TEST_LOG ?? 'silent' });
  const clock = createClock(0, options.realTime);
  const server = createHttpServer(undefined, options.httpLimits);
  const port = await listen(server);
  const config = parseConfig({
    SUNDIAL_CLIENT_ID: CLIENT_ID,
    SUNDIAL_CLIENT_SECRET: CLIENT_SECRET,
    HOSTED_DOMAINS: 'hosted.test',
    SMTP_PORT: '0',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...options.env,
  });
  const jobs = createJobs(database, log);
  const domains = await openDomains(database, config.smtp.hostedDomains);
  const base: Omit<Deps, 'providers'> = {
    config, log, clock, jobs, domains,
    db: database.db,
    keys: randomKeyRing(),
    events: createEvents(database, () => jobs, features.listeners, log),
    fetch: options.fetch ?? createFetch({ allow: [], plainHttp: [playgroundMetadataUrl(config)].filter((own) => own !== undefined) }),
    metrics: createMetrics(),
    sendSteps: features.sendSteps,
  };
  const mailboxes = connectMailboxes(base, options.resolveDns ? { resolveDns: options.resolveDns } : {});
  const deps: Deps = { ...base, providers: mailboxes.providers };
  const smtp = await mailboxes.listen();
  const app = await upsertApp(deps, {
    clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, signingSecret: 'test-signing-secret-0123456789', name: 'Test',
    returnUrls: ['https://client.test/return'], origins: ['https://client.test'],
  });
  await deps.events.start();
  await jobs.start(deps, [...features.jobs, ...deps.events.listenerJobs], { work: options.work ?? false });
  server.on('request', createApp(deps, { validateResponses: true }));
  const url = `http://127.0.0.1:${port}`;

  return {
    url, deps, clock,
    appId: app.id,
    smtpPort: smtp.port,
    call: (method, path, o) => call(url, method, path, o),
    async account({ email, name = 'Alice', timezone = 'Europe/Berlin', scopes } = {}) {
      return transaction(deps.db, async (trx) => {
        const account = await insertAccount(trx, {
          app_id: app.id, parent_id: null, service_type: 'Hosted', email: email ?? `u${randomBytes(4).toString('hex')}@hosted.test`,
          name, timezone, auth_scopes: scopes ?? null, auth_native_scopes: null, client_org_id: null, login_string: null,
          server_url: null, token_error: null, user_id: null, user_account_type: null, auth_obtained_at: null,
        });
        return { account, token: await issueAccountToken(trx, account.id) };
      });
    },
    drain: () => jobs.drain(),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await smtp.stop();
      await jobs.stop();
      await deps.events.stop();
      await domains.stop();
      await database.close();
    },
  };
}

async function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const query = options.query ? `?${new URLSearchParams(Object.entries(options.query).map(([k, v]) => [k, String(v)]))}` : '';
  const response = await fetch(`${url}${path}${query}`, {
    method,
    redirect: options.redirect ?? 'manual',
    headers: {
      ...(options.as ? { authorization: `Bearer ${options.as}` } : {}),
      ...(options.basic ? { authorization: BASIC } : {}),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
