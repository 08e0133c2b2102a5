import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { openPglite } from '../../server/db/db.ts';
import { migrate } from '../../server/db/migrate.ts';
import { createJobs } from '../../server/jobs/jobs.ts';

const root = join(import.meta.dirname, '../..');

/**
 * A migrated, empty PGlite as a file, made once for a state of the migrations: creating one takes
 * seconds, loading one a fraction of that, and each test file wants its own.
 */
export const imagePath = (): string => {
  const hash = createHash('sha256');
  for (const name of readdirSync(join(root, 'server/db/migrations')).sort()) hash.update(readFileSync(join(root, 'server/db/migrations', name)));
  hash.update(readFileSync(join(root, 'server/db/migrate.ts')));
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return join(root, '.cache', `database-${hash.digest('hex').slice(0, 16)}.tar`);
};

export default async function setup(): Promise<void> {
  const path = imagePath();
  if (process.env.TEST_DATABASE_URL || existsSync(path)) return;
  mkdirSync(join(root, '.cache'), { recursive: true });
  const database = await openPglite(undefined);
  await migrate(database.db);
  // pg-boss's own schema too, so that a test's start only finds it there.
  const jobs = createJobs(database, pino({ level: 'silent' }));
  await jobs.start({} as never, [], { work: false });
  await jobs.stop();
  const dump = await database.pglite!.dumpDataDir('none');
  writeFileSync(`${path}.tmp`, Buffer.from(await dump.arrayBuffer()));
  renameSync(`${path}.tmp`, path);
  await database.close();
}
