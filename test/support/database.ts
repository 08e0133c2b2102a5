import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { openPglite, openPostgres, type Database } from '../../server/db/db.ts';
import { migrate } from '../../server/db/migrate.ts';
import { imagePath } from './database-image.ts';

/** A fresh, migrated database: PGlite from the image, or one of its own on TEST_DATABASE_URL. */
export async function openTestDatabase(): Promise<Database> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) return openPglite(undefined, new Blob([readFileSync(imagePath())]));
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server, max: 1 }) }) });
  await sql`create database ${sql.id(name)}`.execute(admin);
  await admin.destroy();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = openPostgres(url.toString(), 5);
  await migrate(database.db);
  return database;
}
