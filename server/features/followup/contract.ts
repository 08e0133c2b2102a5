import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime, id, limit, offset } from '../../http/wire.ts';

export const FollowupRuleAction = z.object({
  intervalDays: z.int().optional(),
  message: z.string().optional(),
}).meta({ id: 'FollowupRuleAction' });

export const FollowupRuleAggregateOut = z.object({
  id: z.int(),
  name: z.string().optional(),
  expectThreadResponse: z.boolean().optional(),
  templateBody: z.string().optional(),
  templateSubject: z.string().optional(),
  actions: z.array(FollowupRuleAction).optional(),
}).meta({ id: 'FollowupRuleAggregateOut' });

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
}).meta({ id: 'ConversationDripStatus' });

export const ConversationDripStatusPage = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(ConversationDripStatus),
}).meta({ id: 'ConversationDripStatusPage' });

export const DripRequestDTO = z.object({
  status: z.enum(['disabled', 'active']).optional(),
  ruleId: z.int().optional(),
  dripAfter: dateTime.optional(),
  targets: z.array(z.string()).optional(),
  actionVars: z.record(z.string(), z.string()).optional(),
}).meta({ id: 'DripRequestDTO' });

export const FollowupConfig = z.object({
  timezone: z.string().optional(),
  emailAliases: z.array(z.string()).optional(),
}).meta({ id: 'FollowupConfig' });

export const FollowupRuleAggregateIn = z.object({
  name: z.string().optional(),
  expectThreadResponse: z.boolean().optional(),
  templateBody: z.string().optional(),
  templateSubject: z.string().optional(),
  actions: z.array(FollowupRuleAction).optional(),
}).meta({ id: 'FollowupRuleAggregateIn' });

export const followupContract = {
  getConfig: operation({
    method: 'get',
    path: '/v1/followup/config',
    operationId: 'getConfig',
    tag: 'FollowUpRobot',
    summary: 'Get config',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.All'],
    response: json(FollowupConfig),
    errors: [],
  }),

  updateConfig: operation({
    method: 'put',
    path: '/v1/followup/config',
    operationId: 'updateConfig',
    tag: 'FollowUpRobot',
    summary: 'Update config',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    body: FollowupConfig,
    response: json(FollowupConfig),
    errors: [],
  }),

  getRules: operation({
    method: 'get',
    path: '/v1/followup/rules',
    operationId: 'getRules',
    tag: 'FollowUpRobot',
    summary: 'Get rules',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.All'],
    response: json(FollowupRuleAggregateOut),
    errors: [],
  }),

  createRule: operation({
    method: 'post',
    path: '/v1/followup/rules',
    operationId: 'createRule',
    tag: 'FollowUpRobot',
    summary: 'Create rule',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    body: FollowupRuleAggregateIn,
    response: json(FollowupRuleAggregateOut),
    errors: [],
  }),

  deleteRule: operation({
    method: 'delete',
    path: '/v1/followup/rules/{id}',
    operationId: 'deleteRule',
    tag: 'FollowUpRobot',
    summary: 'Delete rule',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    params: z.object({ id: id }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  updateRule: operation({
    method: 'put',
    path: '/v1/followup/rules/{id}',
    operationId: 'updateRule',
    tag: 'FollowUpRobot',
    summary: 'Update rule',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    params: z.object({ id: id }),
    body: FollowupRuleAggregateIn,
    response: json(FollowupRuleAggregateOut),
    errors: ['notFound'],
  }),

  getConversationsDripStatus: operation({
    method: 'get',
    path: '/v1/followup/conversations',
    operationId: 'getConversationsDripStatus',
    tag: 'FollowUpRobot',
    summary: 'Get conversations drip status',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.All'],
    query: z.object({
      active: z.boolean().optional(),
      limit: limit,
      offset: offset,
    }),
    response: json(ConversationDripStatusPage),
    errors: [],
  }),

  getConversationDripStatus: operation({
    method: 'get',
    path: '/v1/followup/conversations/{convoId}',
    operationId: 'getConversationDripStatus',
    tag: 'FollowUpRobot',
    summary: 'Get conversation drip status',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.All'],
    params: z.object({ convoId: z.string() }),
    response: json(ConversationDripStatus),
    errors: ['notFound'],
  }),

  updateConversationDripStatus: operation({
    method: 'put',
    path: '/v1/followup/conversations/{convoId}',
    operationId: 'updateConversationDripStatus',
    tag: 'FollowUpRobot',
    summary: 'Update conversation drip status',
    auth: 'account',
    scopes: ['Mail.Send', 'Mail.All'],
    params: z.object({ convoId: z.string() }),
    body: DripRequestDTO,
    response: json(ConversationDripStatus),
    errors: ['notFound'],
  }),
} as const;
