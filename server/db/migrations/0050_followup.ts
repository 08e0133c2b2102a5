import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table followup_config (
      account_id bigint primary key references accounts on delete cascade,
      timezone text,
      email_aliases text[] not null default '{}',
      rules_seeded boolean not null default false
    )`.execute(db);
  await sql`
    create table followup_rules (
      id bigint generated always as identity primary key,
      account_id bigint not null references accounts on delete cascade,
      name text,
      expect_thread_response boolean,
      template_subject text,
      template_body text,
      working_days boolean not null default false,
      actions jsonb,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index followup_rules_account on followup_rules (account_id, id)`.execute(db);
  await sql`
    create table followup_conversations (
      id bigint generated always as identity primary key,
      account_id bigint not null references accounts on delete cascade,
      convo_id text not null,
      subject text not null,
      rule_id bigint references followup_rules on delete set null,
      status text not null check (status in ('disabled', 'active', 'failed', 'finished', 'ruleIncomplete')),
      run int not null default 1,
      action_vars jsonb not null,
      targets text[] not null,
      target_names jsonb not null,
      after_days int,
      working_days boolean,
      drip_after timestamptz,
      reply_to text,
      reference_ids text[] not null,
      tracking_id bigint,
      started_at timestamptz not null,
      ended_at timestamptz,
      last_num int not null default 0,
      next_at timestamptz,
      last_sent_on text,
      pause_reason text check (pause_reason in ('away')),
      paused_until timestamptz,
      error text,
      responder text,
      stop_reason text,
      tries int not null default 0,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (account_id, convo_id),
      -- Nothing is due in a conversation that is over.
      check (next_at is null or status = 'active')
    )`.execute(db);
  await sql`create index followup_conversations_due on followup_conversations (next_at) where next_at is not null`.execute(db);
  await sql`create index followup_conversations_rule on followup_conversations (rule_id)`.execute(db);
  await sql`
    create table followup_steps (
      conversation_id bigint not null references followup_conversations on delete cascade,
      run int not null,
      num int not null,
      state text not null check (state in ('planned', 'sending', 'sent', 'skipped', 'inDoubt', 'failed', 'cancelled')),
      internet_message_id text not null unique,
      planned_at timestamptz,
      sent_at timestamptz,
      message_id text,
      attempt int not null default 0,
      sending_since timestamptz,
      primary key (conversation_id, run, num)
    )`.execute(db);
  await sql`create index followup_steps_sending on followup_steps (sending_since) where state = 'sending'`.execute(db);
  await sql`
    create table followup_messages (
      account_id bigint not null references accounts on delete cascade,
      internet_message_id text not null,
      conversation_id bigint not null references followup_conversations on delete cascade,
      primary key (account_id, internet_message_id, conversation_id)
    )`.execute(db);
  await sql`create index followup_messages_conversation on followup_messages (conversation_id)`.execute(db);
  await sql`
    create table followup_drafts (
      account_id bigint not null references accounts on delete cascade,
      tracking_code text not null,
      rule_id bigint not null references followup_rules on delete cascade,
      action_vars jsonb not null,
      targets text[],
      after_days int,
      working_days boolean,
      convo_id text,
      created_at timestamptz not null default now(),
      primary key (account_id, tracking_code)
    )`.execute(db);
  await sql`create table followup_worker (id int primary key check (id = 1), swept_at timestamptz not null)`.execute(db);
}
