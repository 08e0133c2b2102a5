import { z } from 'zod';
import { dateTime } from '../../http/wire.ts';
import { OutEmailTrack } from '../email/messages.contract.ts';

/** What tracking is told and tells; its operations are in contract.ts. */

export const ConvertDraft = z.object({
  threadId: z.string().optional(),
  messageId: z.string().optional(),
  internetMessageId: z.string().optional(),
}).meta({ id: 'ConvertDraft' });

export const TrackingPolicy = z.enum(['on', 'repliesOnly', 'off']).meta({ id: 'TrackingPolicy' });

export const Verdict = z.enum(['human', 'proxy', 'machine', 'self', 'unknown']).meta({ id: 'TrackingVerdict' });

const EventType = z.enum(['open', 'click', 'initial', 'reply', 'replyBounce']);

export const EmailDraftCreateTrackingResponse = z.object({
  trackReplies: z.boolean().optional(),
  trackOpens: z.boolean().optional().meta({ description: 'What is really followed, after the organisation\'s policy; so are trackReplies and trackLinks.' }),
  trackLinks: z.boolean().optional(),
  policy: TrackingPolicy.optional(),
  htmlBody: z.string().optional().meta({ description: 'htmlText with pixel, opt-out line and tracked links; only where htmlText was given.' }),
  trackingCode: z.string().optional(),
  context: z.string().optional(),
  linkCodes: z.array(z.record(z.string(), z.unknown())).optional().meta({ description: 'All tracked links of the draft, each as {code, url, trackedUrl, label}.' }),
  trackingId: z.string().optional(),
  reportToken: z.string().optional().meta({ description: 'For POST /v1/email/tracking/sent: allows to report this one draft as sent, and nothing else.' }),
  pixelHtml: z.string().optional().meta({ description: 'Opt-out line and pixel for a client that appends them itself when the message is sent (appendOnSendAsync): no styles, under 5,000 characters. Empty where only replies are followed.' }),
  optOutHtml: z.string().optional().meta({ description: 'The opt-out line alone.' }),
}).meta({ id: 'EmailDraftCreateTrackingResponse' });

export const EmailTrackingEvent = z.object({
  id: z.int(),
  createdAt: dateTime.optional(),
  eventType: EventType.optional(),
  location: z.string().optional(),
  userAgent: z.string().optional(),
  referrer: z.string().optional(),
  remoteAddr: z.string().optional(),
  openNumber: z.int().optional(),
  threadId: z.string().optional(),
  messageId: z.string().optional(),
  internetMessageId: z.string().optional(),
  trackingId: z.int().optional(),
  trackingThreadId: z.string().optional(),
  trackingMessageId: z.string().optional(),
  trackingInternetMessageId: z.string().optional(),
  context: z.string().optional(),
  trackingCode: z.string().optional(),
  verdict: Verdict.optional().meta({ description: 'Of opens and clicks. May change when later events throw light on this one.' }),
  reason: z.string().optional().meta({ description: 'Why, in one sentence.' }),
  client: z.string().optional().meta({ description: 'The mail program or service, where it is known.' }),
  url: z.string().optional().meta({ description: 'The link that was followed.' }),
  linkText: z.string().optional(),
  recipient: z.string().optional().meta({ description: 'Who answered, or whose copy came back.' }),
  detail: z.string().optional().meta({ description: 'What the delivery report says.' }),
}).meta({ id: 'EmailTrackingEvent' });

export const EmailTrackingEventPageNext = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(EmailTrackingEvent),
}).meta({ id: 'EmailTrackingEventPageNext' });

export const TrackingData = z.object({
  id: z.int(),
  messageId: z.string().optional(),
  inetMessageId: z.string().optional(),
  threadId: z.string().optional(),
  sendDate: dateTime.optional(),
  lastActivityTime: dateTime.optional(),
  lastRespondedTime: dateTime.optional(),
  trackReplies: z.boolean().optional(),
  trackOpens: z.boolean().optional(),
  trackingCode: z.string().optional(),
  context: z.string().optional(),
  location: z.string().optional(),
  userAgent: z.string().optional(),
  remoteAddr: z.string().optional(),
  openCount: z.int().optional().meta({ description: 'Opens judged human or proxy.' }),
  ignoreOpenClicks: z.boolean().optional(),
  hasBounced: z.boolean().optional(),
  trackLinks: z.boolean().optional(),
  subject: z.string().optional(),
  recipients: z.array(z.string()).optional(),
  clickCount: z.int().optional().meta({ description: 'Clicks judged human or proxy.' }),
  unknownCount: z.int().optional().meta({ description: 'Opens and clicks of which nobody can tell whether a person was behind them.' }),
  notCounted: z.int().optional().meta({ description: 'Opens and clicks by machines and by the sender.' }),
  hitsNotKept: z.int().optional().meta({ description: 'Hits beyond the 10,000 that are kept of one message.' }),
  optedOut: z.boolean().optional().meta({ description: 'A recipient opted out: opens and clicks are no longer recorded.' }),
  draftId: z.string().optional(),
  lastEvent: z.object({ id: z.int(), eventType: EventType, createdAt: dateTime, verdict: Verdict.optional(), client: z.string().optional() }).optional()
    .meta({ description: 'The newest event that is neither a machine\'s nor the sender\'s own.' }),
}).meta({ id: 'TrackingData' });

export const EmailTrackingPageNext = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(TrackingData),
}).meta({ id: 'EmailTrackingPageNext' });

export const RewriteHtml = z.object({
  htmlText: z.string().max(5_000_000).optional(),
  tracking: OutEmailTrack.optional(),
  language: z.enum(['en', 'de', 'fr', 'es']).optional().meta({ description: 'Of the opt-out line; else the language that the message names as its own.' }),
  linksOnly: z.boolean().optional().meta({ description: 'htmlBody gets tracked links only; the client appends pixelHtml itself when the message is sent.' }),
}).meta({ id: 'RewriteHtml' });

export const UpdateDraftTrackingIn = z.object({
  context: z.string().max(10_000).optional(),
}).meta({ id: 'UpdateDraftTrackingIn' });

export const TrackingViewing = z.object({
  threadId: z.string().optional(),
  internetMessageId: z.string().optional(),
}).meta({ id: 'TrackingViewing' });

export const SentReport = z.object({
  reportToken: z.string().max(500),
  subject: z.string().max(1000).optional(),
  recipients: z.array(z.string().max(320)).max(1000).optional().meta({ description: 'Addresses of all who get it, bcc too.' }),
  sentAt: dateTime.optional().meta({ description: 'When it was sent, where it is told later; now if left out. Never taken to be before the draft was prepared, nor in the future.' }),
  internetMessageId: z.string().max(998).optional().meta({ description: 'Of the sent message, where it is known already.' }),
}).meta({ id: 'SentReport' });

export const TrackingPolicyData = z.object({
  policy: TrackingPolicy,
  trackNewMessages: z.boolean().optional().meta({ description: 'New messages start tracked for whoever has not chosen for himself yet; false where it is left out.' }),
  retentionMonths: z.int().optional().meta({ description: 'Months after which events are deleted; not settable.' }),
}).meta({ id: 'TrackingPolicyData' });
