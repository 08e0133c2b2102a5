import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime, id, limit, offset } from '../../http/wire.ts';
import { OutEmailTrack } from '../email/messages.contract.ts';

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

export const trackingContract = {
  createDraftTracking: operation({
    method: 'post',
    path: '/v1/email/draftTracking/create',
    operationId: 'createDraftTracking',
    tag: 'EmailTracking',
    summary: 'Prepare a draft for tracking',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      draftId: z.string().min(1).meta({ description: 'Any id that stays the same for the draft; preparing it again keeps its code.' }),
      ignoreNotFound: z.boolean().optional().meta({ description: 'Do not look the draft up in the mailbox.' }),
    }),
    body: RewriteHtml,
    bodyLimit: 6_000_000,
    response: json(EmailDraftCreateTrackingResponse),
    errors: ['notFound', 'policy.denied'],
  }),

  convertDraftTracking: operation({
    method: 'patch',
    path: '/v1/email/draftTracking/{draftId}/convert',
    operationId: 'convertDraftTracking',
    tag: 'EmailTracking',
    summary: 'Tell that a prepared draft has been sent, and as which message',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    body: ConvertDraft,
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  reportSent: operation({
    method: 'post',
    path: '/v1/email/tracking/sent',
    operationId: 'reportSent',
    tag: 'EmailTracking',
    summary: 'Tell that a prepared draft is being sent, with the token that came with it; quick, because Outlook holds the message meanwhile',
    auth: 'none',
    body: SentReport,
    response: json(OkResponse),
    errors: ['request.invalid'],
    sundial: true,
  }),

  updateDraftTracking: operation({
    method: 'patch',
    path: '/v1/email/draftTracking/{draftId}',
    operationId: 'updateDraftTracking',
    tag: 'EmailTracking',
    summary: 'Change the context of a prepared draft',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    body: UpdateDraftTrackingIn,
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  getTracking: operation({
    method: 'get',
    path: '/v1/email/tracking',
    operationId: 'getTracking',
    tag: 'EmailTracking',
    summary: 'List tracked messages, newest first',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      withActivityOnly: z.boolean().default(false),
      limit: limit,
      offset: offset,
      contextContains: z.string().optional(),
      threadId: z.string().optional(),
      showSentOnly: z.boolean().default(true),
      messageId: z.string().optional(),
      internetMessageId: z.string().optional(),
      draftId: z.string().optional(),
      trackingCode: z.string().optional(),
    }),
    response: json(EmailTrackingPageNext),
    errors: [],
  }),

  purgeMyTracking: operation({
    method: 'post',
    path: '/v1/email/tracking/purgeMyTracking',
    operationId: 'purgeMyTracking',
    tag: 'EmailTracking',
    summary: 'Turn my own recent opens into `self`',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      threadId: z.string().optional(),
    }),
    headers: z.object({ 'user-agent': z.string().optional() }),
    response: json(OkResponse),
    errors: [],
  }),

  switchOpenClicks: operation({
    method: 'post',
    path: '/v1/email/tracking/ignoreOpenClicks',
    operationId: 'switchOpenClicks',
    tag: 'EmailTracking',
    summary: 'Stop or resume recording opens and clicks of a message',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      messageId: z.string().optional(),
      inetMessageId: z.string().optional(),
      isIgnored: z.boolean(),
    }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  getTrackingEvents: operation({
    method: 'get',
    path: '/v1/email/tracking/events',
    operationId: 'getTrackingEvents',
    tag: 'EmailTracking',
    summary: 'List tracking events of the account',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      threadId: z.string().optional(),
      from: dateTime.optional().meta({ description: 'Events after this moment, exclusive.' }),
      to: dateTime.optional().meta({ description: 'Events up to this moment, inclusive.' }),
      limit: limit,
      offset: offset,
      newestFirst: z.boolean().default(false).meta({ description: 'Oldest first else.' }),
    }),
    response: json(EmailTrackingEventPageNext),
    errors: [],
  }),

  deleteTracking: operation({
    method: 'delete',
    path: '/v1/email/tracking',
    operationId: 'deleteTracking',
    tag: 'EmailTracking',
    summary: 'Delete all tracking data of the account; tracked links in mail already sent go on redirecting',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    response: json(OkResponse),
    errors: [],
    sundial: true,
  }),

  trackingStream: operation({
    method: 'get',
    path: '/v1/email/tracking/stream',
    operationId: 'trackingStream',
    tag: 'EmailTracking',
    summary: 'Tracking and follow-up events as they happen (TrackingRecorded, FollowUpChanged); Last-Event-ID resumes',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    headers: z.object({ 'last-event-id': z.string().regex(/^\d{1,15}$/, 'the id of an event of this stream').optional() }),
    response: { kind: 'events' },
    errors: ['request.invalid'],
    sundial: true,
  }),

  markTrackingViewing: operation({
    method: 'post',
    path: '/v1/email/tracking/viewing',
    operationId: 'markTrackingViewing',
    tag: 'EmailTracking',
    summary: 'Tell that the sender is looking at a sent message now: loads within 5 seconds are his own',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    body: TrackingViewing,
    response: json(OkResponse),
    errors: [],
    sundial: true,
  }),

  getTrackingPolicy: operation({
    method: 'get',
    path: '/v1/email/tracking/policy',
    operationId: 'getTrackingPolicy',
    tag: 'EmailTracking',
    summary: 'What the organisation allows, and how long events are kept',
    auth: 'account',
    response: json(TrackingPolicyData),
    errors: [],
    sundial: true,
  }),

  setTrackingPolicy: operation({
    method: 'put',
    path: '/v1/email/tracking/policy',
    operationId: 'setTrackingPolicy',
    tag: 'EmailTracking',
    summary: 'Set what the organisation allows',
    auth: 'app',
    body: TrackingPolicyData,
    response: json(TrackingPolicyData),
    errors: [],
    sundial: true,
  }),

  trackingById: operation({
    method: 'get',
    path: '/v1/email/tracking/{id}',
    operationId: 'trackingById',
    tag: 'EmailTracking',
    summary: 'Get a tracked message',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ id: id }),
    response: json(TrackingData),
    errors: ['notFound'],
  }),

  trackingEvents: operation({
    method: 'get',
    path: '/v1/email/tracking/{id}/events',
    operationId: 'trackingEvents',
    tag: 'EmailTracking',
    summary: 'List the events of a tracked message',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ id: id }),
    query: z.object({
      limit: limit,
      offset: offset,
      newestFirst: z.boolean().default(false),
    }),
    response: json(EmailTrackingEventPageNext),
    errors: ['notFound'],
  }),

  trackingEventById: operation({
    method: 'get',
    path: '/v1/email/tracking/{trackingId}/events/{id}',
    operationId: 'trackingEventById',
    tag: 'EmailTracking',
    summary: 'Get one tracking event',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ trackingId: id, id: id }),
    response: json(EmailTrackingEvent),
    errors: ['notFound'],
  }),

  optOutPage: operation({
    method: 'get',
    path: '/o/{code}',
    operationId: 'optOutPage',
    tag: 'EmailTracking',
    summary: 'The page on which a recipient turns recording off',
    auth: 'none',
    params: z.object({ code: z.string() }),
    response: { kind: 'page' },
    errors: [],
    sundial: true,
    hidden: true,
  }),

  optOut: operation({
    method: 'post',
    path: '/o/{code}',
    operationId: 'optOut',
    tag: 'EmailTracking',
    summary: 'Turns recording off',
    auth: 'none',
    params: z.object({ code: z.string() }),
    response: { kind: 'page' },
    errors: [],
    sundial: true,
    hidden: true,
  }),
} as const;
