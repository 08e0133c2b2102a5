import type { z } from 'zod';
import type { Deps } from '../../deps.ts';
import type { EmailDraftCreateTrackingResponse, EmailTrackingEvent, TrackingData } from './data.contract.ts';
import { linkUrl } from './markup.ts';
import type { EventWithTracking, TrackingWithLast } from './queries.ts';
import { reportTokenOf } from './sent-report.ts';
import type { DraftTracking } from './service.ts';

const time = (date: Date | null): string | undefined => date?.toISOString();
const text = (value: string | null): string | undefined => value ?? undefined;

export const presentTracking = (row: TrackingWithLast): z.input<typeof TrackingData> => ({
  id: row.id,
  messageId: text(row.message_id),
  inetMessageId: text(row.inet_message_id),
  threadId: text(row.thread_id),
  sendDate: time(row.sent_at),
  lastActivityTime: time(row.last_activity_at),
  lastRespondedTime: time(row.last_responded_at),
  trackReplies: row.track_replies,
  trackOpens: row.track_opens,
  trackingCode: row.code,
  context: text(row.context),
  userAgent: text(row.last_user_agent),
  remoteAddr: text(row.last_remote_addr),
  openCount: row.open_count,
  ignoreOpenClicks: row.ignore_open_clicks,
  hasBounced: row.has_bounced,
  trackLinks: row.track_links,
  subject: text(row.subject),
  recipients: row.recipients,
  clickCount: row.click_count,
  unknownCount: row.unknown_count,
  notCounted: row.not_counted,
  hitsNotKept: row.hits_not_kept,
  optedOut: row.withdrawn_at !== null,
  draftId: text(row.draft_id),
  ...(row.last ? {
    lastEvent: {
      id: row.last.id, eventType: row.last.type, createdAt: new Date(row.last.created_at).toISOString(),
      verdict: row.last.verdict ?? undefined, client: text(row.last.client),
    },
  } : {}),
});

export const presentEvent = (row: EventWithTracking): z.input<typeof EmailTrackingEvent> => ({
  id: row.id,
  createdAt: row.created_at.toISOString(),
  eventType: row.type,
  userAgent: text(row.user_agent),
  referrer: text(row.referrer),
  remoteAddr: text(row.remote_addr),
  openNumber: row.open_number ?? undefined,
  threadId: text(row.thread_id ?? row.t_thread_id),
  messageId: text(row.message_id ?? row.t_message_id),
  internetMessageId: text(row.internet_message_id ?? row.t_inet_message_id),
  trackingId: row.tracking_id,
  trackingThreadId: text(row.t_thread_id),
  trackingMessageId: text(row.t_message_id),
  trackingInternetMessageId: text(row.t_inet_message_id),
  context: text(row.t_context),
  trackingCode: row.t_code,
  verdict: row.verdict ?? undefined,
  reason: text(row.reason),
  client: text(row.client),
  url: text(row.link_url),
  linkText: row.link_label || undefined,
  recipient: text(row.recipient),
  detail: text(row.detail),
});

export const presentDraft = ({ config: { publicUrl }, keys }: Pick<Deps, 'config' | 'keys'>, draft: DraftTracking): z.input<typeof EmailDraftCreateTrackingResponse> => ({
  trackReplies: draft.tracking.track_replies,
  trackOpens: draft.tracking.track_opens,
  trackLinks: draft.tracking.track_links,
  policy: draft.policy,
  htmlBody: draft.htmlBody,
  trackingCode: draft.tracking.code,
  context: text(draft.tracking.context),
  linkCodes: draft.links.map((link) => ({ code: link.code, url: link.url, trackedUrl: linkUrl(publicUrl, link.code), label: link.label })),
  trackingId: String(draft.tracking.id),
  reportToken: reportTokenOf(keys, draft.tracking.id),
  pixelHtml: draft.pixelHtml,
  optOutHtml: draft.optOutHtml,
});
