import { createPrivateKey } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { openPglite, openPostgres, type Database } from './db/db.ts';
import { lockDataDir } from './db/lock.ts';
import { migrate } from './db/migrate.ts';
import { keepSetting } from './db/settings.ts';
import type { Deps } from './deps.ts';
import { createEvents } from './events/events.ts';
import * as features from './features.ts';
import { ensureFirstApplication, type FirstApplication } from './features/accounts/service.ts';
import { playgroundMetadataUrl } from './features/auth/exchange-token.ts';
import { createMetrics } from './http/metrics.ts';
import { createJobs } from './jobs/jobs.ts';
import { createClock, type MovableClock } from './lib/clock.ts';
import { openKeyRing } from './lib/keyring.ts';
import { createFetch } from './net/fetch.ts';
import { readCertificate, type SmtpIn } from './net/smtp-in.ts';
import { connectMailboxes } from './mailboxes.ts';
import { startPlayground } from './playground/start.ts';

/** A person waits in front of this start: each step is told as it begins. */
export type Progress = (step: string) => void;

export interface Sundial {
  readonly deps: Deps;
  readonly clock: MovableClock;
  readonly port: number;
  readonly application: FirstApplication;
  /** Requests end, streams close, jobs go back to the queue, the database is closed; safe to call twice. */
  stop(): Promise<void>;
}

/** A start that cannot succeed, in one line for the person who tried. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Builds the process from its settings and starts http, smtp and workers. */
export async function startSundial(config: Config, log: Logger, progress: Progress = () => {}): Promise<Sundial> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = once(async () => {
    for (const step of stops.reverse()) await step();
  });
  try {
    config.smtp.dkimKeys.forEach(requireDkimKey);
    requireCertificate(config.smtp.tls);
    progress('Opening the database');
    const database = await openDatabase(config, stops);
    const migrated = await migrate(database.db);
    if (migrated.length) progress(`Brought the database up to date (${migrated.length} migrations)`);
    await requireOwnMode(config, database);

    const jobs = createJobs(database, log);
    const clock = createClock();
    const base: Omit<Deps, 'providers'> = {
      config, log, clock, jobs,
      db: database.db,
      keys: openKeyRing(config.keys, config.dataDir),
      events: createEvents(database, () => jobs, features.listeners, log),
      fetch: createFetch({ allow: config.egressAllow, plainHttp: [playgroundMetadataUrl(config)].filter((url) => url !== undefined) }),
      metrics: createMetrics(),
      sendSteps: features.sendSteps,
    };
    const mailboxes = connectMailboxes(base);
    const deps: Deps = { ...base, providers: mailboxes.providers };
    const application = await ensureFirstApplication(deps);

    progress('Starting the workers');
    await deps.events.start();
    stops.push(() => deps.events.stop());
    await jobs.start(deps, [...features.jobs, ...deps.events.listenerJobs]);
    stops.push(() => jobs.stop());

    progress('Starting the mail server');
    const smtp = await startSmtp(config, () => mailboxes.listen());
    stops.push(() => smtp.stop());

    progress('Starting the web server');
    const stopping = new AbortController();
    // Each open stream listens; that is no leak.
    setMaxListeners(0, stopping.signal);
    const server = createServer(createApp(deps, { stopping: stopping.signal }));
    stops.push(() => closeServer(server, stopping));
    const port = await listen(server, config);
    if (config.mode === 'playground') {
      progress('Setting up the playground');
      stops.push(await startPlayground(deps, smtp.port));
    }
    return { deps, clock, port, application, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDatabase(config: Config, stops: (() => Promise<void> | void)[]): Promise<Database> {
  if (!config.databaseUrl) {
    const release = lockDataDir(config.dataDir);
    if (!release) throw new StartError(`Another Sundial is using the data directory ${config.dataDir}; stop it, or set DATA_DIR to another one.`);
    stops.push(release);
    const database = await openPglite(`${config.dataDir}/pglite`);
    stops.push(() => database.close());
    return database;
  }
  const database = openPostgres(config.databaseUrl);
  stops.push(() => database.close());
  const { hostname, port, pathname } = new URL(config.databaseUrl);
  try {
    await sql`select 1`.execute(database.db);
  } catch (error) {
    throw new StartError(`The database ${pathname.slice(1)} at ${hostname}:${port || 5432} cannot be reached (${(error as Error).message}); check DATABASE_URL.`);
  }
  await requireDurability(config, database);
  return database;
}

/** Found out at the first message, a wrong key would leave all mail unsigned with a line in the log. */
function requireDkimKey({ domain, path }: Config['smtp']['dkimKeys'][number]): void {
  try {
    createPrivateKey(readFileSync(path));
  } catch (error) {
    throw new StartError(`Setting DKIM_KEYS is wrong: ${path} for ${domain} is not a private key in PEM form (${(error as Error).message}).`);
  }
}

function requireCertificate(paths: Config['smtp']['tls']): void {
  try {
    if (paths) readCertificate(paths);
  } catch (error) {
    throw new StartError(`Settings SMTP_TLS_CERT and SMTP_TLS_KEY are wrong: ${(error as Error).message}. They name a certificate and its private key in PEM form.`);
  }
}

/** A playground's mailboxes have known passwords: its database never becomes a production one, nor the other way round. */
async function requireOwnMode(config: Config, database: Database): Promise<void> {
  const made = await keepSetting(database.db, 'mode', config.mode);
  if (made !== config.mode) throw new StartError(`This database was made in ${String(made)} mode and is not opened in ${config.mode} mode; set DATA_DIR or DATABASE_URL to another one.`);
}

/** What was answered with success must survive a power cut, which these three settings decide. */
async function requireDurability(config: Config, database: Database): Promise<void> {
  if (config.mode !== 'production') return;
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    const { rows } = await sql<{ value: string }>`select current_setting(${setting}) as value`.execute(database.db);
    if (rows[0]?.value === 'off') throw new StartError(`Production mode needs a Postgres with ${setting} on; this one has it off, so a power cut could lose answered requests.`);
  }
}

async function startSmtp(config: Config, start: () => Promise<SmtpIn>): Promise<SmtpIn> {
  try {
    return await start();
  } catch (error) {
    throw new StartError(portProblem(error as NodeJS.ErrnoException, config.smtp.port, config.smtp.host, 'SMTP_PORT'));
  }
}

function portProblem(error: NodeJS.ErrnoException, port: number, host: string, setting: string): string {
  const reason = error.code === 'EADDRINUSE' ? `is taken; stop what uses it, or set ${setting} to another one`
    : error.code === 'EACCES' ? `may not be used by this user; set ${setting} to one above 1023` : `cannot be used (${error.message})`;
  return `Port ${port} on ${host} ${reason}.`;
}

function listen(server: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(portProblem(error, config.port, config.host, 'PORT')));
    });
    server.listen(config.port, config.host, () => resolve((server.address() as AddressInfo).port));
  });
}

const DRAIN_MS = 5000;

/** Ends streams, lets requests end, and cuts what is still open after a while. */
async function closeServer(server: Server, stopping: AbortController): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  stopping.abort();
  // A connection whose last request has ended is kept alive by Node for seconds yet.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
