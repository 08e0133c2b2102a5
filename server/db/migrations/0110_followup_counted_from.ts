import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table followup_conversations add column counted_from timestamptz`.execute(db);
}
