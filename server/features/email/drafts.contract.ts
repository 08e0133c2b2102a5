import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { BodyType, NativeProperty, OkResponse, dateTime } from '../../http/wire.ts';
import { EmailMessage, OutEmailTrack, OutgoingEmail } from './messages.contract.ts';

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
}).meta({ id: 'EmailDraftSendResponse' });

export const draftsContract = {
  createDraft: operation({
    method: 'post',
    path: '/v1/email/drafts',
    operationId: 'createDraft',
    tag: 'Drafts',
    summary: 'Create draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      bodyType: BodyType.optional(),
    }),
    body: OutgoingEmail,
    response: json(EmailDraftResponse),
    errors: [],
  }),

  deleteDraft: operation({
    method: 'delete',
    path: '/v1/email/drafts/{draftId}',
    operationId: 'deleteDraft',
    tag: 'Drafts',
    summary: 'Delete draft',
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
    summary: 'Get draft',
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
    summary: 'Update draft',
    auth: 'account',
    scopes: ['Mail.Drafts', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
    }),
    body: OutgoingEmail,
    response: json(EmailDraftResponse),
    errors: ['notFound'],
  }),

  sendDraft: operation({
    method: 'post',
    path: '/v1/email/drafts/{draftId}/send',
    operationId: 'sendDraft',
    tag: 'Drafts',
    summary: 'Send draft',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.Drafts', 'Mail.All'],
    params: z.object({ draftId: z.string() }),
    query: z.object({
      sendTime: dateTime.optional(),
    }),
    body: DraftSendDetails,
    response: json(EmailDraftSendResponse),
    errors: ['notFound'],
  }),
} as const;
