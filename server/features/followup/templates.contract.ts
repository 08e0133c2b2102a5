import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime, id } from '../../http/wire.ts';
import { FollowupRuleAggregateIn, reading, sending, trackingCode } from './contract.ts';

const FORMAT = 'sundial-templates';
const VERSION = 1;

/** The file of docs/templates-file.md. A new version gets a number of its own; what a number means never changes. */
export const TemplatesFile = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  exportedAt: dateTime.optional(),
  rules: z.array(FollowupRuleAggregateIn),
}).meta({ id: 'TemplatesFile' });

/** A file as it comes in: each rule is looked at by itself, so that one that is wrong does not hide the others. */
export const TemplatesFileIn = z.object({
  format: z.literal(FORMAT, `must be "${FORMAT}"; this is no file of Sundial templates`),
  version: z.literal(VERSION, `must be ${VERSION}, the only version that this server reads`),
  exportedAt: z.unknown().optional(),
  rules: z.array(z.record(z.string(), z.unknown()), 'must be a list of rules').max(200, 'at most 200 rules in one file'),
}).meta({ id: 'TemplatesFileIn' });

export const TemplatesImport = z.object({
  dryRun: z.boolean(),
  added: z.int().describe('Rules that were added, or would be.'),
  rules: z.array(z.object({
    index: z.int().describe('Place in the file, from 0.'),
    name: z.string(),
    outcome: z.enum(['add', 'rename', 'present', 'refuse']).describe('rename: another rule has the name already. present: the account has the very same rule; it is left out.'),
    newName: z.string().optional().describe('The name it gets, where the outcome is rename.'),
    cleaned: z.boolean().describe('Scripts, forms or the like were taken out of its HTML.'),
    problems: z.array(z.object({ field: z.string(), message: z.string() })).optional().describe('Why it is refused.'),
  })),
}).meta({ id: 'TemplatesImport' });

export const templatesContract = {
  exportTemplates: operation({
    method: 'get',
    path: '/v1/followup/rules/export',
    operationId: 'exportTemplates',
    tag: 'FollowUpRobot',
    summary: 'Templates and sequences as a file that another account can import',
    auth: 'account',
    scopes: reading,
    query: z.object({ ruleId: id.optional().describe('One rule; all of them where it is left out.') }),
    response: json(TemplatesFile),
    errors: ['notFound'],
    sundial: true,
  }),

  importTemplates: operation({
    method: 'post',
    path: '/v1/followup/rules/import',
    operationId: 'importTemplates',
    tag: 'FollowUpRobot',
    summary: 'Add the rules of a file, all together or none; existing rules are never changed',
    auth: 'account',
    scopes: sending,
    idempotent: true,
    query: z.object({
      dryRun: z.boolean().default(false).describe('Say what would happen; nothing is stored.'),
      skipRefused: z.boolean().default(false).describe('Add the others where some rules are wrong; else such a file is refused as a whole.'),
    }),
    body: TemplatesFileIn,
    bodyLimit: 5_000_000,
    response: json(TemplatesImport),
    errors: ['request.invalid', 'payload.tooLarge'],
    sundial: true,
  }),

  setDraftTemplates: operation({
    method: 'put',
    path: '/v1/followup/drafts/{trackingCode}/templates',
    operationId: 'setDraftTemplates',
    tag: 'FollowUpRobot',
    summary: 'Tell which templates the draft with this tracking code was written with; they count as used once it is sent',
    auth: 'account',
    scopes: sending,
    params: z.object({ trackingCode }),
    body: z.object({ ruleIds: z.array(id).max(20) }).meta({ id: 'DraftTemplates' }),
    response: json(OkResponse),
    errors: ['notFound'],
    sundial: true,
  }),
} as const;
