import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../../db/db.ts';
import type { OffsetSpan } from '../../lib/zone.ts';

/**
 * The only queries that read tables of other features (tracking, followup): numbers over both are
 * added up where the rows are. Nothing is written here.
 */
export interface Range {
  readonly from: Date;
  readonly to: Date;
}

export interface UsageRow {
  readonly rule_id: number;
  readonly name: string | null;
  readonly sent: number;
  readonly opens_tracked: number;
  readonly opened: number;
  readonly answers_tracked: number;
  readonly answered: number;
  readonly last_sent_at: Date;
}

/** What was sent with each rule of the account (in the range), the most used first. */
export async function usageByRule(db: Db, accountId: number, range?: Range): Promise<UsageRow[]> {
  const within = (column: RawBuilder<unknown>) => (range ? sql`and ${column} >= ${range.from} and ${column} < ${range.to}` : sql``);
  const { rows } = await sql<UsageRow>`
    with step as (
      select s.rule_id, s.sent_at, s.answered_at, c.tracking_id, lead(s.sent_at, 1, 'infinity') over (partition by s.conversation_id, s.run order by s.num) as next_at
      from followup_rules r join followup_steps s on s.rule_id = r.id join followup_conversations c on c.id = s.conversation_id
      where r.account_id = ${accountId} and s.state = 'sent' and s.sent_at is not null
    ), used as (
      select u.rule_id, t.sent_at, t.track_opens as opens_tracked, t.open_count + t.click_count > 0 as opened,
        t.track_replies as answers_tracked, t.last_responded_at is not null as answered
      from followup_template_uses u join tracking t on t.code = u.tracking_code and t.account_id = u.account_id
      where u.account_id = ${accountId} and t.sent_at is not null ${within(sql.ref('t.sent_at'))}
      union all
      select s.rule_id, s.sent_at, coalesce(t.track_opens, false), t.track_opens and exists (
          select from tracking_events e where e.tracking_id = t.id and e.created_at >= s.sent_at and e.created_at < s.next_at
          and e.type in ('open', 'click') and e.verdict in ('human', 'proxy')),
        true, s.answered_at is not null
      from step s left join tracking t on t.id = s.tracking_id and t.account_id = ${accountId}
      where true ${within(sql.ref('s.sent_at'))}
    )
    select r.id as rule_id, r.name, count(*)::int as sent,
      (count(*) filter (where opens_tracked))::int as opens_tracked, (count(*) filter (where opens_tracked and opened))::int as opened,
      (count(*) filter (where answers_tracked))::int as answers_tracked, (count(*) filter (where answers_tracked and answered))::int as answered,
      max(used.sent_at) as last_sent_at
    from used join followup_rules r on r.id = used.rule_id
    group by r.id, r.name order by count(*) desc, r.id`.execute(db);
  return rows;
}

const HOUR = 3_600_000;

export interface HappenedRow {
  readonly kind: 'open' | 'click' | 'answer' | 'unknown';
  /** ISO date, where the row counts a day; null where it counts an hour of a weekday. */
  readonly date: string | null;
  /** 1 is Monday. */
  readonly weekday: number | null;
  readonly hour: number | null;
  readonly n: number;
}

/**
 * Opens, clicks and answers by local day, and by hour of the local weekday. They are counted by the hour
 * first, or by the quarter where the zone is set so, and only these few are told by the local calendar.
 */
export async function happenedBy(db: Db, accountId: number, range: Range, zone: readonly OffsetSpan[]): Promise<HappenedRow[]> {
  const size = zone.every((span) => span.offset % HOUR === 0) ? sql`interval '1 hour'` : sql`interval '15 minutes'`;
  const { rows } = await sql<HappenedRow>`
    with counted as materialized (
      -- Numbers, because a plan without statistics sorts by them, and texts would be compared letter by letter.
      select case when type = 'reply' then 1 when verdict = 'unknown' then 2 when type = 'open' then 3 else 4 end as code, date_bin(${size}, created_at, timestamptz '2000-01-01T00:00:00Z') as at, count(*) as n
      from tracking_events where counted_for = ${accountId} and created_at >= ${range.from} and created_at < ${range.to}
      group by 1, 2
    )
    select kind, to_char(local, 'YYYY-MM-DD') as date, extract(isodow from local)::int as weekday, extract(hour from local)::int as hour, sum(n)::int as n
    from (
      select ${local(sql`at`, zone)} as local, n, (array['answer', 'unknown', 'open', 'click'])[code] as kind from counted
    ) happened
    group by grouping sets ((kind, to_char(local, 'YYYY-MM-DD')), (kind, extract(isodow from local), extract(hour from local)))`.execute(db);
  return rows;
}

/** Tracked messages by the local day on which they were sent. */
export async function sentByDay(db: Db, accountId: number, range: Range, zone: readonly OffsetSpan[]): Promise<{ date: string; n: number }[]> {
  const { rows } = await sql<{ date: string; n: number }>`
    select to_char(${local(sql`sent_at`, zone)}, 'YYYY-MM-DD') as date, count(*)::int as n from tracking
    where account_id = ${accountId} and sent_at is not null
      and coalesce(sent_at, created_at) >= ${range.from} and coalesce(sent_at, created_at) < ${range.to}
    group by 1`.execute(db);
  return rows;
}

/** What clocks of the zone show; by the offsets that the product knows, so that no zone is unknown to the database. */
function local(instant: RawBuilder<unknown>, zone: readonly OffsetSpan[]): RawBuilder<unknown> {
  const [last, ...before] = zone.toReversed();
  const cases = before.toReversed().map((span) => sql`when ${instant} < ${new Date(span.to)} then ${seconds(span)}`);
  return sql`(${instant} at time zone 'UTC' + make_interval(secs => ${cases.length ? sql`case ${sql.join(cases, sql` `)} else ${seconds(last)} end` : seconds(last)}))`;
}

const seconds = (span: OffsetSpan | undefined): RawBuilder<unknown> => sql`${(span?.offset ?? 0) / 1000}::float8`;
