import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime, id, limit, offset } from '../../http/wire.ts';
import { OutEmailTrack } from '../email/messages.contract.ts';

export const ConvertDraft = z.object({
  threadId: z.string().optional(),
  messageId: z.string().optional(),
  internetMessageId: z.string().optional(),
}).meta({ id: 'ConvertDraft' });

export const EmailDraftCreateTrackingResponse = z.object({
  trackReplies: z.boolean().optional(),
  htmlBody: z.string().optional(),
  trackingCode: z.string().optional(),
  context: z.string().optional(),
  linkCodes: z.array(z.record(z.string(), z.unknown())).optional(),
  trackingId: z.string().optional(),
}).meta({ id: 'EmailDraftCreateTrackingResponse' });

export const EmailTrackingEvent = z.object({
  id: z.int(),
  createdAt: dateTime.optional(),
  eventType: z.enum(['open', 'click', 'initial', 'reply', 'replyBounce']).optional(),
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
  openCount: z.int().optional(),
  ignoreOpenClicks: z.boolean().optional(),
  hasBounced: z.boolean().optional(),
}).meta({ id: 'TrackingData' });

export const EmailTrackingPageNext = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(TrackingData),
}).meta({ id: 'EmailTrackingPageNext' });

export const RewriteHtml = z.object({
  htmlText: z.string().optional(),
  tracking: OutEmailTrack.optional(),
}).meta({ id: 'RewriteHtml' });

export const UpdateDraftTrackingIn = z.object({
  context: z.string().optional(),
}).meta({ id: 'UpdateDraftTrackingIn' });

export const trackingContract = {
  createDraftTracking: operation({
    method: 'post',
    path: '/v1/email/draftTracking/create',
    operationId: 'createDraftTracking',
    tag: 'EmailTracking',
    summary: 'Create draft tracking',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      draftId: z.string(),
      ignoreNotFound: z.boolean().optional(),
    }),
    body: RewriteHtml,
    response: json(EmailDraftCreateTrackingResponse),
    errors: [],
  }),

  convertDraftTracking: operation({
    method: 'patch',
    path: '/v1/email/draftTracking/{draftId}/convert',
    operationId: 'convertDraftTracking',
    tag: 'EmailTracking',
    summary: 'Convert draft tracking',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    body: ConvertDraft,
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  updateDraftTracking: operation({
    method: 'patch',
    path: '/v1/email/draftTracking/{draftId}',
    operationId: 'updateDraftTracking',
    tag: 'EmailTracking',
    summary: 'Update draft tracking',
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
    summary: 'Get tracking',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      withActivityOnly: z.boolean().default(false),
      limit: limit,
      offset: offset,
      contextContains: z.string().optional(),
      threadId: z.string().optional(),
      showSentOnly: z.boolean().default(true),
    }),
    response: json(EmailTrackingPageNext),
    errors: [],
  }),

  purgeMyTracking: operation({
    method: 'post',
    path: '/v1/email/tracking/purgeMyTracking',
    operationId: 'purgeMyTracking',
    tag: 'EmailTracking',
    summary: 'Purge my tracking',
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
    summary: 'Switch open clicks',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      messageId: z.string().optional(),
      inetMessageId: z.string().optional(),
      isIgnored: z.boolean(),
    }),
    response: json(OkResponse),
    errors: [],
  }),

  getTrackingEvents: operation({
    method: 'get',
    path: '/v1/email/tracking/events',
    operationId: 'getTrackingEvents',
    tag: 'EmailTracking',
    summary: 'Get tracking events',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      threadId: z.string().optional(),
      from: dateTime.optional(),
      to: dateTime.optional(),
      limit: limit,
      offset: offset,
    }),
    response: json(EmailTrackingEventPageNext),
    errors: [],
  }),

  trackingById: operation({
    method: 'get',
    path: '/v1/email/tracking/{id}',
    operationId: 'trackingById',
    tag: 'EmailTracking',
    summary: 'Tracking by id',
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
    summary: 'Tracking events',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ id: id }),
    query: z.object({
      limit: limit,
      offset: offset,
    }),
    response: json(EmailTrackingEventPageNext),
    errors: ['notFound'],
  }),

  trackingEventById: operation({
    method: 'get',
    path: '/v1/email/tracking/{trackingId}/events/{id}',
    operationId: 'trackingEventById',
    tag: 'EmailTracking',
    summary: 'Tracking event by id',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ trackingId: id, id: id }),
    response: json(EmailTrackingEvent),
    errors: ['notFound'],
  }),
} as const;
