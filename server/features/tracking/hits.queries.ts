import { sql } from 'kysely';
import type { Db } from '../../db/db.ts';

export interface RawHit {
  /** Empty where it cannot be a code: the statement still runs, so that an answer tells nothing by its time. */
  readonly code: string;
  readonly at: Date;
  readonly method: string;
  readonly userAgent: string;
  readonly referrer: string;
  readonly purpose: string;
  readonly remoteAddr: string;
  readonly viewerAccountId: number | null;
}

/** Raw events kept of one code; what comes after is counted only, so that one leaked code cannot fill the disk. */
export const EVENTS_PER_CODE = 10_000;

/** Commits the opens of known, wanted codes in one statement, in their order; answers how many have something to judge. */
export async function insertOpens(db: Db, hits: readonly RawHit[]): Promise<number> {
  const { rows } = await sql<{ kept: number }>`
    select tracking_keep_opens(
      ${hits.map((h) => h.code)}::text[], ${hits.map((h) => h.at.getTime() / 1000)}::float8[], ${hits.map((h) => h.method)}::text[],
      ${hits.map((h) => h.userAgent)}::text[], ${hits.map((h) => h.referrer)}::text[], ${hits.map((h) => h.purpose)}::text[],
      ${hits.map((h) => h.remoteAddr)}::text[], ${hits.map((h) => h.viewerAccountId ?? 0)}::bigint[], ${EVENTS_PER_CODE}::int
    ) as kept`.execute(db);
  return rows[0]!.kept;
}

/** The hits as a relation; `ord` is the place in the list, from 1. */
const hitRows = (hits: readonly RawHit[]) => sql`
  select h.ord, h.code, h.at::timestamptz as at, h.method, nullif(h.user_agent, '') as user_agent, nullif(h.referrer, '') as referrer,
    nullif(h.purpose, '') as purpose, nullif(h.remote_addr, '') as remote_addr, h.viewer
  from unnest(
    ${hits.map((h) => h.code)}::text[], ${hits.map((h) => h.at.toISOString())}::text[], ${hits.map((h) => h.method)}::text[],
    ${hits.map((h) => h.userAgent)}::text[], ${hits.map((h) => h.referrer)}::text[], ${hits.map((h) => h.purpose)}::text[],
    ${hits.map((h) => h.remoteAddr)}::text[], ${hits.map((h) => h.viewerAccountId ?? 0)}::bigint[]
  ) with ordinality as h(code, at, method, user_agent, referrer, purpose, remote_addr, viewer, ord)`;

/** Commits visits of tracked links; `urls` has the stored address of each hit, also where nothing is recorded. */
export async function insertClicks(db: Db, hits: readonly RawHit[]): Promise<{ kept: number; urls: (string | undefined)[] }> {
  const { rows } = await sql<{ ord: number; url: string; kept: boolean }>`
    with hits as (${hitRows(hits)}),
    found as (
      select h.*, l.id as link_id, l.url, t.id as tracking_id, t.raw_events >= ${EVENTS_PER_CODE} as at_cap,
        t.track_links and t.account_id is not null and t.withdrawn_at is null and not t.ignore_open_clicks as recorded, case when h.viewer = t.account_id then 'session' end as self_mark
      from hits h join tracking_links l on l.code = h.code join tracking t on t.id = l.tracking_id
    ),
    kept as (
      insert into tracking_events (tracking_id, type, created_at, method, user_agent, referrer, purpose, remote_addr, self_mark, link_id)
      select tracking_id, 'click', at, method, user_agent, referrer, purpose, remote_addr, self_mark, link_id
      from found where recorded and not at_cap order by ord
    ),
    counted as (
      update tracking t set hits_not_kept = t.hits_not_kept + o.n
      from (select tracking_id, count(*) as n from found where recorded and at_cap group by tracking_id) o where t.id = o.tracking_id
    )
    select ord, url, recorded and not at_cap as kept from found`.execute(db);
  const urlOf = new Map(rows.map((row) => [Number(row.ord), row.url]));
  return { kept: rows.filter((row) => row.kept).length, urls: hits.map((_, i) => urlOf.get(i + 1)) };
}
