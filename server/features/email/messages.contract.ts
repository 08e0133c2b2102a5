import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { BodyType, NativeProperty, OkResponse, dateTime } from '../../http/wire.ts';

export const EmailAttachmentContent = z.object({
  content: z.string().optional(),
}).meta({ id: 'EmailAttachmentContent' });

export const EmailAddress = z.object({
  name: z.string().optional(),
  address: z.string().optional(),
  raw: z.string().optional(),
}).meta({ id: 'EmailAddress' });

export const EmailAttachment = z.object({
  id: z.string(),
  name: z.string().optional(),
  mimeType: z.string().optional(),
  size: z.int().optional(),
  inline: z.boolean().optional(),
  contentId: z.string().optional(),
  content: z.string().optional(),
  contentLocation: z.string().optional(),
}).meta({ id: 'EmailAttachment' });

export const EmailHeader = z.object({
  name: z.string().optional(),
  value: z.string().optional(),
}).meta({ id: 'EmailHeader' });

export const Sensitivity = z.enum(['normal', 'private', 'personal', 'confidential']).meta({ id: 'Sensitivity' });

export const SysLabel = z.enum(['junk', 'trash', 'sent', 'inbox', 'unread', 'flagged', 'important', 'draft']).meta({ id: 'SysLabel' });

export const EmailMessage = z.object({
  id: z.string(),
  threadId: z.string().optional(),
  createdTime: dateTime.optional(),
  lastModifiedTime: dateTime.optional(),
  sentAt: dateTime.optional(),
  receivedAt: dateTime.optional(),
  internetMessageId: z.string().optional(),
  subject: z.string().optional(),
  sysLabels: z.array(SysLabel).optional(),
  keywords: z.array(z.string()).optional(),
  sysClassifications: z.array(z.enum(['personal', 'social', 'promotions', 'updates', 'forums'])).optional(),
  sensitivity: Sensitivity.optional(),
  meetingMessageMethod: z.enum(['request', 'reply', 'cancel', 'counter', 'other']).optional(),
  from: EmailAddress.optional(),
  to: z.array(EmailAddress).optional(),
  cc: z.array(EmailAddress).optional(),
  bcc: z.array(EmailAddress).optional(),
  replyTo: z.array(EmailAddress).optional(),
  hasAttachments: z.boolean().optional(),
  body: z.string().optional(),
  bodySnippet: z.string().optional(),
  attachments: z.array(EmailAttachment).optional(),
  inReplyTo: z.string().optional(),
  references: z.string().optional(),
  threadIndex: z.string().optional(),
  internetHeaders: z.array(EmailHeader).optional(),
  nativeProperties: z.record(z.string(), z.string()).optional(),
  folderId: z.string().optional(),
  webLink: z.string().optional(),
  omitted: z.array(z.enum(['threadId', 'body', 'attachments', 'recipients', 'internetHeaders'])).optional(),
}).meta({ id: 'EmailMessage' });

export const EmailMessagesPageNext = z.object({
  nextPageToken: z.string().optional(),
  length: z.int(),
  records: z.array(EmailMessage),
}).meta({ id: 'EmailMessagesPageNext' });

export const EmailSendError = z.object({
  failedSteps: z.array(z.enum(['tracking', 'followUp', 'keywords', 'returnIds'])).optional(),
  errorMessage: z.string().optional(),
}).meta({ id: 'EmailSendError' });

export const EmailSendResponse = z.object({
  status: z.enum(['Ok']),
  id: z.string(),
  submittedMessageId: z.string().optional(),
  threadId: z.string().optional(),
  trackingId: z.string().optional(),
  processingStatus: z.enum(['Ok', 'Incomplete']).optional(),
  processingError: EmailSendError.optional(),
}).meta({ id: 'EmailSendResponse' });

/** Strict: an address that a message is sent to or from. */
export const EmailAddressIn = z.object({
  name: z.string().optional(),
  address: z.email(),
  /** Accepted because clients echo what they read; the parts above are what counts. */
  raw: z.string().optional(),
}).meta({ id: 'EmailAddressIn' });

export const FollowUpOutgoing = z.object({
  ruleId: z.int().optional(),
  actionVars: z.record(z.string(), z.string()).optional(),
}).meta({ id: 'FollowUpOutgoing' });

export const OutEmailTrack = z.object({
  threadReplies: z.boolean().optional(),
  opens: z.boolean().optional(),
  /** Addition: links of the message are rewritten, so that visits show. */
  links: z.boolean().optional(),
  /** Seconds after the send in which a load is not counted; 5 unless told. */
  trackOpensAfterSendDelay: z.int().min(0).max(86_400).optional(),
  context: z.string().max(10_000).optional(),
}).meta({ id: 'OutEmailTrack' });

export const OutgoingEmailAttachment = z.object({
  inline: z.boolean().optional(),
  name: z.string().optional(),
  mimeType: z.string().optional(),
  contentId: z.string().optional(),
  content: z.string().optional(),
}).meta({ id: 'OutgoingEmailAttachment' });

export const OutgoingEmail = z.object({
  from: EmailAddressIn.optional(),
  subject: z.string().optional(),
  body: z.string().optional(),
  inReplyTo: z.string().optional(),
  references: z.string().optional(),
  to: z.array(EmailAddressIn).optional(),
  cc: z.array(EmailAddressIn).optional(),
  bcc: z.array(EmailAddressIn).optional(),
  replyTo: z.array(EmailAddressIn).optional(),
  xHeaders: z.array(EmailHeader).optional(),
  attachments: z.array(OutgoingEmailAttachment).optional(),
  tracking: OutEmailTrack.optional(),
  followUp: FollowUpOutgoing.optional(),
  keywords: z.array(z.string()).optional(),
}).meta({ id: 'OutgoingEmail' });

/** The thread's headers come from the message that is answered. */
export const OutgoingEmailReply = OutgoingEmail.omit({ inReplyTo: true, references: true, keywords: true }).meta({ id: 'OutgoingEmailReply' });

export const UpdateMessageStatusData = z.object({
  unread: z.boolean().optional(),
  archived: z.boolean().optional(),
  keywords: z.array(z.string().min(1).max(100)).max(50).optional(),
}).meta({ id: 'UpdateMessageStatusData' });

export const SearchText = z.string().optional().meta({ description: 'Words, "phrases", from: to: cc: subject: after: before: (2026-01-31 or 01/31/2026, in the account\'s zone) has:attachment is:unread is:read is:flagged in:folder; a minus negates.' });

/** 25 MB of attachments as base64 in JSON, with room for the body. */
export const MAIL_BODY_LIMIT = 36_700_160;

export const messagesContract = {
  messages: operation({
    method: 'get',
    path: '/v1/email/messages',
    operationId: 'messages',
    tag: 'Messages',
    summary: 'List messages, newest first',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      pageToken: z.string().optional(),
      q: SearchText,
      bodyType: BodyType.optional(),
      includeTrashAndJunk: z.boolean().optional(),
      nativeProperties: z.array(NativeProperty).optional(),
    }),
    response: json(EmailMessagesPageNext),
    errors: ['request.invalid', 'page.invalid'],
  }),

  send: operation({
    method: 'post',
    path: '/v1/email/messages',
    operationId: 'send',
    tag: 'Messages',
    summary: 'Send a message',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    query: z.object({
      bodyType: BodyType.optional(),
      returnIds: z.boolean().optional(),
    }),
    body: OutgoingEmail,
    idempotent: true,
    response: json(EmailSendResponse, 201),
    bodyLimit: MAIL_BODY_LIMIT,
    errors: ['request.invalid', 'access.denied', 'payload.tooLarge'],
  }),

  deleteMessage: operation({
    method: 'delete',
    path: '/v1/email/messages/{messageId}',
    operationId: 'deleteMessage',
    tag: 'Messages',
    summary: 'Delete a message: to the trash, from the trash for good',
    auth: 'account',
    scopes: ['Mail.ReadWrite', 'Mail.All'],
    params: z.object({ messageId: z.string() }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  message: operation({
    method: 'get',
    path: '/v1/email/messages/{messageId}',
    operationId: 'message',
    tag: 'Messages',
    summary: 'Get a message',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ messageId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
      nativeProperties: z.array(NativeProperty).optional(),
      loadInlines: z.boolean().default(false),
      stripQuoted: z.boolean().default(false),
      requireThreadId: z.boolean().default(false),
    }),
    response: json(EmailMessage),
    errors: ['notFound', 'thread.pending'],
  }),

  messageRaw: operation({
    method: 'get',
    path: '/v1/email/messages/{messageId}/raw',
    operationId: 'messageRaw',
    tag: 'Messages',
    summary: 'Get a message as it was received (MIME)',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ messageId: z.string() }),
    response: { kind: 'bytes', mediaType: 'text/plain' },
    errors: ['notFound'],
  }),

  updateMessageStatus: operation({
    method: 'post',
    path: '/v1/email/messages/{messageId}/status',
    operationId: 'updateMessageStatus',
    tag: 'Messages',
    summary: 'Set unread, archived and keywords',
    auth: 'account',
    scopes: ['Mail.ReadWrite', 'Mail.All'],
    params: z.object({ messageId: z.string() }),
    body: UpdateMessageStatusData,
    response: json(OkResponse),
    errors: ['request.invalid', 'notFound'],
  }),

  conversation: operation({
    method: 'get',
    path: '/v1/email/conversations/{threadId}',
    operationId: 'conversation',
    tag: 'Messages',
    summary: "List a thread's messages, oldest first",
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ threadId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
      pageToken: z.string().optional(),
    }),
    response: json(EmailMessagesPageNext),
    errors: ['notFound', 'page.invalid'],
  }),

  reply: operation({
    method: 'post',
    path: '/v1/email/messages/{messageId}/reply',
    operationId: 'reply',
    tag: 'Messages',
    summary: 'Reply to a message',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    params: z.object({ messageId: z.string() }),
    query: z.object({
      bodyType: BodyType.optional(),
      returnIds: z.boolean().optional(),
    }),
    body: OutgoingEmailReply,
    idempotent: true,
    response: json(EmailSendResponse),
    bodyLimit: MAIL_BODY_LIMIT,
    errors: ['request.invalid', 'access.denied', 'notFound', 'payload.tooLarge'],
  }),

  emailAttachment: operation({
    method: 'get',
    path: '/v1/email/messages/{messageId}/attachments/{attachmentId}',
    operationId: 'emailAttachment',
    tag: 'Messages',
    summary: 'Download an attachment (base64)',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ messageId: z.string(), attachmentId: z.string() }),
    response: json(EmailAttachmentContent),
    errors: ['notFound'],
  }),
} as const;
