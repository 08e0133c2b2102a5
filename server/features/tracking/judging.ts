import { transaction, type Trx } from '../../db/db.ts';
import type { Verdict } from '../../db/tables/tracking.ts';
import type { Deps } from '../../deps.ts';
import { hitsSince, lockTrackings, numberOpens, recomputeDerived, storeJudgements, trackingsToJudge, unjudgedOf, viewingsSince, type EventRow, type JudgedEvent, type TrackingRow } from './judging.queries.ts';
import { findSweeps, judge, SWEEP_SECONDS, type Hit } from './verdicts.ts';

/** A load within this many seconds of "the sender is viewing" is the sender's. */
export const VIEWING_SECONDS = 5;

/**
 * Judges what has been recorded and not judged, and again what a new hit throws light on; brings the
 * trackings' counts up to date and tells the streams. May run at any time and any number of times.
 */
export async function judgeHits(deps: Deps, trackingIds: readonly number[]): Promise<void> {
  const counted = await transaction(deps.db, async (trx) => {
    const verdicts: Verdict[] = [];
    for (const tracking of await lockTrackings(trx, trackingIds)) {
      const fresh = await unjudgedOf(trx, tracking.id);
      if (!fresh.length) continue;
      const oldest = Math.min(...fresh.map((e) => e.created_at.getTime()));
      const judged = await judgeSince(trx, deps, tracking, new Date(oldest - SWEEP_SECONDS * 1000));
      const isNew = new Set(fresh.map((e) => e.id));
      verdicts.push(...judged.filter((e) => isNew.has(e.id) && e.type === 'open').map((e) => e.verdict));
    }
    return verdicts;
  });
  for (const verdict of counted) deps.metrics.opens.inc({ verdict });
}

/** Before a reader answers: a hit that was committed a moment ago must be in what he reads. */
export async function judgeWaiting(deps: Deps, accountId?: number): Promise<void> {
  const ids = await trackingsToJudge(deps.db, accountId);
  if (ids.length) await judgeHits(deps, ids);
}

/**
 * Judges the opens and clicks since then (all of them where it is undefined) by what is known now. The
 * tracking's row is locked by the caller. Answers the events whose verdict is new or another.
 */
export async function judgeSince(trx: Trx, deps: Deps, tracking: TrackingRow, since = new Date(0)): Promise<(JudgedEvent & { type: 'open' | 'click' })[]> {
  // The burst around the oldest event reaches further back than the event itself.
  const back = new Date(since.getTime() - SWEEP_SECONDS * 1000);
  const around = await hitsSince(trx, tracking.id, back);
  const viewings = tracking.pixel_in_sent_copy ? await viewingsSince(trx, tracking.id, back) : [];
  const inSweep = findSweeps(around.filter((e) => e.link_id !== null).map((e) => ({ at: e.created_at.getTime(), linkId: e.link_id!, by: by(e) })));
  const changed = around.filter((e) => e.created_at >= since).flatMap((event) => {
    const selfMark = event.self_mark ?? (event.type === 'open' && isViewed(event, viewings) ? 'viewing' as const : null);
    const judgement = judge(hitOf(event, tracking, selfMark, inSweep(event.created_at.getTime(), by(event))));
    if (judgement.verdict === event.verdict && judgement.reason === event.reason) return [];
    return [{ id: event.id, type: event.type as 'open' | 'click', selfMark, ...judgement }];
  });
  if (changed.length) await storeJudgements(trx, changed);
  await numberOpens(trx, tracking.id);
  await recomputeDerived(trx, tracking.id);
  const accountId = tracking.account_id;
  if (accountId === null) return changed;
  await deps.events.emitAll(trx, changed.map((event) => ({
    type: 'TrackingRecorded', accountId, trackingId: tracking.id, eventId: event.id,
    eventType: event.type, threadId: tracking.thread_id, verdict: event.verdict,
  })));
  return changed;
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
