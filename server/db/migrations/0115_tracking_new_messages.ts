import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table tracking_policies add column track_new_messages boolean not null default false`.execute(db);
}
