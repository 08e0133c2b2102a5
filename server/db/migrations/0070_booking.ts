import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table booking_profiles (
      id bigint generated always as identity primary key,
      app_id bigint not null references apps on delete cascade,
      account_id bigint not null references accounts on delete cascade,
      name text not null,
      duration_minutes int not null,
      buffer_minutes int not null,
      step_minutes int not null,
      start_after_minutes int not null,
      start_time timestamptz,
      end_time timestamptz,
      time_available_for text not null,
      subject text not null,
      description text not null,
      location text not null,
      work_hours jsonb,
      availability_intervals jsonb,
      context text,
      start_conference boolean not null,
      open_meeting_url text,
      active boolean not null default true,
      created_at timestamptz not null
    )`.execute(db);
  await sql`create unique index booking_profiles_name on booking_profiles (app_id, lower(name))`.execute(db);
  await sql`create index booking_profiles_account on booking_profiles (account_id, id)`.execute(db);
  await sql`
    create table booking_reservations (
      id bigint generated always as identity primary key,
      profile_id bigint not null references booking_profiles on delete cascade,
      account_id bigint not null references accounts on delete cascade,
      status text not null check (status in ('held', 'confirmed', 'cancelled')),
      starts_at timestamptz not null,
      ends_at timestamptz not null,
      hold_until timestamptz,
      event_id bigint references calendar_events on delete set null,
      attendee_name text,
      attendee_email text,
      substitutions jsonb not null default '{}',
      source text not null check (source in ('account', 'public')),
      token_hash text not null unique,
      moves int not null default 0,
      ip_hash text,
      made_at timestamptz not null,
      check (starts_at < ends_at),
      check ((status = 'held') = (hold_until is not null)),
      -- Nobody books a host twice, whatever the code above does. A range of one id stands for "the same
      -- account": plain equality in a gist index would need an extension.
      constraint booking_no_double exclude using gist (
        int8range(account_id, account_id, '[]') with &&,
        tstzrange(starts_at, ends_at) with &&
      ) where (status <> 'cancelled')
    )`.execute(db);
  await sql`create index booking_reservations_account on booking_reservations (account_id, starts_at)`.execute(db);
  await sql`create index booking_reservations_caps on booking_reservations (made_at) where source = 'public'`.execute(db);
}
