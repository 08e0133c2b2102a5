import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table hosted_domains (
      domain text primary key check (domain = lower(domain)),
      created_at timestamptz not null default now()
    )`.execute(db);
  // Streams resume behind an event id for minutes, not for ever: old events are swept by age.
  await sql`create index outbox_age on outbox (created_at)`.execute(db);
}
