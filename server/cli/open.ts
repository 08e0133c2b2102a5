import type { Logger } from 'pino';
import { assemble, DataDirInUse, hasEmbeddedDatabase, openDatabase, requireOwnMode, StartError, type Stops } from '../assemble.ts';
import type { Config } from '../config.ts';
import { pendingMigrations } from '../db/migrate.ts';
import type { Deps } from '../deps.ts';
import * as features from '../features.ts';

/** The server's parts without the server: nothing listens and no job runs. Throws StartError. */
export async function openDeps(config: Config, log: Logger, stops: Stops, { jobs = false }: { jobs?: boolean } = {}): Promise<Deps> {
  if (!config.databaseUrl && !hasEmbeddedDatabase(config)) throw new StartError(`There is no database in ${config.dataDir} yet; start the server once, or set DATA_DIR or DATABASE_URL.`);
  const database = await openDatabase(config, stops).catch((error: unknown) => {
    throw error instanceof DataDirInUse ? new StartError(`A running server has the embedded database in ${config.dataDir} to itself: stop it, give this command again, then start it. On Postgres the commands work beside it.`) : error;
  });
  // Another release's tables are not for this code, and a running server is not surprised by new ones.
  const pending = await pendingMigrations(database.db);
  if (pending.length) throw new StartError('This database is not at this release yet; start the server once, which brings it up to date.');
  await requireOwnMode(config, database);
  const { deps } = await assemble(config, database, log, stops);
  if (jobs) {
    await deps.jobs.start(deps, [...features.jobs, ...deps.events.listenerJobs], { work: false });
    stops.push(() => deps.jobs.stop());
  }
  return deps;
}
