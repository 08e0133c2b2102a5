import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_keys (
      id text primary key,
      fingerprint text not null,
      claim text not null,
      claimed_until timestamptz not null,
      answer text,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index idempotency_keys_expiry on idempotency_keys (expires_at)`.execute(db);
}
