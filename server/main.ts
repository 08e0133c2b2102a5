import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { pino } from 'pino';
import { createApp } from './app.ts';
import { ConfigError, parseConfig, type Config } from './config.ts';
import { openPglite, openPostgres, type Database } from './db/db.ts';
import { migrate } from './db/migrate.ts';
import type { Deps } from './deps.ts';
import { createEvents } from './events/events.ts';
import * as features from './features.ts';
import { createMetrics } from './http/metrics.ts';
import { createJobs } from './jobs/jobs.ts';
import { createClock } from './lib/clock.ts';
import { openKeyRing } from './lib/keyring.ts';
import { createFetch } from './net/fetch.ts';
import { createProviders } from './providers/registry.ts';

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  mkdirSync(config.dataDir, { recursive: true });
  const log = pino({ level: config.logLevel });
  const database = await openDatabase(config);
  await migrate(database.db);
  const jobs = createJobs(database, log);
  const deps: Deps = {
    config, log,
    db: database.db,
    clock: createClock(),
    keys: openKeyRing(config.keys, config.dataDir),
    jobs,
    events: createEvents(database, () => jobs, features.listeners, log),
    fetch: createFetch({ allow: config.egressAllow, plainHttp: [] }),
    metrics: createMetrics(),
    providers: createProviders([]),
  };
  await deps.events.start();
  await jobs.start(deps, [...features.jobs, ...deps.events.listenerJobs]);
  const server = createServer(createApp(deps));
  await listen(server, config);
  console.log(`Sundial is at ${config.publicUrl}/`);
}

function openDatabase(config: Config): Promise<Database> {
  return config.databaseUrl ? Promise.resolve(openPostgres(config.databaseUrl)) : openPglite(`${config.dataDir}/pglite`);
}

function listen(server: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => resolve());
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
