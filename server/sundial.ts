import { createPrivateKey } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createApp, createWorkerApp } from './app.ts';
import { assemble, openDatabase, requireOwnMode, StartError, unsafeSettings, type Stops } from './assemble.ts';
import type { Config } from './config.ts';
import type { Database } from './db/db.ts';
import { migrate } from './db/migrate.ts';
import type { Deps } from './deps.ts';
import * as features from './features.ts';
import { ensureFirstApplication, type FirstApplication } from './features/accounts/service.ts';
import { forgetUnansweredClaims } from './http/idempotency.ts';
import { createHttpServer } from './http/server.ts';
import type { MovableClock } from './lib/clock.ts';
import { readCertificate, type SmtpIn } from './net/smtp-in.ts';
import { startPlayground } from './playground/start.ts';

/** A person waits in front of this start: each step is told as it begins. */
export type Progress = (step: string) => void;

export interface Sundial {
  readonly deps: Deps;
  readonly clock: MovableClock;
  readonly port: number;
  readonly smtpPort: number;
  /** Undefined in a worker, which serves no client. */
  readonly application: FirstApplication | undefined;
  /** Requests end, streams close, jobs go back to the queue, the database is closed; safe to call twice. */
  stop(): Promise<void>;
}

/** Builds the process from its settings and starts what its role has of http, smtp and workers. */
export async function startSundial(config: Config, log: Logger, progress: Progress = () => {}): Promise<Sundial> {
  const stops: Stops = [];
  const stop = once(async () => {
    for (const step of stops.reverse()) await step();
  });
  const isWorker = config.role === 'worker';
  try {
    config.smtp.dkimKeys.forEach(requireDkimKey);
    requireCertificate(config.smtp.tls);
    progress('Opening the database');
    const database = await openDatabase(config, stops);
    await requireDurability(config, database);
    const migrated = await migrate(database.db);
    if (migrated.length) progress(`Brought the database up to date (${migrated.length} migrations)`);
    await requireOwnMode(config, database);
    if (database.exclusive) await forgetUnansweredClaims(database);
    const { deps, clock, mailboxes } = await assemble(config, database, log, stops);
    // A worker's settings may lack what only clients of the API need, and must not overwrite it.
    const application = isWorker ? undefined : await ensureFirstApplication(deps);

    if (config.role !== 'web') progress('Starting the workers');
    await deps.events.start();
    stops.push(() => deps.events.stop());
    await deps.jobs.start(deps, [...features.jobs, ...deps.events.listenerJobs], { work: config.role !== 'web' });
    stops.push(() => deps.jobs.stop());

    if (!isWorker) progress('Starting the mail server');
    // A worker hands mail between own mailboxes to a listener of its own, so it needs no other process for that.
    const smtp = await startSmtp(config, () => mailboxes.listen(isWorker ? { host: '127.0.0.1', port: 0 } : undefined));
    stops.push(() => smtp.stop());

    progress(isWorker ? 'Starting the health page' : 'Starting the web server');
    const stopping = new AbortController();
    // Each open stream listens; that is no leak.
    setMaxListeners(0, stopping.signal);
    const server = createHttpServer(isWorker ? createWorkerApp(deps) : createApp(deps, { stopping: stopping.signal }));
    stops.push(() => closeServer(server, stopping));
    const port = await listen(server, config);
    if (config.mode === 'playground') {
      progress('Setting up the playground');
      stops.push(await startPlayground(deps, smtp.port));
    }
    return { deps, clock, port, smtpPort: smtp.port, application, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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

/** What was answered with success must survive a power cut. */
async function requireDurability(config: Config, database: Database): Promise<void> {
  if (config.mode !== 'production' || database.engine !== 'postgres') return;
  const unsafe = await unsafeSettings(database);
  if (unsafe.length) throw new StartError(`Production mode needs a Postgres with ${unsafe.join(', ')} on; this one has it off, so a power cut could lose answered requests.`);
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
