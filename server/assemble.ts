import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openPglite, openPostgres, type Database } from './db/db.ts';
import { lockDataDir } from './db/lock.ts';
import { keepSetting } from './db/settings.ts';
import type { Deps } from './deps.ts';
import { createEvents } from './events/events.ts';
import * as features from './features.ts';
import { openDomains } from './features/accounts/domains.ts';
import { playgroundMetadataUrl } from './features/auth/exchange-token.ts';
import { createMetrics } from './http/metrics.ts';
import { createJobs } from './jobs/jobs.ts';
import { createClock, type MovableClock } from './lib/clock.ts';
import { openKeyRing } from './lib/keyring.ts';
import { connectMailboxes, type Mailboxes } from './mailboxes.ts';
import { createFetch } from './net/fetch.ts';

/** What is to be closed at the end, in the order in which it was opened. */
export type Stops = (() => Promise<void> | void)[];

/** A start that cannot succeed, in one line for the person who tried. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Another process has the embedded database, which only one can have open. */
export class DataDirInUse extends StartError {}

/** With a Postgres and keys in the settings nothing is written here: the whole file system may be read-only. */
export const needsDataDir = (config: Config): boolean => !config.databaseUrl || config.keys === undefined;

/** Whether the embedded database was made by an earlier start. */
export const hasEmbeddedDatabase = (config: Config): boolean => existsSync(join(config.dataDir, 'pglite', 'PG_VERSION'));

function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be used (${(error as Error).message}); set DATA_DIR to one that this user may write to.`);
  }
}

/** Opens the database that the settings name; on the embedded one takes the lock of its directory. */
export async function openDatabase(config: Config, stops: Stops): Promise<Database> {
  if (needsDataDir(config)) makeDataDir(config.dataDir);
  if (!config.databaseUrl) {
    const release = lockDataDir(config.dataDir);
    if (!release) throw new DataDirInUse(`Another Sundial is using the data directory ${config.dataDir}; stop it, or set DATA_DIR to another one.`);
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
  return database;
}

/** A playground's mailboxes have known passwords: its database never becomes a production one, nor the other way round. */
export async function requireOwnMode(config: Config, database: Database): Promise<void> {
  const made = await keepSetting(database.db, 'mode', config.mode);
  if (made !== config.mode) throw new StartError(`This database was made in ${String(made)} mode and is not opened in ${config.mode} mode; set DATA_DIR or DATABASE_URL to another one.`);
}

export const DURABILITY = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** The settings of the database with which a power cut could lose what was answered with success. */
export async function unsafeSettings(database: Database): Promise<string[]> {
  const values = await Promise.all(DURABILITY.map(async (name) => {
    const { rows } = await sql<{ value: string }>`select current_setting(${name}) as value`.execute(database.db);
    return { name, value: rows[0]?.value };
  }));
  return values.filter(({ value }) => value === 'off').map(({ name }) => name);
}

export interface Assembly {
  readonly deps: Deps;
  readonly clock: MovableClock;
  readonly mailboxes: Mailboxes;
}

/** The parts of a process over an open, migrated database; nothing of it runs or listens yet. */
export async function assemble(config: Config, database: Database, log: Logger, stops: Stops): Promise<Assembly> {
  const jobs = createJobs(database, log);
  const clock = createClock();
  const domains = await openDomains(database, config.smtp.hostedDomains);
  stops.push(() => domains.stop());
  const base: Omit<Deps, 'providers'> = {
    config, log, clock, jobs, domains,
    db: database.db,
    keys: openKeyRing(config.keys, config.dataDir),
    events: createEvents(database, () => jobs, features.listeners, log),
    fetch: createFetch({ allow: config.egressAllow, plainHttp: [playgroundMetadataUrl(config)].filter((url) => url !== undefined) }),
    metrics: createMetrics(database.pool),
    sendSteps: features.sendSteps,
  };
  const mailboxes = connectMailboxes(base);
  return { deps: { ...base, providers: mailboxes.providers }, clock, mailboxes };
}
