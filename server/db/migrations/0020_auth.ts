import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id text primary key,
      app_id bigint not null references apps on delete cascade,
      created_at timestamptz not null default now(),
      last_activity timestamptz
    )`.execute(db);
  await sql`alter table accounts add foreign key (user_id) references users on delete set null`.execute(db);
  await sql`
    create table sessions (
      id bigint generated always as identity primary key,
      user_id text not null references users on delete cascade,
      token_hash text not null unique,
      kind text not null check (kind in ('cookie', 'header')),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index sessions_user on sessions (user_id)`.execute(db);
  await sql`
    create table exchange_identities (
      id bigint generated always as identity primary key,
      app_id bigint not null references apps on delete cascade,
      metadata_url text not null,
      exchange_uid text not null,
      user_id text not null references users on delete cascade,
      created_at timestamptz not null default now(),
      unique (metadata_url, exchange_uid, app_id)
    )`.execute(db);
  await sql`create index exchange_identities_user on exchange_identities (user_id)`.execute(db);
  await sql`
    create table prepared_tokens (
      id bigint generated always as identity primary key,
      token_hash text not null unique,
      metadata_url text not null,
      exchange_uid text not null,
      expires_at timestamptz not null,
      used_at timestamptz
    )`.execute(db);
  await sql`
    create table auth_codes (
      id bigint generated always as identity primary key,
      code_hash text not null unique,
      app_id bigint not null references apps on delete cascade,
      account_id bigint not null references accounts on delete cascade,
      granted jsonb not null,
      metadata_url text,
      exchange_uid text,
      expires_at timestamptz not null,
      redeemed_at timestamptz,
      answer text
    )`.execute(db);
  // The table that rate-limiter-flexible's Postgres store expects; unlogged, because a lost count only forgives.
  await sql`create unlogged table rate_limits (key varchar(255) primary key, points integer not null default 0, expire bigint)`.execute(db);
}
