import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { hitsSince, judgeFrom, lockTrackings, recomputeDerived, storeJudgements, trackingsToJudge, viewingsSince, type EventRow, type JudgedEvent, type TrackingRow } from './judging.queries.ts';
import { findSweeps, judge, SWEEP_SECONDS, type Hit } from './verdicts.ts';

/** A load within this many seconds of "the sender is viewing" is the sender's. */
export const VIEWING_SECONDS = 5;
/** Of one transaction. Few trackings with many hits each, because what a tracking adds up to is counted once for all its hits. */
const MOST_TRACKINGS = 50;
const MOST_HITS = 1000;
/** Of a pass's time, and at most a second: answering pixels comes first, and on the embedded database nothing is answered while it judges. */
const REST = 10;
const LONGEST_REST_MS = 1000;

/**
 * Judges what has been recorded and not judged (`most`: the oldest so many opens), and again what a new hit
 * throws light on; brings the trackings' counts up to date and tells the streams. May run at any time and any
 * number of times.
 */
export async function judgeHits(deps: Deps, trackingIds: readonly number[], most?: number): Promise<void> {
  const fresh = await transaction(deps.db, async (trx) => {
    const trackings = await lockTrackings(trx, trackingIds, most);
    const from = await judgeFrom(trx, trackings.map((t) => t.id), SWEEP_SECONDS);
    return (await judgeSince(trx, deps, trackings.filter((t) => from.has(t.id)), (t) => from.get(t.id)!)).filter((e) => e.isNew);
  });
  for (const { type, verdict } of fresh) deps.metrics[type === 'open' ? 'opens' : 'clicks'].inc({ verdict });
}

/** Before a reader answers: a hit that was committed a moment ago must be in what he reads. */
export async function judgeWaiting(deps: Deps, accountId: number): Promise<void> {
  const ids = await trackingsToJudge(deps.db, { accountId });
  for (let at = 0; at < ids.length; at += MOST_TRACKINGS) await judgeHits(deps, ids.slice(at, at + MOST_TRACKINGS));
}

/** Judges some of the oldest hits that wait, of whatever account (`until` a moment, where told); answers whether there were any. */
export async function judgeSome(deps: Deps, until?: Date): Promise<boolean> {
  const ids = await trackingsToJudge(deps.db, { most: MOST_TRACKINGS, until });
  if (ids.length) await judgeHits(deps, ids, MOST_HITS);
  return ids.length > 0;
}

/** How long to rest after a pass of judgeSome that took so long, while hits may be coming; both in milliseconds. */
export const restAfter = (worked: number): number => Math.min(LONGEST_REST_MS, worked * REST);

type Judged = JudgedEvent & { readonly trackingId: number; readonly type: 'open' | 'click'; readonly isNew: boolean };

/**
 * Judges the opens and clicks since then (all of them unless told) by what is known now. The trackings'
 * rows are locked by the caller. Answers the events whose verdict is new or another.
 */
export async function judgeSince(trx: Trx, deps: Deps, trackings: readonly TrackingRow[], sinceOf: (tracking: TrackingRow) => Date = () => new Date(0)): Promise<Judged[]> {
  if (!trackings.length) return [];
  const ids = trackings.map((t) => t.id);
  const since = trackings.map((t) => ({ trackingId: t.id, since: sinceOf(t) }));
  const hits = Map.groupBy(await hitsSince(trx, since, SWEEP_SECONDS), (e) => e.tracking_id);
  const viewings = Map.groupBy(await viewingsSince(trx, since, VIEWING_SECONDS), (v) => v.tracking_id);
  const changed = trackings.flatMap((t) => judgeOne(t, hits.get(t.id) ?? [], (viewings.get(t.id) ?? []).map((v) => v.seen_at), sinceOf(t)));
  if (changed.length) await storeJudgements(trx, changed);
  await recomputeDerived(trx, ids);
  const trackingOf = new Map(trackings.map((t) => [t.id, t]));
  await deps.events.emitAll(trx, changed.flatMap((event) => {
    const { account_id: accountId, thread_id: threadId } = trackingOf.get(event.trackingId)!;
    return accountId === null ? [] : [{ type: 'TrackingRecorded' as const, accountId, trackingId: event.trackingId, eventId: event.id, eventType: event.type, threadId, verdict: event.verdict }];
  }));
  return changed;
}

function judgeOne(tracking: TrackingRow, hits: readonly EventRow[], viewings: readonly Date[], since: Date): Judged[] {
  const isSwept = sweptHits(tracking, hits);
  return hits.filter((e) => e.created_at >= since).flatMap((event) => {
    const viewed = tracking.pixel_in_sent_copy && event.type === 'open' && isViewed(event, viewings);
    const selfMark = event.self_mark ?? (viewed ? 'viewing' : null);
    const judgement = judge(hitOf(event, tracking, selfMark, isSwept(event)));
    if (judgement.verdict === event.verdict && judgement.reason === event.reason) return [];
    return [{ id: event.id, trackingId: tracking.id, type: event.type as 'open' | 'click', isNew: event.verdict === null, selfMark, ...judgement }];
  });
}

/**
 * Filters change their name and network from link to link. Where one person got the message, three links
 * within half a minute are therefore a sweep whoever asked; where several did, only if it was one program.
 * An open belongs to it only if it came from one of the sweeping programs.
 */
function sweptHits(tracking: TrackingRow, hits: readonly EventRow[]): (event: EventRow) => boolean {
  const group = (event: EventRow): string => (tracking.recipients.length === 1 ? '' : by(event));
  const clicks = hits.filter((e) => e.link_id !== null);
  const inSweep = findSweeps(clicks.map((e) => ({ at: e.created_at.getTime(), linkId: e.link_id!, by: group(e) })));
  const isIn = (event: EventRow): boolean => inSweep(event.created_at.getTime(), group(event));
  const sweepers = new Set(clicks.filter(isIn).map(by));
  return (event) => isIn(event) && (event.type === 'click' || sweepers.has(by(event)));
}

const by = (event: EventRow): string => `${event.remote_addr ?? ''} ${event.user_agent ?? ''}`;

const isViewed = (event: EventRow, viewings: readonly Date[]): boolean =>
  viewings.some((at) => Math.abs(at.getTime() - event.created_at.getTime()) <= VIEWING_SECONDS * 1000);

const hitOf = (event: EventRow, tracking: TrackingRow, selfMark: Hit['selfMark'], inSweep: boolean): Hit => ({
  type: event.type as 'open' | 'click',
  method: event.method ?? 'GET',
  userAgent: event.user_agent ?? '',
  referrer: event.referrer ?? '',
  purpose: event.purpose ?? '',
  selfMark,
  secondsAfterSend: tracking.sent_at ? (event.created_at.getTime() - tracking.sent_at.getTime()) / 1000 : null,
  opensAfterSeconds: tracking.opens_after_seconds,
  inSweep,
});
