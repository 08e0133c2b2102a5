import { randomUUID } from 'node:crypto';
import type { Trx } from '../../db/db.ts';
import type { StopReason } from '../../db/tables/followup.ts';
import type { Deps } from '../../deps.ts';
import { nextWorking } from '../../lib/working-time.ts';
import { incompleteness, variables } from './content.ts';
import {
  cancelPlanned, changeConversation, changeStep, deleteStep, insertStep, optedOutOf, rememberMessages, reopenSteps, startRun, stepsOf,
  type ConversationChange, type ConversationRow, type StepRow,
} from './conversations.queries.ts';
import type { RuleRow } from './queries.ts';
import { planSequence, seedOf } from './schedule.ts';
import { requireSequence, senderOf, type Sender } from './service.ts';

/**
 * What can happen to a thread's sequence. Every function here runs inside the caller's transaction on a
 * row that the caller has locked (or just inserted), and emits FollowUpChanged with its reason.
 */
export interface Start {
  readonly accountId: number;
  readonly convoId: string;
  readonly ruleId: number;
  readonly actionVars: Record<string, string>;
  /** Lower case, not empty, without the sender. */
  readonly targets: string[];
  readonly targetNames: Record<string, string>;
  readonly subject: string;
  /** Days are counted from here. */
  readonly from: Date;
  readonly replyTo: string | null;
  /** For the References header, `replyTo` last. */
  readonly references: readonly string[];
  /** Message-IDs in the thread that an answer may name. */
  readonly messageIds: readonly string[];
  readonly afterDays?: number | undefined;
  readonly workingDays?: boolean | undefined;
  readonly dripAfter?: Date | undefined;
  readonly trackingId?: number | undefined;
}

/** RFC 5322 gives References no limit, but lines and servers do; the first and the newest say the most. */
const MOST_REFERENCES = 30;

export async function start(trx: Trx, deps: Deps, s: Start): Promise<ConversationRow> {
  const rule = await requireSequence(trx, s.accountId, s.ruleId);
  const sender = await senderOf(trx, s.accountId);
  const row = await startRun(trx, {
    account_id: s.accountId, convo_id: s.convoId, subject: s.subject, rule_id: rule.id, status: 'active',
    action_vars: s.actionVars, targets: s.targets, target_names: s.targetNames,
    after_days: s.afterDays ?? null, working_days: s.workingDays ?? null, drip_after: s.dripAfter ?? null, counted_from: null,
    reply_to: s.replyTo, reference_ids: shortened(s.references), tracking_id: s.trackingId ?? null,
    started_at: s.from, ended_at: null, last_num: 0, next_at: null, last_sent_on: null,
    pause_reason: null, paused_until: null, error: null, responder: null, stop_reason: null, tries: 0,
    updated_at: deps.clock.now(),
  });
  await cancelPlanned(trx, { id: row.id, run: row.run - 1 });
  await rememberMessages(trx, s.accountId, row.id, s.messageIds);
  return planOrStop(trx, deps, { row, rule, sender }, 'started');
}

export interface Running {
  readonly row: ConversationRow;
  readonly rule: RuleRow;
  readonly sender: Sender;
}

/** A sequence that is over goes on behind its last step. */
export async function goOn(trx: Trx, deps: Deps, { row, rule, sender }: Running): Promise<ConversationRow> {
  await reopenSteps(trx, row);
  const opened = await changeConversation(trx, row.id, {
    status: 'active', ended_at: null, error: null, stop_reason: null, responder: null, tries: 0, pause_reason: null, paused_until: null,
  });
  return planOrStop(trx, deps, { row: opened, rule, sender }, 'started');
}

/** Plans the steps that are left; where a value is missing nothing is sent at all, not half a sequence. */
export async function planOrStop(trx: Trx, deps: Deps, running: Running, reason: string, options: PlanOptions = {}): Promise<ConversationRow> {
  const willing = await withoutOptedOut(trx, deps, running.row);
  if (willing.status !== 'active') return willing;
  const row = await plan(trx, deps, { ...running, row: willing }, options);
  const next = (await stepsOf(trx, row)).find((step) => step.state === 'planned');
  const problem = next && row.status === 'active' ? incompleteness(running.rule, next.num, row.subject, variablesOf({ ...running, row })) : undefined;
  if (problem) return markIncomplete(trx, deps, row, problem.problem);
  if (row.status === 'active') await emit(trx, deps, row, reason);
  return row;
}

export const optOutText = (addresses: readonly string[]): string => `${addresses.join(', ')} opted out of your tracked mail; follow-ups are not sent there.`;

/** Who once asked the account to be left alone is left alone in every later thread too, and the sender reads why. */
async function withoutOptedOut(trx: Trx, deps: Deps, row: ConversationRow): Promise<ConversationRow> {
  const refused = await optedOutOf(trx, row.account_id, row.targets);
  if (!refused.length) return row;
  const error = optOutText(refused);
  const left = await changeConversation(trx, row.id, { targets: row.targets.filter((t) => !refused.includes(t)), error });
  return left.targets.length ? left : end(trx, deps, left, { status: 'finished', reason: 'optedOut', error, ...(refused.length === 1 ? { responder: refused[0]! } : {}) });
}

export interface PlanOptions {
  /** The next step goes out at this time, or in the working time that follows. */
  readonly firstAt?: Date | undefined;
}

/** Writes down when each step that is left goes out; without one the sequence is finished. */
export async function plan(trx: Trx, deps: Deps, { row, rule, sender }: Running, options: PlanOptions = {}): Promise<ConversationRow> {
  const steps = await matchSteps(trx, row, rule, sender.account.email);
  const next = steps.find((step) => step.state === 'planned');
  if (!next) {
    if (steps.some((step) => step.state === 'sending')) return changeConversation(trx, row.id, { next_at: null, updated_at: deps.clock.now() });
    return end(trx, deps, row, { status: 'finished', reason: 'completed' });
  }
  const before = steps.findLast((step) => step.num < next.num);
  const behind = before?.sent_at ?? before?.planned_at ?? row.started_at;
  const from = row.counted_from && row.counted_from > behind ? row.counted_from : behind;
  const notBefore = Math.max(...[deps.clock.now(), row.drip_after, row.paused_until].filter((d) => d !== null).map((d) => d.getTime()));
  const times = planSequence({
    rule, time: sender.time, num: next.num, from: from.getTime(), notBefore,
    firstAt: options.firstAt && nextWorking(Math.max(options.firstAt.getTime(), notBefore), sender.time),
    afterDays: row.after_days, workingDays: row.working_days, lastSentOn: row.last_sent_on,
    seed: seedOf(row.account_id, row.targets),
  });
  for (const [i, at] of times.entries()) await changeStep(trx, { conversation_id: row.id, run: row.run, num: next.num + i }, { planned_at: new Date(at) });
  const sending = steps.some((step) => step.state === 'sending');
  return changeConversation(trx, row.id, { next_at: sending || row.status !== 'active' ? null : new Date(times[0]!), updated_at: deps.clock.now() });
}

/** The rule may have gained or lost steps since the run began. */
async function matchSteps(trx: Trx, row: ConversationRow, rule: RuleRow, senderEmail: string): Promise<StepRow[]> {
  const steps = await stepsOf(trx, row);
  const wanted = rule.actions?.length ?? 0;
  const kept: StepRow[] = [];
  for (const step of steps) {
    if (step.num > wanted && (step.state === 'planned' || step.state === 'cancelled')) await deleteStep(trx, step);
    else kept.push(step);
  }
  for (let num = (kept.at(-1)?.num ?? 0) + 1; num <= wanted; num++) {
    // Chosen here, long before the first attempt: every attempt of the step is one and the same message.
    const id = `<${randomUUID()}@${senderEmail.split('@').at(-1)!.toLowerCase()}>`;
    kept.push(await insertStep(trx, { conversation_id: row.id, run: row.run, num, state: 'planned', internet_message_id: id, planned_at: null, sent_at: null, message_id: null, sending_since: null }));
    await rememberMessages(trx, row.account_id, row.id, [id]);
  }
  return kept;
}

/** The sequence is over; what was planned is called off. */
export async function end(trx: Trx, deps: Deps, row: ConversationRow, outcome: {
  status: 'disabled' | 'finished' | 'failed';
  reason: StopReason;
  error?: string;
  responder?: string;
}): Promise<ConversationRow> {
  await cancelPlanned(trx, row);
  const now = deps.clock.now();
  const ended = await changeConversation(trx, row.id, {
    status: outcome.status, stop_reason: outcome.reason, next_at: null, ended_at: now, updated_at: now,
    pause_reason: null, paused_until: null, error: outcome.error ?? null,
    ...(outcome.responder === undefined ? {} : { responder: outcome.responder }),
  });
  await emit(trx, deps, ended, outcome.reason);
  return ended;
}

/** A step may have been sent, and nobody knows: it is not repeated, and nothing follows it unasked. */
export const endInDoubt = (trx: Trx, deps: Deps, row: ConversationRow, num: number): Promise<ConversationRow> => end(trx, deps, row, {
  status: 'failed', reason: 'inDoubt',
  error: `Step ${num} may have been sent: the connection ended before the server said so. Look into the sent folder, then start again; the step will not be repeated.`,
});

/** Stays where it is, with all its steps, until the sender fills in what is missing. */
export async function markIncomplete(trx: Trx, deps: Deps, row: ConversationRow, problem: string): Promise<ConversationRow> {
  const stopped = await changeConversation(trx, row.id, { status: 'ruleIncomplete', next_at: null, error: problem, stop_reason: 'ruleIncomplete', updated_at: deps.clock.now() });
  await emit(trx, deps, stopped, 'ruleIncomplete');
  return stopped;
}

/** Nobody writes to the address again; without anybody left the sequence is over. */
export async function removeTarget(trx: Trx, deps: Deps, row: ConversationRow, address: string, cause: { reason: 'bounced' | 'optedOut'; error?: string }): Promise<void> {
  const targets = row.targets.filter((t) => t !== address);
  if (targets.length === row.targets.length) return;
  const left = await changeConversation(trx, row.id, { targets, updated_at: deps.clock.now(), ...(cause.error === undefined ? {} : { error: cause.error }) });
  if (targets.length) return emit(trx, deps, left, cause.reason);
  await end(trx, deps, left, { status: cause.reason === 'bounced' ? 'failed' : 'finished', ...cause, ...(cause.reason === 'optedOut' ? { responder: address } : {}) });
}

export const note = async (trx: Trx, deps: Deps, row: ConversationRow, change: ConversationChange, reason: string): Promise<ConversationRow> => {
  const changed = await changeConversation(trx, row.id, { ...change, updated_at: deps.clock.now() });
  await emit(trx, deps, changed, reason);
  return changed;
};

export const variablesOf = ({ row, sender }: Pick<Running, 'row' | 'sender'>) =>
  variables({ targets: row.targets, names: row.target_names, sender: sender.account, subject: row.subject }, row.action_vars);

export const shortened = (references: readonly string[]): string[] => {
  const all = [...new Set(references)];
  return all.length <= MOST_REFERENCES ? all : [all[0]!, ...all.slice(1 - MOST_REFERENCES)];
};

const emit = (trx: Trx, deps: Deps, row: ConversationRow, reason: string): Promise<void> =>
  deps.events.emit(trx, { type: 'FollowUpChanged', accountId: row.account_id, convoId: row.convo_id, status: row.status, reason });
