import { sql, type Selectable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { TrackingTables, Verdict } from '../../db/tables/tracking.ts';

export type TrackingRow = Selectable<TrackingTables['tracking']>;
export type EventRow = Selectable<TrackingTables['tracking_events']>;

/**
 * Locks the trackings, in the order of their ids, so that two writers never wait for each other, and
 * brings in the opens that were answered for them (`most`: the oldest so many): whoever holds the lock
 * sees what was recorded. Opens of what is gone, or belongs to nobody any more, are dropped.
 */
export async function lockTrackings(trx: Trx, ids: readonly number[], most: number | null = null): Promise<TrackingRow[]> {
  const trackings = await trx.selectFrom('tracking').selectAll().where('id', 'in', ids).orderBy('id').forUpdate().execute();
  const owned = trackings.filter((t) => t.account_id !== null).map((t) => t.id);
  // Numbers go up in the order in which the opens were stored; one, once given, stays.
  await sql`
    with taken as (
      delete from tracking_hits where id = any(array(select id from tracking_hits where tracking_id = any(${ids}::bigint[]) order by id limit ${most}::int)) returning *
    ),
    numbered as (
      select tracking_id, max(open_number) as last from tracking_events where tracking_id in (select tracking_id from taken) group by tracking_id
    )
    insert into tracking_events (tracking_id, type, created_at, method, user_agent, referrer, purpose, remote_addr, self_mark, open_number)
    select tracking_id, 'open', created_at, method, user_agent, referrer, purpose, remote_addr, self_mark,
      coalesce(last, 0) + row_number() over (partition by tracking_id order by id)
    from taken left join numbered using (tracking_id) where tracking_id = any(${owned}::bigint[]) order by id`.execute(trx);
  return trackings;
}

/** The trackings of the oldest opens and clicks that wait for a verdict, at most so many (of those until a moment, where told); all of them of one account. */
export async function trackingsToJudge(db: Db, by: { readonly most: number; readonly until: Date | undefined } | { readonly accountId: number }): Promise<number[]> {
  const { rows } = await ('most' in by
    ? sql<{ id: number }>`
        select distinct tracking_id as id from (select tracking_id from tracking_hits ${by.until ? sql`where created_at <= ${by.until}` : sql``} order by id limit ${by.most}) h
        union select tracking_id from (select tracking_id from tracking_events where verdict is null and type in ('open', 'click') ${by.until ? sql`and created_at <= ${by.until}` : sql``} limit ${by.most}) e`
    : sql<{ id: number }>`
        select t.id from tracking t where t.account_id = ${by.accountId} and (
          t.id in (select tracking_id from tracking_hits)
          or t.id in (select tracking_id from tracking_events where verdict is null and type in ('open', 'click')))`).execute(db);
  return rows.map((row) => row.id);
}

/** From when on verdicts of the trackings may be others than they are: where a click waits, a sweep around it may reach so many seconds back into what was judged. */
export async function judgeFrom(trx: Trx, trackingIds: readonly number[], sweepSeconds: number): Promise<Map<number, Date>> {
  const { rows } = await sql<{ id: number; since: Date }>`
    select tracking_id as id, min(created_at - case type when 'click' then make_interval(secs => ${sweepSeconds}) else interval '0' end) as since
    from tracking_events where tracking_id = any(${trackingIds}::bigint[]) and verdict is null and type in ('open', 'click')
    group by tracking_id`.execute(trx);
  return new Map(rows.map((row) => [row.id, row.since]));
}

export type Since = readonly { readonly trackingId: number; readonly since: Date }[];

const sinceRows = (since: Since) => sql`unnest(${since.map((s) => s.trackingId)}::bigint[], ${since.map((s) => s.since.toISOString())}::text[]) as s(id, since)`;

/** Opens and clicks of each tracking from its time on, oldest first, and the clicks of so many seconds before it: they may be of one sweep with them. */
export async function hitsSince(trx: Trx, since: Since, sweepSeconds: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select e.* from ${sinceRows(since)} join tracking_events e on e.tracking_id = s.id and e.created_at >= s.since::timestamptz - make_interval(secs => ${sweepSeconds})
    where e.type = 'click' or (e.type = 'open' and e.created_at >= s.since::timestamptz) order by e.created_at, e.id`.execute(trx);
  return rows;
}

/** When the sender looked at each tracked message, from so many seconds before its time on. */
export async function viewingsSince(trx: Trx, since: Since, seconds: number): Promise<{ tracking_id: number; seen_at: Date }[]> {
  const { rows } = await sql<{ tracking_id: number; seen_at: Date }>`
    select v.* from ${sinceRows(since)} join tracking_viewings v on v.tracking_id = s.id and v.seen_at >= s.since::timestamptz - make_interval(secs => ${seconds})`.execute(trx);
  return rows;
}

export interface JudgedEvent {
  readonly id: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly client: string | null;
  readonly selfMark: string | null;
}

export async function storeJudgements(trx: Trx, events: readonly JudgedEvent[]): Promise<void> {
  await sql`
    update tracking_events e set verdict = j.verdict, reason = j.reason, client = nullif(j.client, ''), self_mark = nullif(j.self_mark, ''),
      counted_for = case when j.verdict in ('human', 'proxy', 'unknown') then t.account_id end
    from unnest(
      ${events.map((e) => e.id)}::bigint[], ${events.map((e) => e.verdict)}::text[], ${events.map((e) => e.reason)}::text[],
      ${events.map((e) => e.client ?? '')}::text[], ${events.map((e) => e.selfMark ?? '')}::text[]
    ) as j(id, verdict, reason, client, self_mark), tracking t
    where e.id = j.id and t.id = e.tracking_id`.execute(trx);
}

/** Everything that a tracking row knows of its events, computed anew from them. */
export async function recomputeDerived(trx: Trx, trackingIds: readonly number[]): Promise<void> {
  await sql`
    update tracking t set
      raw_events = d.raw_events, open_count = d.open_count, click_count = d.click_count, unknown_count = d.unknown_count,
      not_counted = d.not_counted, last_activity_at = d.last_activity_at, last_responded_at = d.last_responded_at,
      has_bounced = d.has_bounced, last_user_agent = l.user_agent, last_remote_addr = l.remote_addr
    from unnest(${trackingIds}::bigint[]) as ids(id)
    cross join lateral (
      select
        (count(*) filter (where type in ('open', 'click')))::int as raw_events,
        (count(*) filter (where type = 'open' and verdict in ('human', 'proxy')))::int as open_count,
        (count(*) filter (where type = 'click' and verdict in ('human', 'proxy')))::int as click_count,
        (count(*) filter (where type in ('open', 'click') and verdict = 'unknown'))::int as unknown_count,
        (count(*) filter (where type in ('open', 'click') and verdict in ('machine', 'self')))::int as not_counted,
        max(created_at) filter (where type = 'reply' or (type in ('open', 'click') and verdict in ('human', 'proxy'))) as last_activity_at,
        max(created_at) filter (where type = 'reply') as last_responded_at,
        coalesce(bool_or(type = 'replyBounce'), false) as has_bounced
      from tracking_events where tracking_id = ids.id
    ) d
    left join lateral (
      select user_agent, remote_addr from tracking_events
      where tracking_id = ids.id and type in ('open', 'click') and verdict in ('human', 'proxy')
      order by created_at desc, id desc limit 1
    ) l on true
    where t.id = ids.id`.execute(trx);
}
