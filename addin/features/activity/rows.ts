import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Api, Output } from '../../api.ts';
import { dayTime } from '../../ui/time.tsx';
import { conversationText, type Conversation } from '../followup/FollowUpCard.tsx';
import type { Tracking } from '../message/timeline.ts';
import { usePane } from '../pane.ts';

export type ActivityFilter = 'needsYou' | 'opened' | 'waiting';

export interface ActivityRow {
  readonly key: string;
  readonly threadId: string | undefined;
  readonly tracking: Tracking | undefined;
  readonly conversation: Conversation | undefined;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly latest: string;
  readonly at: string | undefined;
  readonly next: string | undefined;
  readonly filter: ActivityFilter;
  /** Id of the newest event that is worth a badge; 0 where there is none. */
  readonly eventId: number;
}

const WORTH: ReadonlySet<string> = new Set(['reply', 'replyBounce', 'open', 'click']);

/** One row for each tracked message, and for each followed thread that no tracked message stands for. */
export function activityRows(trackings: readonly Tracking[], conversations: readonly Conversation[]): ActivityRow[] {
  const byThread = new Map(conversations.map((c) => [c.convoId, c]));
  const rows = trackings.map((tracking) => {
    const conversation = tracking.threadId ? byThread.get(tracking.threadId) : undefined;
    if (tracking.threadId) byThread.delete(tracking.threadId);
    return rowOf(tracking, conversation);
  });
  for (const conversation of byThread.values()) if (conversation.rule) rows.push(rowOf(undefined, conversation));
  return rows.sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''));
}

function rowOf(tracking: Tracking | undefined, conversation: Conversation | undefined): ActivityRow {
  const troubled = conversation?.status === 'failed' || conversation?.status === 'ruleIncomplete';
  const needsYou = Boolean(tracking?.lastRespondedTime ?? tracking?.hasBounced ?? false) || tracking?.hasBounced === true || troubled || conversation?.stopReason === 'answered';
  const opened = Boolean((tracking?.openCount ?? 0) + (tracking?.clickCount ?? 0));
  return {
    key: tracking ? `t${tracking.id}` : `c${conversation!.convoId}`,
    threadId: tracking?.threadId ?? conversation?.convoId,
    tracking, conversation,
    recipients: tracking?.recipients?.length ? tracking.recipients : conversation?.targets ?? [],
    subject: tracking?.subject ?? conversation?.subject ?? '(no subject)',
    // The time follows behind a comma.
    latest: (tracking && !troubled ? latestText(tracking) : conversationText(conversation)).replace(/\.$/, ''),
    at: tracking?.lastEvent?.createdAt ?? tracking?.lastActivityTime ?? tracking?.sendDate ?? conversation?.dripEndedAt ?? conversation?.dripStartedAt,
    next: conversation?.status === 'active' && conversation.nextAt ? `Follow-up ${dayTime(conversation.nextAt)}` : undefined,
    filter: needsYou ? 'needsYou' : opened ? 'opened' : 'waiting',
    eventId: tracking?.lastEvent && WORTH.has(tracking.lastEvent.eventType) && tracking.lastEvent.verdict !== 'unknown' ? tracking.lastEvent.id : 0,
  };
}

function latestText(tracking: Tracking): string {
  if (tracking.hasBounced) return 'Bounced';
  if (tracking.lastRespondedTime) return 'Answered';
  const last = tracking.lastEvent;
  switch (last?.eventType) {
    case 'click': return 'Clicked a link';
    case 'open': return last.verdict === 'proxy' ? 'Probably opened' : last.verdict === 'unknown' ? 'May have been opened' : 'Opened';
    case 'reply': return 'Answered';
    case 'replyBounce': return 'Bounced';
    default: return tracking.optedOut ? 'Opted out of tracking' : 'No open seen';
  }
}

async function readActivity(api: Api, signal: AbortSignal): Promise<ActivityRow[]> {
  const [trackings, conversations]: [Output<'GET /v1/email/tracking'>, Output<'GET /v1/followup/conversations'>] = await Promise.all([
    api.call('GET /v1/email/tracking', { query: { limit: 100 } }, { signal }),
    api.call('GET /v1/followup/conversations', { query: { limit: 100 } }, { signal }),
  ]);
  return activityRows(trackings.records, conversations.records);
}

export function useActivity(): UseQueryResult<ActivityRow[]> {
  const { api } = usePane();
  return useQuery({ queryKey: ['activity'], queryFn: ({ signal }) => readActivity(api, signal) });
}
