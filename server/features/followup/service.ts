import type { z } from 'zod';
import { transaction, type Db, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Settle, Settled } from '../../http/operation.ts';
import { hasDeadJob } from '../../jobs/dead.ts';
import { isZone } from '../../lib/zone.ts';
import type { WorkingTime } from '../../lib/working-time.ts';
import type { AccountRow } from '../accounts/queries.ts';
import { requireAccount } from '../accounts/service.ts';
import type { FollowUpDraft, FollowUpDraftIn, FollowupConfig, FollowupRuleAggregateIn, FollowupRuleAggregateOut, FollowupRulesPage } from './contract.ts';
import {
  claimSeeding, configOf, countRules, deleteDraft, draftOf, insertRule, ruleOf, rulesOf, runningByRule, updateRule, upsertConfig, upsertDraft,
  type DraftRow, type RuleRow, type RuleValues,
} from './queries.ts';
import { workingTimeOf } from './schedule.ts';

type Config = z.output<typeof FollowupConfig>;
type RuleIn = z.output<typeof FollowupRuleAggregateIn>;
type RuleOut = z.output<typeof FollowupRuleAggregateOut>;
type DraftIn = z.output<typeof FollowUpDraftIn>;
type DraftOut = z.output<typeof FollowUpDraft>;

/** Who sends, when he works, and which addresses are his. */
export interface Sender {
  readonly account: AccountRow;
  readonly time: WorkingTime;
  /** Lower case. */
  readonly own: ReadonlySet<string>;
}

/**
 * Whether news of the account was given up unheard by follow-ups: it may have been an answer or an opt-out, so
 * nothing goes out until the operator has decided about it (`sundial jobs`).
 */
export const hasLostNews = (db: Db, accountId: number): Promise<boolean> => hasDeadJob(db, 'on.followup.%', { event: { accountId } });

export async function senderOf(db: Db | Trx, accountId: number): Promise<Sender> {
  const account = await requireAccount({ db }, accountId);
  const config = await configOf(db, accountId);
  return {
    account,
    time: workingTimeOf(account, config?.timezone),
    own: new Set([account.email.toLowerCase(), ...config?.email_aliases ?? []]),
  };
}

export async function readConfig(deps: Deps, accountId: number): Promise<Config> {
  const { time } = await senderOf(deps.db, accountId);
  const config = await configOf(deps.db, accountId);
  return { timezone: time.zone, emailAliases: config?.email_aliases ?? [] };
}

export async function writeConfig(deps: Deps, accountId: number, config: Config): Promise<Config> {
  if (config.timezone !== undefined && !isZone(config.timezone)) throw invalid('timezone', 'must be an IANA time zone such as Europe/Berlin.');
  await upsertConfig(deps.db, accountId, {
    ...(config.timezone === undefined ? {} : { timezone: config.timezone }),
    ...(config.emailAliases === undefined ? {} : { email_aliases: [...new Set(config.emailAliases.map((a) => a.toLowerCase()))] }),
  });
  return readConfig(deps, accountId);
}

/** What every account begins with; the pane offers the first where nothing was chosen before. */
const READY_RULES: readonly RuleValues[] = [
  {
    name: 'Gentle nudge', expect_thread_response: true, template_subject: null, template_body: null, working_days: true,
    actions: [{ intervalDays: 3, message: '<p>Hello,</p><p>did my last message reach you? A short answer is enough, and if somebody else is the right person to ask, a name helps just as much.</p><p>{{senderName}}</p>' }],
  },
  {
    name: 'Three-touch', expect_thread_response: true, template_subject: null, template_body: null, working_days: true,
    actions: [
      { intervalDays: 3, message: '<p>Hello,</p><p>I am coming back to my last message. Is there anything you need from me to decide?</p><p>{{senderName}}</p>' },
      { intervalDays: 4, message: '<p>Hello,</p><p>should we take ten minutes on the phone instead? Tell me a time that suits you and I will call.</p><p>{{senderName}}</p>' },
      { intervalDays: 7, message: '<p>Hello,</p><p>I will not write about this again unless you ask me to. If the timing is wrong, tell me when I should come back.</p><p>{{senderName}}</p>' },
    ],
  },
];

/** Once an account; a rule that was deleted does not come back. */
export async function ensureReadyRules(deps: Deps, accountId: number): Promise<void> {
  if ((await configOf(deps.db, accountId))?.rules_seeded) return;
  await transaction(deps.db, async (trx) => {
    if (!await claimSeeding(trx, accountId)) return;
    for (const rule of READY_RULES) await insertRule(trx, accountId, rule);
  });
}

export async function listRules(deps: Deps, accountId: number, limit: number, offset: number): Promise<z.output<typeof FollowupRulesPage>> {
  await ensureReadyRules(deps, accountId);
  const total = await countRules(deps.db, accountId);
  const rows = await rulesOf(deps.db, accountId, limit, offset);
  const running = await runningByRule(deps.db, rows.map((row) => row.id));
  return { offset, totalSize: total, done: offset + rows.length >= total, records: rows.map((row) => showRule(row, running.get(row.id) ?? 0)) };
}

export async function createRule(deps: Deps, accountId: number, rule: RuleIn, settle: Settle<RuleOut>): Promise<Settled<RuleOut>> {
  await ensureReadyRules(deps, accountId);
  return transaction(deps.db, async (trx) => settle(trx, showRule(await insertRule(trx, accountId, ruleValues(rule)), 0)));
}

export async function replaceRule(deps: Deps, accountId: number, id: number, rule: RuleIn): Promise<RuleOut> {
  const row = await updateRule(deps.db, accountId, id, ruleValues(rule));
  if (!row) throw notFound('The rule');
  return showRule(row, (await runningByRule(deps.db, [id])).get(id) ?? 0);
}

export async function requireRule(db: Db | Trx, accountId: number, id: number): Promise<RuleRow> {
  const rule = await ruleOf(db, accountId, id);
  if (!rule) throw notFound('The rule');
  return rule;
}

/** A rule that can be started: one with steps. */
export async function requireSequence(db: Db | Trx, accountId: number, id: number): Promise<RuleRow> {
  const rule = await requireRule(db, accountId, id);
  if (!rule.actions?.length) throw invalid('ruleId', 'the rule has no actions; a template alone sends nothing. Choose a rule with actions.');
  return rule;
}

export const ruleValues = (rule: RuleIn): RuleValues => ({
  name: rule.name ?? null,
  expect_thread_response: rule.expectThreadResponse ?? null,
  template_subject: rule.templateSubject ?? null,
  template_body: rule.templateBody ?? null,
  working_days: rule.workingDays ?? false,
  actions: rule.actions ?? null,
});

export function showRule(row: RuleRow, running?: number): RuleOut {
  const sequence = Boolean(row.actions?.length);
  const template = row.template_subject !== null || row.template_body !== null;
  return {
    id: row.id,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.expect_thread_response === null ? {} : { expectThreadResponse: row.expect_thread_response }),
    ...(row.template_body === null ? {} : { templateBody: row.template_body }),
    ...(row.template_subject === null ? {} : { templateSubject: row.template_subject }),
    ...(row.actions === null ? {} : { actions: [...row.actions] }),
    workingDays: row.working_days,
    kind: sequence ? (template ? 'both' : 'sequence') : template ? 'template' : 'empty',
    ...(running === undefined ? {} : { running }),
  };
}

/** Lower case, each once, without the sender, who may well be among the recipients of his own mail. */
export function checkTargets(targets: readonly string[], sender: Sender): string[] {
  const others = [...new Set(targets.map((t) => t.toLowerCase()))].filter((t) => !sender.own.has(t));
  if (!others.length) throw invalid('targets', 'names nobody but the sender; give at least one other address, or leave it out.');
  return others;
}

export async function readDraft(deps: Deps, accountId: number, trackingCode: string): Promise<DraftOut> {
  const row = await draftOf(deps.db, accountId, trackingCode);
  if (!row) throw notFound('A follow-up for this draft');
  return showDraft(row, await requireRule(deps.db, accountId, row.rule_id));
}

export async function writeDraft(deps: Deps, accountId: number, trackingCode: string, draft: DraftIn): Promise<DraftOut> {
  const rule = await requireSequence(deps.db, accountId, draft.ruleId);
  const targets = draft.targets && checkTargets(draft.targets, await senderOf(deps.db, accountId));
  const row = await upsertDraft(deps.db, accountId, trackingCode, {
    rule_id: rule.id,
    action_vars: draft.actionVars ?? {},
    targets: targets ?? null,
    after_days: draft.afterDays ?? null,
    working_days: draft.workingDays ?? null,
  });
  if (!row) throw new AppError('conflict', 'The draft has been sent and its follow-up runs; change it by PUT /v1/followup/conversations/{convoId}.');
  return showDraft(row, rule);
}

export async function removeDraft(deps: Deps, accountId: number, trackingCode: string): Promise<void> {
  if (!await deleteDraft(deps.db, accountId, trackingCode)) throw notFound('A follow-up for this draft');
}

const showDraft = (row: DraftRow, rule: RuleRow): DraftOut => ({
  trackingCode: row.tracking_code,
  ruleId: row.rule_id,
  rule: showRule(rule),
  actionVars: row.action_vars,
  ...(row.targets === null ? {} : { targets: row.targets }),
  ...(row.after_days === null ? {} : { afterDays: row.after_days }),
  ...(row.working_days === null ? {} : { workingDays: row.working_days }),
  ...(row.convo_id === null ? {} : { convoId: row.convo_id }),
});
