import { transaction, type Trx } from '../../db/db.ts';
import type { TrackingEventType, TrackingPolicy } from '../../db/tables/tracking.ts';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import { getMessage } from '../email/service.ts';
import { shortenAddress } from './address.ts';
import { judgeSince, judgeWaiting, VIEWING_SECONDS } from './judging.ts';
import { lockTrackings, recomputeDerived, type TrackingRow } from './judging.queries.ts';
import { codesIn, languageOf, markUp, newCode, optOutHtml, pixelHtml, type Language } from './markup.ts';
import { planTracking, type TrackingRequest } from './options.ts';
import { anyOptedOut, byCodes, insertEvent, insertLinks, insertTracking, insertViewings, linksOf, markPurged, messageIdKey, newestByDraft, setIgnored, trackingIdsOf, trackingsWithOpens, unsentByDraft, updateTracking, type LinkRow } from './queries.ts';

interface Caller {
  readonly appId: number;
  readonly accountId: number;
}

export interface DraftTracking {
  readonly tracking: TrackingRow;
  readonly htmlBody: string | undefined;
  readonly links: LinkRow[];
  /** For Outlook's append on send; empty where neither opens nor links are followed. */
  readonly pixelHtml: string;
  readonly optOutHtml: string;
  readonly policy: TrackingPolicy;
}

/**
 * Prepares a draft for tracking. The same draft keeps its code: a second call changes what is followed
 * and tracks the links that are new. Without htmlText only the snippets are made.
 */
export async function createDraftTracking(deps: Deps, caller: Caller, draft: { draftId: string; ignoreNotFound: boolean; htmlText?: string | undefined; tracking: TrackingRequest; language?: Language | undefined; linksOnly?: boolean }): Promise<DraftTracking> {
  if (!draft.ignoreNotFound) await getMessage(deps, caller.accountId, draft.draftId);
  const { publicUrl } = deps.config;
  return transaction(deps.db, async (trx) => {
    const plan = await planTracking(trx, caller, draft.tracking, [], true);
    const known = await unsentByDraft(trx, caller.accountId, draft.draftId);
    const values = {
      track_opens: plan.opens, track_replies: plan.replies, track_links: plan.links,
      opens_after_seconds: plan.opensAfterSeconds, context: plan.context ?? known?.context ?? null,
    };
    if (known) await updateTracking(trx, known.id, values);
    const tracking = known ? { ...known, ...values } : await insertTracking(trx, {
      ...values, account_id: caller.accountId, code: newCode(), draft_id: draft.draftId, pixel_in_sent_copy: true, created_at: deps.clock.now(),
      withdrawn_at: null, message_id: null, thread_id: null, inet_message_id: null, inet_key: null, subject: null, sent_at: null,
      last_activity_at: null, last_responded_at: null, last_user_agent: null, last_remote_addr: null,
    });
    const visible = plan.opens || plan.links;
    const marked = draft.htmlText === undefined ? undefined : markUp(publicUrl, draft.htmlText, {
      code: tracking.code, pixel: plan.opens && !draft.linksOnly, optOut: visible && !draft.linksOnly, links: plan.links, language: draft.language ?? languageOf(draft.htmlText),
      keep: await unsentCodes(trx, caller.accountId, codesIn(publicUrl, draft.htmlText).pixels),
    });
    await insertLinks(trx, tracking.id, marked?.links ?? []);
    return {
      tracking,
      htmlBody: marked?.html,
      links: await linksOf(trx, tracking.id),
      pixelHtml: (visible ? optOutHtml(publicUrl, tracking.code, draft.language) : '') + (plan.opens ? pixelHtml(publicUrl, tracking.code) : ''),
      optOutHtml: visible ? optOutHtml(publicUrl, tracking.code, draft.language) : '',
      policy: plan.policy,
    };
  });
}

/** Of these pixel codes, those of drafts of the account: all others went out before and stand in a quote. */
export async function unsentCodes(trx: Trx, accountId: number, codes: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = codes.length ? await byCodes(trx, accountId, codes) : [];
  return new Set(rows.filter((row) => !row.sent_at).map((row) => row.code));
}

/** The context is the client's own note; it is kept as given. */
export async function setDraftContext(deps: Deps, accountId: number, draftId: string, context: string | undefined): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const tracking = await newestByDraft(trx, accountId, draftId);
    if (!tracking) throw notFound('Tracking of this draft');
    if (context !== undefined) await updateTracking(trx, tracking.id, { context });
  });
}

/** A client tells that its draft has been sent, and as which message; the ids are believed, not looked up. */
export async function convertDraft(deps: Deps, accountId: number, draftId: string, ids: { messageId?: string | undefined; threadId?: string | undefined; internetMessageId?: string | undefined }): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const tracking = await newestByDraft(trx, accountId, draftId);
    if (!tracking) throw notFound('Tracking of this draft');
    await bindToMessage(trx, deps, tracking, { ...ids, sentAt: tracking.sent_at ?? deps.clock.now() });
  });
}

export interface SentMessage {
  readonly messageId?: string | undefined;
  readonly threadId?: string | undefined;
  readonly internetMessageId?: string | undefined;
  readonly subject?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
  readonly sentAt: Date;
}

/**
 * Ties a tracking to the message that went out: what is known is added, what was known stays unless it
 * is told anew. Loads seen before are judged again, now that the time of the send is known; whoever
 * waits for the draft hears of it once its message and conversation are known, and again if they turn out to be others.
 */
export async function bindToMessage(trx: Trx, deps: Deps, tracking: TrackingRow, sent: SentMessage): Promise<void> {
  const accountId = tracking.account_id!;
  const bound = {
    message_id: sent.messageId ?? tracking.message_id,
    thread_id: sent.threadId ?? tracking.thread_id,
    inet_message_id: sent.internetMessageId ?? tracking.inet_message_id,
    subject: sent.subject ?? tracking.subject,
    recipients: sent.recipients ? [...sent.recipients] : tracking.recipients,
    sent_at: sent.sentAt,
    inet_key: sent.internetMessageId ? messageIdKey(sent.internetMessageId) : tracking.inet_key,
  };
  const withdrawn = tracking.withdrawn_at ?? (await anyOptedOut(trx, accountId, bound.recipients) ? deps.clock.now() : null);
  await updateTracking(trx, tracking.id, { ...bound, withdrawn_at: withdrawn });
  await recordEvent(trx, deps, { ...tracking, ...bound }, 'initial', { createdAt: sent.sentAt, dedupeKey: 'initial' });
  await judgeSince(trx, deps, [{ ...tracking, ...bound }]);
  const { message_id: messageId, thread_id: threadId } = bound;
  if (!messageId || !threadId || (messageId === tracking.message_id && threadId === tracking.thread_id)) return;
  await deps.events.emit(trx, {
    type: 'TrackedMailSent', accountId, trackingId: tracking.id, trackingCode: tracking.code, messageId, threadId,
    internetMessageId: bound.inet_message_id ?? '', recipients: bound.recipients,
  });
}

interface Fact {
  readonly createdAt: Date;
  readonly dedupeKey: string;
  readonly messageId?: string | null;
  readonly threadId?: string | null;
  readonly internetMessageId?: string | null;
  readonly recipient?: string | null;
  readonly detail?: string | null;
}

/** Records what is certain (sent, answered, bounced), once for each key; answers whether it was new. */
export async function recordEvent(trx: Trx, deps: Deps, tracking: TrackingRow, type: Exclude<TrackingEventType, 'open' | 'click'>, fact: Fact): Promise<boolean> {
  // Counts are computed anew below; without the lock a hit judged meanwhile would be left out of them.
  await lockTrackings(trx, [tracking.id]);
  const event = await insertEvent(trx, {
    tracking_id: tracking.id, type, created_at: fact.createdAt, dedupe_key: fact.dedupeKey,
    message_id: fact.messageId ?? null, thread_id: fact.threadId ?? null, internet_message_id: fact.internetMessageId ?? null,
    recipient: fact.recipient ?? null, detail: fact.detail ?? null,
    user_agent: null, referrer: null, remote_addr: null, purpose: null, method: null, link_id: null, self_mark: null,
    open_number: null, verdict: null, reason: null, client: null, counted_for: type === 'reply' ? tracking.account_id : null,
  });
  if (!event) return false;
  await recomputeDerived(trx, [tracking.id]);
  await deps.events.emit(trx, {
    type: 'TrackingRecorded', accountId: tracking.account_id!, trackingId: tracking.id, eventId: event.id,
    eventType: type, threadId: tracking.thread_id, verdict: null,
  });
  return true;
}

export async function switchOpenClicks(deps: Deps, accountId: number, by: { messageId?: string | undefined; inetMessageId?: string | undefined; isIgnored: boolean }): Promise<void> {
  if (by.messageId === undefined && by.inetMessageId === undefined) throw new AppError('request.invalid', 'messageId: give messageId or inetMessageId.', { extra: { field: 'messageId' } });
  await transaction(deps.db, async (trx) => {
    const ids = await trackingIdsOf(trx, accountId, {
      ...(by.messageId === undefined ? {} : { messageId: by.messageId }),
      ...(by.inetMessageId === undefined ? {} : { internetMessageId: by.inetMessageId }),
    });
    if (!ids.length) throw notFound('Tracking of this message');
    await setIgnored(trx, ids, by.isIgnored);
  });
}

/** How far back "my own opens" reach: longer ago, another reader may have had the same program and network. */
const PURGE_HOURS = 24;

/** Turns the caller's own recent opens into `self`; deletes nothing. */
export async function purgeMyTracking(deps: Deps, accountId: number, me: { userAgent: string; ip: string; threadId?: string | undefined }): Promise<void> {
  // His latest opens may not be among the events yet.
  await judgeWaiting(deps, accountId);
  await transaction(deps.db, async (trx) => {
    const own = {
      userAgent: me.userAgent, remoteAddr: shortenAddress(me.ip), since: new Date(deps.clock.now().getTime() - PURGE_HOURS * 3_600_000),
      ...(me.threadId === undefined ? {} : { threadId: me.threadId }),
    };
    const ids = await trackingsWithOpens(trx, accountId, own);
    if (!ids.length) return;
    // Rows before events, as judging locks them: the other way round the two could wait for each other.
    const trackings = await lockTrackings(trx, ids);
    await markPurged(trx, ids, own);
    await judgeSince(trx, deps, trackings, () => own.since);
  });
}

/** The sender looks at a sent message of his now: loads around this moment are his own. */
export async function markViewing(deps: Deps, accountId: number, by: { threadId?: string | undefined; internetMessageId?: string | undefined }): Promise<void> {
  if (by.threadId === undefined && by.internetMessageId === undefined) throw new AppError('request.invalid', 'threadId: give threadId or internetMessageId.', { extra: { field: 'threadId' } });
  await transaction(deps.db, async (trx) => {
    const ids = await trackingIdsOf(trx, accountId, {
      ...(by.threadId === undefined ? {} : { threadId: by.threadId }),
      ...(by.internetMessageId === undefined ? {} : { internetMessageId: by.internetMessageId }),
    });
    if (!ids.length) return;
    const now = deps.clock.now();
    await insertViewings(trx, ids, now);
    await judgeSince(trx, deps, await lockTrackings(trx, ids), () => new Date(now.getTime() - VIEWING_SECONDS * 1000));
  });
}
