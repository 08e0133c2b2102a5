import { sql, type Kysely } from 'kysely';

/**
 * Opens as they are answered: a table that only grows at its end, so that a commit costs as little as it
 * can. Judging moves them into tracking_events. No foreign key: checking it would cost as much as the
 * row, and the statement that writes it has just read its tracking; what has lost it is dropped when moved.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tracking_hits (
      id bigint generated always as identity primary key,
      tracking_id bigint not null,
      created_at timestamptz not null,
      method text not null,
      user_agent text,
      referrer text,
      purpose text,
      remote_addr text,
      self_mark text
    )`.execute(db);
  // A function keeps its plans; planning anew would take longer than the insert. The settings hold the
  // plan on the index of codes, whatever size the table had when it was made. Times are seconds since 1970.
  await sql`
    create function tracking_keep_opens(
      codes text[], times double precision[], methods text[], user_agents text[], referrers text[], purposes text[], remote_addrs text[], viewers bigint[], most int
    ) returns int language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
    declare kept int; over_cap int;
    begin
      with wanted as materialized (
        select t.id, t.account_id, t.raw_events >= most as at_cap, h.*
        from unnest(codes, times, methods, user_agents, referrers, purposes, remote_addrs, viewers) as h(code, time, method, user_agent, referrer, purpose, remote_addr, viewer)
        join tracking t on t.code = h.code
        where t.track_opens and t.account_id is not null and t.withdrawn_at is null and not t.ignore_open_clicks
      ),
      inserted as (
        insert into tracking_hits (tracking_id, created_at, method, user_agent, referrer, purpose, remote_addr, self_mark)
        select id, to_timestamp(time), method, nullif(user_agent, ''), nullif(referrer, ''), nullif(purpose, ''), nullif(remote_addr, ''),
          case when viewer = account_id then 'session' end
        from wanted where not at_cap
      )
      select count(*) filter (where not at_cap), count(*) filter (where at_cap) into kept, over_cap from wanted;
      if over_cap > 0 then
        update tracking t set hits_not_kept = t.hits_not_kept + o.n
        from (
          select f.id, count(*) as n from unnest(codes) as c(code) join tracking f on f.code = c.code
          where f.track_opens and f.account_id is not null and f.withdrawn_at is null and not f.ignore_open_clicks and f.raw_events >= most group by f.id
        ) o where t.id = o.id;
      end if;
      return kept;
    end $$`.execute(db);
}
