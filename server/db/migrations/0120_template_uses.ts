import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table followup_template_uses (
      account_id bigint not null references accounts on delete cascade,
      tracking_code text not null,
      rule_id bigint not null references followup_rules on delete cascade,
      primary key (account_id, tracking_code, rule_id)
    )`.execute(db);
  await sql`create index followup_template_uses_rule on followup_template_uses (rule_id)`.execute(db);
  await sql`alter table followup_steps add column rule_id bigint references followup_rules on delete set null, add column answered_at timestamptz`.execute(db);
  // Of runs before the present one nobody knows the rule any more, and of two answers only the last was kept.
  await sql`
    update followup_steps s set rule_id = c.rule_id from followup_conversations c
    where c.id = s.conversation_id and c.run = s.run and s.state = 'sent'`.execute(db);
  await sql`
    update followup_steps s set answered_at = c.ended_at from followup_conversations c
    where c.id = s.conversation_id and c.run = s.run and c.stop_reason = 'answered' and s.state = 'sent' and s.num = c.last_num`.execute(db);
  await sql`create index followup_steps_rule on followup_steps (rule_id, sent_at) where rule_id is not null`.execute(db);
  // Only what is counted or said to be unknown; an open that has just been recorded is in none of it, so recording costs nothing more.
  await sql`
    create index tracking_events_counted on tracking_events (tracking_id, created_at) include (type, verdict)
    where type = 'reply' or verdict in ('human', 'proxy', 'unknown')`.execute(db);
}
