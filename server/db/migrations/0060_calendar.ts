import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table calendars (
      id bigint generated always as identity primary key,
      account_id bigint not null unique references accounts on delete cascade,
      name text not null
    )`.execute(db);
  await sql`
    create table calendar_events (
      id bigint generated always as identity primary key,
      calendar_id bigint not null references calendars on delete cascade,
      account_id bigint not null references accounts on delete cascade,
      uid text not null,
      title text not null,
      description text not null,
      location text not null,
      starts_at timestamptz not null,
      ends_at timestamptz not null,
      start_wall text not null,
      end_wall text not null,
      timezone text not null,
      all_day boolean not null default false,
      show_as text not null default 'busy' check (show_as in ('free', 'busy', 'tentative', 'outOfOffice', 'unknown')),
      organizer_name text not null,
      organizer_email text not null,
      attendees jsonb not null default '[]',
      sequence int not null default 0,
      cancelled boolean not null default false,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      unique (account_id, uid),
      check (starts_at <= ends_at)
    )`.execute(db);
  await sql`create index calendar_events_time on calendar_events (account_id, starts_at)`.execute(db);
}
