import { sql } from 'kysely';
import { pino } from 'pino';
import { assemble, hasEmbeddedDatabase, openDatabase, StartError, unsafeSettings, type Stops } from '../../assemble.ts';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/db.ts';
import { keyUse } from '../../db/encrypted.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { settingOf } from '../../db/settings.ts';
import type { Deps } from '../../deps.ts';
import { badIn, fail, ok, reasonOf, warn, type Finding } from './finding.ts';

const OLDEST_MAJOR = 15;
const LATE_SECONDS = 300;
const SKEW_SECONDS = 5;

/**
 * The database and what waits in it. Answers the server's parts too where they can be had, for the checks
 * that look further. Changes nothing: what is not migrated stays so.
 */
export async function checkDatabase(config: Config, stops: Stops): Promise<{ findings: Finding[]; deps: Deps | undefined }> {
  if (!config.databaseUrl && !hasEmbeddedDatabase(config)) return only(ok('database', `There is none in ${config.dataDir} yet; the first start makes it.`));
  let database: Database;
  try {
    database = await openDatabase(config, stops);
  } catch (error) {
    if (!(error instanceof StartError)) return only(fail('database', `The database cannot be opened (${reasonOf(error)}).`, 'Restore it from a backup; see docs/operation.md.'));
    if (!config.databaseUrl) return only(warn('database', 'A running Sundial has the embedded database, so it was not looked into.', 'Stop the server and ask again, or look at /readyz and /metrics.'));
    return only(fail('database', error.message, 'Start the database, or set DATABASE_URL.'));
  }
  const findings = [...await checkEngine(config, database)];
  const pending = await pendingMigrations(database.db);
  if (pending.length) {
    findings.push(warn('migrations', `The database lacks ${pending.length} migrations of this release.`, 'Back it up, then start the server: it brings the database up to date.'));
    return { findings, deps: undefined };
  }
  findings.push(ok('migrations', 'The database is at this release.'));
  const made = await settingOf(database.db, 'mode');
  if (made !== undefined && made !== config.mode) findings.push(fail('mode', `The database was made in ${String(made)} mode; SUNDIAL_MODE is ${config.mode}.`, 'Set DATA_DIR or DATABASE_URL to another one.'));
  const { deps } = await assemble(config, database, pino({ level: 'silent' }), stops);
  return { findings: [...findings, await checkKeys(deps), ...await checkQueues(deps)], deps };
}

const only = (finding: Finding): { findings: Finding[]; deps: undefined } => ({ findings: [finding], deps: undefined });

async function checkEngine(config: Config, database: Database): Promise<Finding[]> {
  // Production mode starts on it only where its owner accepted that by name.
  if (database.engine === 'pglite') return [ok('database', 'The embedded database answers. It survives kill -9, not a power cut.')];
  const { rows } = await sql<{ version: number; now: Date }>`select current_setting('server_version_num')::int as version, clock_timestamp() as now`.execute(database.db);
  const major = Math.floor(rows[0]!.version / 10_000);
  const skew = Math.abs(rows[0]!.now.getTime() - Date.now()) / 1000;
  const unsafe = await unsafeSettings(database);
  return [
    major >= OLDEST_MAJOR ? ok('database', `Postgres ${major} answers.`) : fail('database', `Postgres ${major} is too old.`, `Use Postgres ${OLDEST_MAJOR} or newer.`),
    unsafe.length ? badIn(config, 'durability', `${unsafe.join(', ')} is off: a power cut could lose what was answered with success.`, 'Set it to on in postgresql.conf.') : ok('durability', 'What is committed survives a power cut.'),
    skew < SKEW_SECONDS ? ok('clock', `This machine and the database agree within ${Math.ceil(skew)} s.`) : warn('clock', `This machine and the database differ by ${Math.round(skew)} s.`, 'Set both by NTP: tokens and sessions are good for minutes.'),
  ];
}

async function checkKeys({ db, keys }: Deps): Promise<Finding> {
  const { newest, older, missing } = await keyUse(db, keys);
  if (missing) return fail('keys', `${missing} secrets in the database cannot be read: the key that wrote them is not in the ring.`, 'Put it back into SUNDIAL_KEYS, behind the newest.');
  if (older) return warn('keys', `${older} secrets in the database stand under an older key, ${newest} under the newest.`, 'Run sundial keys reencrypt; the older key must stay until then.');
  return ok('keys', newest ? `All ${newest} secrets in the database stand under the newest key.` : 'No secret is stored yet.');
}

async function checkQueues({ db, jobs }: Deps): Promise<Finding[]> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('pgboss.job') is not null as there`.execute(db);
  if (!rows[0]!.there) return [ok('queues', 'No job has been queued yet.')];
  const [queues, dead] = [await jobs.figures(), await jobs.deadLetters(1000)];
  const late = queues.filter(({ age }) => age > LATE_SECONDS).toSorted((a, b) => b.age - a.age);
  const worst = late[0];
  return [
    worst ? warn('queues', `${late.length} queues are behind; the oldest job of ${worst.queue} has waited ${Math.round(worst.age / 60)} minutes.`, 'Start the server, or a worker (SUNDIAL_ROLE=worker), or one more.') : ok('queues', 'No job waits for long.'),
    dead.length ? warn('dead letters', `${dead.length === 1000 ? 'At least 1000' : dead.length} jobs were given up, the last on ${dead[0]!.givenUpAt.toISOString()}.`, 'sundial jobs list --dead shows them with their errors; when the cause is mended, sundial jobs retry --all does them again.') : ok('dead letters', 'No job was given up.'),
  ];
}
