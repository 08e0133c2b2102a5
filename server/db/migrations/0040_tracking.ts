import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tracking (
      id bigint generated always as identity primary key,
      account_id bigint references accounts on delete set null,
      code text not null unique,
      draft_id text,
      track_opens boolean not null,
      track_replies boolean not null,
      track_links boolean not null,
      opens_after_seconds int not null,
      context text,
      ignore_open_clicks boolean not null default false,
      withdrawn_at timestamptz,
      pixel_in_sent_copy boolean not null,
      message_id text,
      thread_id text,
      inet_message_id text,
      inet_key text,
      subject text,
      recipients text[] not null default '{}',
      sent_at timestamptz,
      created_at timestamptz not null,
      raw_events int not null default 0,
      hits_not_kept bigint not null default 0,
      open_count int not null default 0,
      click_count int not null default 0,
      unknown_count int not null default 0,
      not_counted int not null default 0,
      last_activity_at timestamptz,
      last_responded_at timestamptz,
      has_bounced boolean not null default false,
      last_user_agent text,
      last_remote_addr text
    )`.execute(db);
  await sql`create index tracking_account on tracking (account_id, coalesce(sent_at, created_at) desc, id desc)`.execute(db);
  await sql`create index tracking_thread on tracking (account_id, thread_id) where thread_id is not null`.execute(db);
  await sql`create index tracking_inet on tracking (account_id, inet_key) where inet_key is not null`.execute(db);
  await sql`create index tracking_message on tracking (account_id, message_id) where message_id is not null`.execute(db);
  await sql`create index tracking_draft on tracking (account_id, draft_id) where draft_id is not null`.execute(db);
  await sql`
    create table tracking_links (
      id bigint generated always as identity primary key,
      tracking_id bigint not null references tracking on delete cascade,
      code text not null unique,
      url text not null,
      label text not null
    )`.execute(db);
  await sql`create index tracking_links_tracking on tracking_links (tracking_id)`.execute(db);
  await sql`
    create table tracking_events (
      id bigint generated always as identity primary key,
      tracking_id bigint not null references tracking on delete cascade,
      type text not null check (type in ('open', 'click', 'initial', 'reply', 'replyBounce')),
      created_at timestamptz not null,
      user_agent text,
      referrer text,
      remote_addr text,
      purpose text,
      method text,
      link_id bigint references tracking_links on delete cascade,
      self_mark text check (self_mark in ('session', 'viewing', 'purged')),
      open_number int,
      verdict text check (verdict in ('human', 'proxy', 'machine', 'self', 'unknown')),
      reason text,
      client text,
      message_id text,
      thread_id text,
      internet_message_id text,
      recipient text,
      detail text,
      dedupe_key text
    )`.execute(db);
  await sql`create index tracking_events_order on tracking_events (tracking_id, created_at, id)`.execute(db);
  await sql`create index tracking_events_age on tracking_events (created_at)`.execute(db);
  await sql`create index tracking_events_unjudged on tracking_events (tracking_id) where verdict is null and type in ('open', 'click')`.execute(db);
  await sql`create unique index tracking_events_once on tracking_events (tracking_id, dedupe_key) where dedupe_key is not null`.execute(db);
  await sql`
    create table tracking_viewings (
      tracking_id bigint not null references tracking on delete cascade,
      seen_at timestamptz not null
    )`.execute(db);
  await sql`create index tracking_viewings_order on tracking_viewings (tracking_id, seen_at)`.execute(db);
  await sql`
    create table tracking_optouts (
      account_id bigint not null references accounts on delete cascade,
      email text not null,
      created_at timestamptz not null,
      primary key (account_id, email)
    )`.execute(db);
  await sql`
    create table tracking_policies (
      app_id bigint primary key references apps on delete cascade,
      policy text not null check (policy in ('on', 'repliesOnly', 'off'))
    )`.execute(db);
}
