import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table apps (
      id bigint generated always as identity primary key,
      client_id text not null unique,
      client_secret text not null,
      signing_secret text not null,
      name text not null,
      return_urls text[] not null default '{}',
      origins text[] not null default '{}',
      link_without_redeem boolean not null default false,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table accounts (
      id bigint generated always as identity primary key,
      app_id bigint not null references apps on delete cascade,
      parent_id bigint references accounts on delete cascade,
      service_type text not null,
      type text not null default 'personal',
      email text not null,
      name text not null default '',
      timezone text not null default 'UTC',
      client_org_id text,
      login_string text,
      server_url text,
      auth_scopes text[],
      auth_native_scopes text[],
      token_status text not null default 'active',
      token_error text,
      copy_to_sent boolean not null default true,
      user_id text,
      user_account_type text check (user_account_type in ('primary', 'secondary')),
      work_hours jsonb,
      auth_obtained_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index accounts_app on accounts (app_id, id)`.execute(db);
  await sql`create index accounts_email on accounts (lower(email))`.execute(db);
  await sql`create index accounts_user on accounts (user_id) where user_id is not null`.execute(db);
  // Two mailboxes of one address would make it a matter of chance who reads the mail; managed copies share it.
  await sql`create unique index accounts_hosted_address on accounts (lower(email)) where service_type = 'Hosted' and parent_id is null`.execute(db);
  // A user has one primary account; a second one would make "the user's mailbox" ambiguous.
  await sql`create unique index accounts_one_primary on accounts (user_id) where user_account_type = 'primary'`.execute(db);
  await sql`
    create table account_tokens (
      id bigint generated always as identity primary key,
      account_id bigint not null references accounts on delete cascade,
      token_hash text not null unique,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table account_passwords (
      account_id bigint primary key references accounts on delete cascade,
      password_hash text not null,
      changed_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index account_tokens_account on account_tokens (account_id)`.execute(db);
}
