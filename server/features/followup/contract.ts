import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime, id, limit, offset } from '../../http/wire.ts';

/** A field that the reference does not have. */
const addition = <S extends z.ZodType>(schema: S, description: string): S => schema.meta({ description, 'x-sundial': true });

/** Text as the database can hold it: no NUL, no half of a surrogate pair. */
export const text = (most: number) => z.string().max(most).refine((s) => !s.includes('\u0000') && s.isWellFormed(), 'must be text without NUL characters and lone surrogates');

const BODY = 200_000;
const address = z.email('must be an e-mail address');
const targets = z.array(address).max(100);
const days = z.int().min(0).max(365);
const actionVars = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'a variable is letters, digits, _ . and -, beginning with a letter or _'), text(10_000))
  .refine((vars) => Object.keys(vars).length <= 100, 'at most 100 variables');

export const FollowupRuleAction = z.object({
  intervalDays: days.optional().describe('Days after the step before, or after the start.'),
  message: text(BODY).optional().describe('HTML; templateBody where it is left out. {{name}}, {{firstName}}, {{email}} are the recipient\'s, {{senderName}}, {{senderEmail}}, {{subject}} the message\'s, all others come from actionVars.'),
}).meta({ id: 'FollowupRuleAction' });

const ruleFields = {
  name: text(200).optional(),
  expectThreadResponse: z.boolean().optional().describe('False: the steps go on although somebody answers. Else an answer in the thread stops them.'),
  templateBody: text(BODY).optional().describe('HTML, with the same variables as a step.'),
  templateSubject: text(1000).optional(),
  actions: z.array(FollowupRuleAction).max(50).optional(),
  workingDays: addition(z.boolean().optional(), 'intervalDays count working days of the sender; calendar days else.'),
};

export const FollowupRuleAggregateIn = z.object(ruleFields).meta({ id: 'FollowupRuleAggregateIn' });

export const FollowupRuleAggregateOut = z.object({
  id: z.int(),
  ...ruleFields,
  kind: addition(z.enum(['sequence', 'template', 'both', 'empty']).optional(), 'What the rule is by what it holds: actions make a sequence, a template subject or body a template.'),
  running: addition(z.int().optional(), 'Conversations that this rule is running in now.'),
}).meta({ id: 'FollowupRuleAggregateOut' });

export const FollowupRulesPage = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(FollowupRuleAggregateOut),
}).meta({ id: 'FollowupRulesPage' });

export const DripStep = z.object({
  num: z.int().describe('From 1.'),
  state: z.enum(['planned', 'sending', 'sent', 'skipped', 'inDoubt', 'failed', 'cancelled']).describe('inDoubt: the connection broke when it was not known whether the message was taken; it is not sent again by itself.'),
  plannedAt: dateTime.optional(),
  sentAt: dateTime.optional(),
  messageId: z.string().optional().describe('Id of the sent message.'),
  internetMessageId: z.string(),
}).meta({ id: 'DripStep' });

export const ConversationDripStatus = z.object({
  convoId: z.string(),
  subject: z.string().optional(),
  status: z.enum(['disabled', 'active', 'failed', 'finished', 'ruleIncomplete']),
  rule: FollowupRuleAggregateOut.optional(),
  dripStartedAt: dateTime.optional(),
  dripLastNum: z.int().optional(),
  dripError: z.string().optional(),
  dripEndedAt: dateTime.optional(),
  actionVars: z.record(z.string(), z.string()).optional(),
  targets: z.array(z.string()).optional(),
  dripResponder: z.string().optional(),
  nextAt: addition(dateTime.optional(), 'When the next step is due.'),
  stopReason: addition(z.enum(['answered', 'bounced', 'optedOut', 'booked', 'stopped', 'completed', 'ruleDeleted', 'ruleIncomplete', 'inDoubt', 'failed']).optional(), 'Why it is over.'),
  pauseReason: addition(z.enum(['away', 'newsLost']).optional(), 'The next step waits. away: a target answered that nobody is there. newsLost: what happened to mail of the account could not be processed and may have been an answer; the operator of the server has to decide about it.'),
  pausedUntil: addition(dateTime.optional(), 'How long the absence was said, or is taken, to last.'),
  missing: addition(z.array(z.string()).optional(), 'Variables without a value, where the status is ruleIncomplete.'),
  steps: addition(z.array(DripStep).optional(), 'The steps of the present run.'),
}).meta({ id: 'ConversationDripStatus' });

export const ConversationDripStatusPage = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(ConversationDripStatus),
}).meta({ id: 'ConversationDripStatusPage' });

const startFields = {
  ruleId: id.optional(),
  targets: targets.optional().describe('Who is written to; the recipients of the last message that the account sent in the thread where it is left out. Who opted out of the account\'s tracked mail is not written to.'),
  actionVars: actionVars.optional(),
  afterDays: addition(days.optional(), 'Days until the first step, in place of the rule\'s.'),
  workingDays: addition(z.boolean().optional(), 'Count working days, in place of the rule\'s own way.'),
};

export const DripRequestDTO = z.object({
  status: z.enum(['disabled', 'active']).optional().describe('active starts, or goes on behind the last step that was sent; disabled stops.'),
  ...startFields,
  dripAfter: dateTime.optional().describe('No step goes out before this.'),
  restart: addition(z.boolean().optional(), 'With status active: begin again from the first step.'),
  skipStep: addition(z.boolean().optional(), 'Leave the next step out.'),
  nextAt: addition(dateTime.optional(), 'When the next step goes out; moved to the working time that follows where it is none.'),
  resume: addition(z.boolean().optional(), 'End a pause: the next step goes out as it was planned before.'),
}).meta({ id: 'DripRequestDTO' });

export const FollowupConfig = z.object({
  timezone: z.string().optional().describe('IANA name; the account\'s zone where it is left out.'),
  emailAliases: z.array(address).max(100).optional().describe('Further addresses of the sender; mail from them is no answer.'),
}).meta({ id: 'FollowupConfig' });

export const FollowUpDraftIn = z.object({ ...startFields, ruleId: id }).meta({ id: 'FollowUpDraftIn' });

export const FollowUpDraft = z.object({
  trackingCode: z.string(),
  ruleId: z.int(),
  rule: FollowupRuleAggregateOut.optional(),
  actionVars: z.record(z.string(), z.string()),
  targets: z.array(z.string()).optional(),
  afterDays: z.int().optional(),
  workingDays: z.boolean().optional(),
  convoId: z.string().optional().describe('The thread it runs in, once the message has been sent.'),
}).meta({ id: 'FollowUpDraft' });

export const FollowUpPreviewIn = z.object({
  ruleId: id.optional(),
  rule: FollowupRuleAggregateIn.optional().describe('A rule that is not saved yet, in place of ruleId.'),
  actionVars: actionVars.optional(),
  targets: targets.optional(),
  targetNames: z.record(z.string(), text(500)).optional().describe('Display names by address, where no thread knows them.'),
  threadId: z.string().max(500).optional(),
  subject: text(1000).optional().describe('Of the message being written, where there is no thread yet.'),
  afterDays: days.optional(),
  workingDays: z.boolean().optional(),
}).meta({ id: 'FollowUpPreviewIn' });

export const FollowUpPreview = z.object({
  targets: z.array(z.string()),
  steps: z.array(z.object({
    num: z.int(),
    plannedAt: dateTime,
    subject: z.string(),
    html: z.string(),
    missing: z.array(z.string()),
  })),
  template: z.object({
    subject: z.string().optional(),
    html: z.string().optional(),
    missing: z.array(z.string()),
  }).optional(),
  missing: z.array(z.string()).describe('Variables of the steps without a value.'),
  timezone: z.string(),
}).meta({ id: 'FollowUpPreview' });

export const reading = ['Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.All'] as const;
export const sending = ['Mail.Send', 'Mail.All'] as const;
const convoId = z.string().min(1).max(500).describe('Id of the thread.');
export const trackingCode = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, 'must be a tracking code as draftTracking/create gives it');

export const followupContract = {
  getConfig: operation({
    method: 'get',
    path: '/v1/followup/config',
    operationId: 'getConfig',
    tag: 'FollowUpRobot',
    summary: 'The zone and the further addresses that follow-ups of the account use',
    auth: 'account',
    scopes: reading,
    response: json(FollowupConfig),
    errors: [],
  }),

  updateConfig: operation({
    method: 'put',
    path: '/v1/followup/config',
    operationId: 'updateConfig',
    tag: 'FollowUpRobot',
    summary: 'Change the zone or the further addresses; what is left out stays',
    auth: 'account',
    scopes: sending,
    body: FollowupConfig,
    response: json(FollowupConfig),
    errors: [],
  }),

  getRules: operation({
    method: 'get',
    path: '/v1/followup/rules',
    operationId: 'getRules',
    tag: 'FollowUpRobot',
    summary: 'List sequences and templates as a page',
    auth: 'account',
    scopes: reading,
    query: z.object({
      limit: addition(limit, 'Page size.'),
      offset: addition(offset, 'Page offset.'),
    }),
    // The reference declares one rule and its servers answer a list; declared as either, answered as a page.
    response: json(z.union([FollowupRulesPage, FollowupRuleAggregateOut])),
    errors: [],
  }),

  createRule: operation({
    method: 'post',
    path: '/v1/followup/rules',
    operationId: 'createRule',
    tag: 'FollowUpRobot',
    summary: 'Create a sequence (with actions), a template (with a template subject or body), or both in one',
    auth: 'account',
    scopes: sending,
    idempotent: true,
    body: FollowupRuleAggregateIn,
    response: json(FollowupRuleAggregateOut),
    errors: [],
  }),

  deleteRule: operation({
    method: 'delete',
    path: '/v1/followup/rules/{id}',
    operationId: 'deleteRule',
    tag: 'FollowUpRobot',
    summary: 'Delete a rule; its running conversations stop',
    auth: 'account',
    scopes: sending,
    params: z.object({ id }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  updateRule: operation({
    method: 'put',
    path: '/v1/followup/rules/{id}',
    operationId: 'updateRule',
    tag: 'FollowUpRobot',
    summary: 'Replace a rule; running conversations use its new texts from their next step on',
    auth: 'account',
    scopes: sending,
    params: z.object({ id }),
    body: FollowupRuleAggregateIn,
    response: json(FollowupRuleAggregateOut),
    errors: ['notFound'],
  }),

  getConversationsDripStatus: operation({
    method: 'get',
    path: '/v1/followup/conversations',
    operationId: 'getConversationsDripStatus',
    tag: 'FollowUpRobot',
    summary: 'List the threads that have or had a follow-up, last changed first',
    auth: 'account',
    scopes: reading,
    query: z.object({
      active: z.boolean().optional().describe('True: running ones. False: those that are over. All where it is left out.'),
      limit,
      offset,
    }),
    response: json(ConversationDripStatusPage),
    errors: [],
  }),

  getConversationDripStatus: operation({
    method: 'get',
    path: '/v1/followup/conversations/{convoId}',
    operationId: 'getConversationDripStatus',
    tag: 'FollowUpRobot',
    summary: 'The follow-up of a thread; status disabled where it has none',
    auth: 'account',
    scopes: reading,
    params: z.object({ convoId }),
    response: json(ConversationDripStatus),
    errors: ['notFound'],
  }),

  updateConversationDripStatus: operation({
    method: 'put',
    path: '/v1/followup/conversations/{convoId}',
    operationId: 'updateConversationDripStatus',
    tag: 'FollowUpRobot',
    summary: 'Start, stop, start again or change the follow-up of a thread',
    auth: 'account',
    scopes: sending,
    params: z.object({ convoId }),
    body: DripRequestDTO,
    response: json(ConversationDripStatus),
    errors: ['notFound', 'conflict'],
  }),

  previewFollowUp: operation({
    method: 'post',
    path: '/v1/followup/preview',
    operationId: 'previewFollowUp',
    tag: 'FollowUpRobot',
    summary: 'What a rule would send and when, if it started now; nothing is stored or sent',
    auth: 'account',
    scopes: reading,
    body: FollowUpPreviewIn,
    response: json(FollowUpPreview),
    errors: ['notFound'],
    sundial: true,
  }),

  getFollowUpDraft: operation({
    method: 'get',
    path: '/v1/followup/drafts/{trackingCode}',
    operationId: 'getFollowUpDraft',
    tag: 'FollowUpRobot',
    summary: 'The follow-up that starts when the draft with this tracking code is sent',
    auth: 'account',
    scopes: reading,
    params: z.object({ trackingCode }),
    response: json(FollowUpDraft),
    errors: ['notFound'],
    sundial: true,
  }),

  putFollowUpDraft: operation({
    method: 'put',
    path: '/v1/followup/drafts/{trackingCode}',
    operationId: 'putFollowUpDraft',
    tag: 'FollowUpRobot',
    summary: 'Start this follow-up when the draft with this tracking code is sent',
    auth: 'account',
    scopes: sending,
    params: z.object({ trackingCode }),
    body: FollowUpDraftIn,
    response: json(FollowUpDraft),
    errors: ['notFound', 'conflict'],
    sundial: true,
  }),

  deleteFollowUpDraft: operation({
    method: 'delete',
    path: '/v1/followup/drafts/{trackingCode}',
    operationId: 'deleteFollowUpDraft',
    tag: 'FollowUpRobot',
    summary: 'Do not start a follow-up for this draft after all',
    auth: 'account',
    scopes: sending,
    params: z.object({ trackingCode }),
    response: json(OkResponse),
    errors: ['notFound'],
    sundial: true,
  }),
} as const;
