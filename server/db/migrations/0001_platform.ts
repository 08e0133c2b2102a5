import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      id bigint generated always as identity primary key,
      type text not null,
      account_id bigint,
      payload jsonb not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index outbox_account on outbox (account_id, id)`.execute(db);
  await sql`
    create table blobs (
      id bigint generated always as identity primary key,
      size bigint not null,
      sha256 text not null
    )`.execute(db);
  await sql`
    create table blob_chunks (
      blob_id bigint not null references blobs on delete cascade,
      seq int not null,
      data bytea not null,
      primary key (blob_id, seq)
    )`.execute(db);
  // MIME and attachments do not compress; trying would cost time on every write.
  await sql`alter table blob_chunks alter column data set storage external`.execute(db);
  await sql`create table settings (name text primary key, value jsonb not null)`.execute(db);
}
