import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { BodyType, NativeProperty, OkResponse, dateTime } from '../../http/wire.ts';
import { EmailMessage, MAIL_BODY_LIMIT, OutEmailTrack, OutgoingEmail } from './messages.contract.ts';

export const DraftSendDetails = z.object({
  tracking: OutEmailTrack.optional(),
}).meta({ id: 'DraftSendDetails' });

export const ScheduledDraft = z.object({
  jobId: z.int().optional(),
  sendTime: dateTime.optional(),
  status: z.enum(['scheduled', 'sent', 'failed']),
  errorMessage: z.string().optional(),
}).meta({ id: 'ScheduledDraft' });

export const EmailDraft = z.object({
  id: z.string(),
  message: EmailMessage.optional(),
  scheduled: ScheduledDraft.optional(),
}).meta({ id: 'EmailDraft' });

export const EmailDraftResponse = z.object({
  id: z.string(),
  webLink: z.string().optional(),
}).meta({ id: 'EmailDraftResponse' });

export const EmailDraftSendResponse = z.object({
  status: z.enum(['Ok', 'Scheduled']),
  trackingId: z.string().optional(),
  /** Additions: the sent message, which is another one than the draft. */
  id: z.string().optional(),
  threadId: z.string().optional(),
  internetMessageId: z.string().optional(),
}).meta({ id: 'EmailDraftSendResponse' });

export const draftsContract = {
  createDraft: operation({
    method: 'post',
    path: '/v1/email/drafts',
    operationId: 'createDraft',
    tag: 'Drafts',
    summary: 'Create a draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      bodyType: BodyType.optional(),
    }),
    body: OutgoingEmail,
    idempotent: true,
    response: json(EmailDraftResponse),
    bodyLimit: MAIL_BODY_LIMIT,
    errors: ['request.invalid', 'access.denied', 'payload.tooLarge'],
  }),

  deleteDraft: operation({
    method: 'delete',
    path: '/v1/email/drafts/{draftId}',
    operationId: 'deleteDraft',
    tag: 'Drafts',
    summary: 'Delete a draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  getDraft: operation({
    method: 'get',
    path: '/v1/email/drafts/{draftId}',
    operationId: 'getDraft',
    tag: 'Drafts',
    summary: 'Get a draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
      nativeProperties: z.array(NativeProperty).optional(),
      loadInlines: z.boolean().default(false),
    }),
    response: json(EmailDraft),
    errors: ['notFound'],
  }),

  updateDraft: operation({
    method: 'put',
    path: '/v1/email/drafts/{draftId}',
    operationId: 'updateDraft',
    tag: 'Drafts',
    summary: 'Replace a draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
    }),
    body: OutgoingEmail,
    response: json(EmailDraftResponse),
    bodyLimit: MAIL_BODY_LIMIT,
    errors: ['request.invalid', 'access.denied', 'notFound', 'payload.tooLarge'],
  }),

  sendDraft: operation({
    method: 'post',
    path: '/v1/email/drafts/{draftId}/send',
    operationId: 'sendDraft',
    tag: 'Drafts',
    summary: 'Send a draft',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    query: z.object({
      sendTime: dateTime.optional(),
    }),
    body: DraftSendDetails,
    bodyOptional: true,
    idempotent: true,
    response: json(EmailDraftSendResponse),
    errors: ['request.invalid', 'notFound', 'notSupportedYet'],
  }),
} as const;
