import { sql, type Kysely } from 'kysely';

/**
 * For a few opens at once Postgres took a plan made anew for the cheaper one each time, because it guesses
 * ten rows of an array that it does not see; making it took longer than the insert.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter function tracking_keep_opens set plan_cache_mode = force_generic_plan`.execute(db);
}
