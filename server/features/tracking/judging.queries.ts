import { sql, type Selectable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { TrackingTables, Verdict } from '../../db/tables/tracking.ts';

export type TrackingRow = Selectable<TrackingTables['tracking']>;
export type EventRow = Selectable<TrackingTables['tracking_events']>;

/** Locked in the order of their ids, so that two writers never wait for each other. */
export const lockTrackings = (trx: Trx, ids: readonly number[]): Promise<TrackingRow[]> =>
  trx.selectFrom('tracking').selectAll().where('id', 'in', ids).orderBy('id').forUpdate().execute();

export const unjudgedOf = (trx: Trx, trackingId: number): Promise<EventRow[]> =>
  trx.selectFrom('tracking_events').selectAll()
    .where('tracking_id', '=', trackingId).where('verdict', 'is', null).where('type', 'in', ['open', 'click'])
    .orderBy('id').execute();

/** Opens and clicks from `since` on, oldest first. */
export const hitsSince = (trx: Trx, trackingId: number, since: Date): Promise<EventRow[]> =>
  trx.selectFrom('tracking_events').selectAll()
    .where('tracking_id', '=', trackingId).where('type', 'in', ['open', 'click']).where('created_at', '>=', since)
    .orderBy('created_at').orderBy('id').execute();

export const viewingsSince = async (trx: Trx, trackingId: number, since: Date): Promise<Date[]> => {
  const rows = await trx.selectFrom('tracking_viewings').select('seen_at')
    .where('tracking_id', '=', trackingId).where('seen_at', '>=', since).execute();
  return rows.map((row) => row.seen_at);
};

export interface JudgedEvent {
  readonly id: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly client: string | null;
  readonly selfMark: string | null;
}

export async function storeJudgements(trx: Trx, events: readonly JudgedEvent[]): Promise<void> {
  await sql`
    update tracking_events e set verdict = j.verdict, reason = j.reason, client = nullif(j.client, ''), self_mark = nullif(j.self_mark, '')
    from unnest(
      ${events.map((e) => e.id)}::bigint[], ${events.map((e) => e.verdict)}::text[], ${events.map((e) => e.reason)}::text[],
      ${events.map((e) => e.client ?? '')}::text[], ${events.map((e) => e.selfMark ?? '')}::text[]
    ) as j(id, verdict, reason, client, self_mark)
    where e.id = j.id`.execute(trx);
}

/** Numbers opens in the order in which they were stored; a number, once given, stays. */
export async function numberOpens(trx: Trx, trackingId: number): Promise<void> {
  await sql`
    update tracking_events e set open_number = n.base + n.rank
    from (
      select id, row_number() over (order by id) as rank,
        (select coalesce(max(open_number), 0) from tracking_events where tracking_id = ${trackingId}) as base
      from tracking_events where tracking_id = ${trackingId} and type = 'open' and open_number is null
    ) n
    where e.id = n.id`.execute(trx);
}

/** Everything that a tracking row knows of its events, computed anew from them. */
export async function recomputeDerived(trx: Trx, trackingId: number): Promise<void> {
  await sql`
    update tracking t set
      raw_events = d.raw_events, open_count = d.open_count, click_count = d.click_count, unknown_count = d.unknown_count,
      not_counted = d.not_counted, last_activity_at = d.last_activity_at, last_responded_at = d.last_responded_at,
      has_bounced = d.has_bounced, last_user_agent = l.user_agent, last_remote_addr = l.remote_addr
    from (
      select
        (count(*) filter (where type in ('open', 'click')))::int as raw_events,
        (count(*) filter (where type = 'open' and verdict in ('human', 'proxy')))::int as open_count,
        (count(*) filter (where type = 'click' and verdict in ('human', 'proxy')))::int as click_count,
        (count(*) filter (where type in ('open', 'click') and verdict = 'unknown'))::int as unknown_count,
        (count(*) filter (where type in ('open', 'click') and verdict in ('machine', 'self')))::int as not_counted,
        max(created_at) filter (where type = 'reply' or (type in ('open', 'click') and verdict in ('human', 'proxy'))) as last_activity_at,
        max(created_at) filter (where type = 'reply') as last_responded_at,
        coalesce(bool_or(type = 'replyBounce'), false) as has_bounced
      from tracking_events where tracking_id = ${trackingId}
    ) d
    left join lateral (
      select user_agent, remote_addr from tracking_events
      where tracking_id = ${trackingId} and type in ('open', 'click') and verdict in ('human', 'proxy')
      order by created_at desc, id desc limit 1
    ) l on true
    where t.id = ${trackingId}`.execute(trx);
}

export async function trackingsToJudge(db: Db, accountId?: number): Promise<number[]> {
  const rows = await db.selectFrom('tracking_events as e')
    .innerJoin('tracking as t', 't.id', 'e.tracking_id')
    .select('e.tracking_id').distinct()
    .where('e.verdict', 'is', null).where('e.type', 'in', ['open', 'click'])
    .$if(accountId !== undefined, (q) => q.where('t.account_id', '=', accountId!))
    .execute();
  return rows.map((row) => row.tracking_id);
}
