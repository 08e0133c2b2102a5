import { sql, type Kysely } from 'kysely';

/**
 * Statistics read one account's counted events of some weeks, from an index of nothing else. The column
 * is set by judging and not by recording, which has no time for it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index tracking_events_counted`.execute(db);
  await sql`alter table tracking_events add column counted_for bigint references accounts on delete set null`.execute(db);
  await sql`
    update tracking_events e set counted_for = t.account_id from tracking t
    where t.id = e.tracking_id and (e.type = 'reply' or e.verdict in ('human', 'proxy', 'unknown'))`.execute(db);
  await sql`create index tracking_events_counted on tracking_events (counted_for, created_at) include (type, verdict) where counted_for is not null`.execute(db);
}
