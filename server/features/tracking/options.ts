import type { Trx } from '../../db/db.ts';
import type { TrackingPolicy } from '../../db/tables/tracking.ts';
import { AppError } from '../../errors.ts';
import { anyOptedOut, policyOf } from './queries.ts';

/** What a client asks for; the reference's OutEmailTrack with Sundial's `links`. */
export interface TrackingRequest {
  readonly threadReplies?: boolean | undefined;
  readonly opens?: boolean | undefined;
  readonly links?: boolean | undefined;
  readonly trackOpensAfterSendDelay?: number | undefined;
  readonly context?: string | undefined;
}

/** What is really followed. */
export interface TrackingPlan {
  readonly opens: boolean;
  readonly replies: boolean;
  readonly links: boolean;
  readonly opensAfterSeconds: number;
  readonly context: string | null;
  readonly policy: TrackingPolicy;
  /** Opens or links were asked for, and one who gets the message wants none of it. */
  readonly optedOut: boolean;
}

/** How long events are kept. */
export const RETENTION_MONTHS = 12;

/** The reference's default for trackOpensAfterSendDelay, seconds. */
const DEFAULT_DELAY = 5;

/**
 * The request cut to what the organisation allows and the recipients accept. `repliesOnly` turns opens
 * and links off and keeps replies, which need nothing in the message. One recipient who opted out turns
 * them off for all, because a message has one pixel. Throws policy.denied where nothing is allowed.
 */
export async function planTracking(trx: Trx, who: { appId: number; accountId: number }, request: TrackingRequest, recipients: readonly string[], html: boolean): Promise<TrackingPlan> {
  const policy = await policyOf(trx, who.appId);
  if (policy === 'off') throw new AppError('policy.denied', 'Your organisation has switched tracking off. Messages can be sent without it.');
  const wantsVisible = Boolean(request.opens || request.links);
  const possible = policy === 'on' && html;
  const optedOut = possible && wantsVisible && await anyOptedOut(trx, who.accountId, recipients);
  const visible = possible && !optedOut;
  return {
    opens: visible && Boolean(request.opens),
    links: visible && Boolean(request.links),
    replies: request.threadReplies ?? (wantsVisible && policy === 'repliesOnly'),
    opensAfterSeconds: request.trackOpensAfterSendDelay ?? DEFAULT_DELAY,
    context: request.context ?? null,
    policy,
    optedOut,
  };
}
