import type { z } from 'zod';
import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import type { TrackedMailSent } from '../../events/types.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import { incompleteness, stepContent, templateContent, variables } from './content.ts';
import type { ConversationDripStatus, ConversationDripStatusPage, DripRequestDTO, FollowUpPreview, FollowUpPreviewIn } from './contract.ts';
import {
  changeConversation, changeStep, conversationOf, conversationsOf, countConversations, lockConversation, lockRunningOfRule, stepsOf, stepsOfAll,
  type ConversationRow, type StepRow,
} from './conversations.queries.ts';
import { deleteRule, draftOf, lockDraft, markDraftStarted, rulesByIds, type RuleRow } from './queries.ts';
import { planSequence, seedOf } from './schedule.ts';
import { end, goOn, note, planOrStop, start, variablesOf } from './sequence.service.ts';
import { checkTargets, hasLostNews, requireRule, requireSequence, ruleValues, senderOf, showRule, type Sender } from './service.ts';
import { isAutomatic, isSent, threadFacts, type ThreadFacts } from './thread.ts';

type Status = z.output<typeof ConversationDripStatus>;
type Change = z.output<typeof DripRequestDTO>;
type PreviewIn = z.output<typeof FollowUpPreviewIn>;

export async function listConversations(deps: Deps, accountId: number, active: boolean | undefined, limit: number, offset: number): Promise<z.output<typeof ConversationDripStatusPage>> {
  const total = await countConversations(deps.db, accountId, active);
  const rows = await conversationsOf(deps.db, accountId, active, limit, offset);
  const rules = new Map((await rulesByIds(deps.db, [...new Set(rows.flatMap((row) => row.rule_id ?? []))])).map((rule) => [rule.id, rule]));
  const steps = await stepsOfAll(deps.db, rows.map((row) => row.id));
  const sender = await senderOf(deps.db, accountId);
  const newsLost = await hasLostNews(deps.db, accountId);
  const records = rows.map((row) => show(row, row.rule_id === null ? undefined : rules.get(row.rule_id), steps.filter((s) => s.conversation_id === row.id), sender, newsLost));
  return { offset, totalSize: total, done: offset + rows.length >= total, records };
}

export async function readConversation(deps: Deps, accountId: number, convoId: string): Promise<Status> {
  const sender = await senderOf(deps.db, accountId);
  const row = await conversationOf(deps.db, accountId, convoId);
  if (row) return view(deps, row, sender);
  const thread = await threadFacts(deps, sender, convoId);
  if (!thread) throw notFound('The thread');
  return { convoId, subject: thread.subject, status: 'disabled' };
}

/** Starts, stops, starts again or changes a thread's sequence. */
export async function changeFollowUp(deps: Deps, accountId: number, convoId: string, change: Change): Promise<Status> {
  checkTimes(deps, change);
  const sender = await senderOf(deps.db, accountId);
  const thread = await threadFacts(deps, sender, convoId);
  const row = await transaction(deps.db, async (trx) => {
    const before = await lockConversation(trx, accountId, convoId);
    if (!before && !thread) throw notFound('The thread');
    if (change.status === 'disabled') return before && stop(trx, deps, before);
    // A sequence that waits for values goes on when it gets them, without being told to.
    const asksStart = change.status === 'active' || before?.status === 'ruleIncomplete' || (!before && change.ruleId !== undefined);
    if (before?.status === 'active' && !change.restart && (change.ruleId === undefined || change.ruleId === before.rule_id)) return alter(trx, deps, before, sender, change);
    if (!asksStart && !(before?.status === 'active' && change.ruleId !== undefined)) {
      throw new AppError('conflict', 'No follow-up is running in this thread; status active starts one.');
    }
    return startOrGoOn(trx, deps, { before, sender, thread, convoId }, change);
  });
  return row ? view(deps, row, sender) : { convoId, subject: thread!.subject, status: 'disabled' };
}

const FARTHEST = 5 * 366 * 86_400_000;

function checkTimes(deps: Deps, change: Change): void {
  for (const field of ['dripAfter', 'nextAt'] as const) {
    const at = change[field];
    if (at !== undefined && Date.parse(at) > deps.clock.now().getTime() + FARTHEST) throw invalid(field, 'is more than five years ahead.');
  }
}

async function stop(trx: Trx, deps: Deps, row: ConversationRow): Promise<ConversationRow> {
  const running = row.status === 'active' || row.status === 'ruleIncomplete';
  return running ? end(trx, deps, row, { status: 'disabled', reason: 'stopped' }) : row;
}

async function startOrGoOn(
  trx: Trx, deps: Deps,
  { before, sender, thread, convoId }: { before: ConversationRow | undefined; sender: Sender; thread: ThreadFacts | undefined; convoId: string },
  change: Change,
): Promise<ConversationRow> {
  const accountId = sender.account.id;
  const ruleId = change.ruleId ?? before?.rule_id ?? undefined;
  if (ruleId === undefined) throw invalid('ruleId', 'is needed to start a follow-up.');
  const rule = await requireSequence(trx, accountId, ruleId);
  const targets = targetsFor(change, before, thread, sender);
  const dripAfter = change.dripAfter === undefined ? undefined : new Date(change.dripAfter);
  if (before && before.status !== 'active' && !change.restart && before.rule_id === rule.id && await stepsLeft(trx, before, rule)) {
    const row = await changeConversation(trx, before.id, { ...changes(change), targets });
    return goOn(trx, deps, { row, rule, sender });
  }
  const now = deps.clock.now();
  return start(trx, deps, {
    accountId, convoId, ruleId, targets, dripAfter,
    actionVars: change.actionVars ?? before?.action_vars ?? {},
    targetNames: { ...before?.target_names, ...thread?.names },
    subject: thread?.subject ?? before?.subject ?? '',
    from: now,
    replyTo: thread?.replyTo ?? before?.reply_to ?? null,
    references: thread?.references ?? before?.reference_ids ?? [],
    messageIds: thread?.messageIds ?? [],
    afterDays: change.afterDays,
    workingDays: change.workingDays,
    trackingId: before?.tracking_id ?? undefined,
  });
}

function targetsFor(change: Change, before: ConversationRow | undefined, thread: ThreadFacts | undefined, sender: Sender): string[] {
  if (change.targets) return checkTargets(change.targets, sender);
  const targets = before?.targets.length ? before.targets : thread?.targets ?? [];
  if (!targets.length) throw invalid('targets', 'the account has sent nothing to anybody in this thread; name whom to write to.');
  return targets;
}

async function stepsLeft(trx: Trx, row: ConversationRow, rule: RuleRow): Promise<boolean> {
  const steps = await stepsOf(trx, row);
  return steps.length < rule.actions!.length || steps.some((s) => s.num <= rule.actions!.length && ['planned', 'cancelled', 'failed'].includes(s.state));
}

const changes = (change: Change) => ({
  ...(change.actionVars === undefined ? {} : { action_vars: change.actionVars }),
  ...(change.afterDays === undefined ? {} : { after_days: change.afterDays }),
  ...(change.workingDays === undefined ? {} : { working_days: change.workingDays }),
  ...(change.dripAfter === undefined ? {} : { drip_after: new Date(change.dripAfter) }),
});

/** A running sequence: other targets or values, a step left out, another time for the next. */
async function alter(trx: Trx, deps: Deps, before: ConversationRow, sender: Sender, change: Change): Promise<ConversationRow> {
  const rule = await requireRule(trx, before.account_id, before.rule_id!);
  let row = await changeConversation(trx, before.id, {
    updated_at: deps.clock.now(),
    ...changes(change),
    ...(change.targets ? { targets: checkTargets(change.targets, sender) } : {}),
    ...(change.resume || change.nextAt !== undefined ? { pause_reason: null, paused_until: null } : {}),
  });
  let reason = change.resume ? 'resumed' : 'changed';
  if (change.skipStep) {
    const next = (await stepsOf(trx, row)).find((step) => step.state === 'planned');
    if (!next) throw new AppError('conflict', 'There is no step left to skip.');
    await changeStep(trx, next, { state: 'skipped' });
    row = await note(trx, deps, row, { tries: 0 }, 'skipped');
    reason = 'planned';
  }
  const retimed = change.skipStep || change.resume || change.nextAt !== undefined || change.dripAfter !== undefined || change.afterDays !== undefined || change.workingDays !== undefined;
  // What changes no time keeps the planned one: jitter hangs on the targets, and the step must not move for them.
  const firstAt = change.nextAt !== undefined ? new Date(change.nextAt) : retimed ? undefined : row.next_at ?? undefined;
  return planOrStop(trx, deps, { row, rule, sender }, reason, { firstAt });
}

/** A prepared draft has left, by whatever client: what was prepared for it starts, counted from when it was sent. */
export async function startPrepared(deps: Deps, event: TrackedMailSent): Promise<void> {
  const { accountId, trackingCode, threadId } = event;
  if (!await draftOf(deps.db, accountId, trackingCode)) return;
  const sender = await senderOf(deps.db, accountId);
  const thread = await threadFacts(deps, sender, threadId);
  await transaction(deps.db, async (trx) => {
    const draft = await lockDraft(trx, accountId, trackingCode);
    if (!draft || draft.convo_id !== null) return;
    const recipients = event.recipients.map((r) => r.toLowerCase()).filter((r) => !sender.own.has(r));
    // Recipients may have changed after the follow-up was chosen.
    const chosen = draft.targets?.filter((t) => recipients.includes(t)) ?? [];
    const targets = chosen.length ? chosen : thread?.targets.length ? thread.targets : recipients;
    if (!targets.length) return;
    const sent = thread?.messages.find((m) => m.internetMessageId === event.internetMessageId);
    const row = await start(trx, deps, {
      accountId, convoId: threadId, ruleId: draft.rule_id, targets,
      actionVars: draft.action_vars,
      targetNames: thread?.names ?? {},
      subject: thread?.subject ?? '',
      from: sent?.sentAt ? new Date(sent.sentAt) : deps.clock.now(),
      replyTo: event.internetMessageId,
      references: thread?.replyTo === event.internetMessageId ? thread.references : [event.internetMessageId],
      messageIds: [...thread?.messageIds ?? [], event.internetMessageId],
      afterDays: draft.after_days ?? undefined,
      workingDays: draft.working_days ?? undefined,
      trackingId: event.trackingId,
    });
    await markDraftStarted(trx, accountId, trackingCode, threadId);
    // An answer can be faster than the news that the draft was sent.
    const answer = thread?.messages.slice(thread.messages.indexOf(sent!) + 1).find((m) => sent && m.from?.address && !isSent(m, sender) && !isAutomatic(m));
    if (answer && row.status === 'active') await end(trx, deps, row, { status: 'finished', reason: 'answered', responder: answer.from!.address!.toLowerCase() });
  });
}

/** Running conversations stop first, so that none is left without its rule. */
export async function removeRule(deps: Deps, accountId: number, id: number): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const rule = await requireRule(trx, accountId, id);
    for (const row of await lockRunningOfRule(trx, rule.id)) await end(trx, deps, row, { status: 'disabled', reason: 'ruleDeleted' });
    await deleteRule(trx, rule.id);
  });
}

/** What would be sent, and when, if it started now. */
export async function preview(deps: Deps, accountId: number, ask: PreviewIn): Promise<z.output<typeof FollowUpPreview>> {
  const sender = await senderOf(deps.db, accountId);
  if (ask.ruleId === undefined && !ask.rule) throw invalid('ruleId', 'is needed, or a rule that is not saved yet.');
  const rule: Pick<RuleRow, 'actions' | 'working_days' | 'template_body' | 'template_subject'> = ask.rule ? ruleValues(ask.rule) : await requireRule(deps.db, accountId, ask.ruleId!);
  const thread = ask.threadId === undefined ? undefined : await threadFacts(deps, sender, ask.threadId);
  // While a message is being written its program may name a thread that the server does not know yet.
  if (ask.threadId !== undefined && !thread && !ask.targets) throw notFound('The thread');
  const targets = ask.targets?.length ? checkTargets(ask.targets, sender) : thread?.targets ?? [];
  const names = { ...thread?.names, ...Object.fromEntries(Object.entries(ask.targetNames ?? {}).map(([a, name]) => [a.toLowerCase(), name])) };
  const subject = ask.subject ?? thread?.subject ?? '';
  const values = variables({ targets, names, sender: sender.account, subject }, ask.actionVars ?? {});
  const now = deps.clock.now().getTime();
  const times = planSequence({ rule, time: sender.time, num: 1, from: now, afterDays: ask.afterDays, workingDays: ask.workingDays, seed: seedOf(accountId, targets) });
  const steps = times.map((at, i) => {
    const content = stepContent(rule, i + 1, subject, values);
    return { num: i + 1, plannedAt: new Date(at).toISOString(), subject: content?.subject ?? '', html: content?.html ?? '', missing: [...content?.missing ?? []] };
  });
  const template = templateContent(rule, values);
  return {
    targets, steps,
    ...(template ? { template } : {}),
    missing: [...new Set(steps.flatMap((s) => s.missing))],
    timezone: sender.time.zone,
  };
}

async function view(deps: Deps, row: ConversationRow, sender: Sender): Promise<Status> {
  const [rule] = await rulesByIds(deps.db, row.rule_id === null ? [] : [row.rule_id]);
  return show(row, rule, await stepsOf(deps.db, row), sender, row.status === 'active' && await hasLostNews(deps.db, row.account_id));
}

function show(row: ConversationRow, rule: RuleRow | undefined, steps: readonly StepRow[], sender: Sender, newsLost: boolean): Status {
  const pauseReason = row.status === 'active' && newsLost ? 'newsLost' : row.pause_reason;
  const missing = row.status === 'ruleIncomplete' && rule ? incompleteness(rule, steps.find((s) => s.state === 'planned')?.num ?? row.last_num + 1, row.subject, variablesOf({ row, sender }))?.missing : undefined;
  return {
    convoId: row.convo_id,
    subject: row.subject,
    status: row.status,
    ...(rule ? { rule: showRule(rule) } : {}),
    ...isoTimes({ dripStartedAt: row.started_at, dripEndedAt: row.ended_at, nextAt: row.next_at, pausedUntil: row.paused_until }),
    dripLastNum: row.last_num,
    ...(row.error === null ? {} : { dripError: row.error }),
    actionVars: row.action_vars,
    targets: row.targets,
    ...(row.responder === null ? {} : { dripResponder: row.responder }),
    ...(row.stop_reason === null ? {} : { stopReason: row.stop_reason }),
    ...(pauseReason === null ? {} : { pauseReason }),
    ...(missing ? { missing: [...missing] } : {}),
    steps: steps.map((step) => ({
      num: step.num,
      state: step.state,
      ...isoTimes({ plannedAt: step.planned_at, sentAt: step.sent_at }),
      ...(step.message_id === null ? {} : { messageId: step.message_id }),
      internetMessageId: step.internet_message_id,
    })),
  };
}

/** Those that are set, as RFC 3339 in UTC. */
const isoTimes = <K extends string>(times: Record<K, Date | null>): { [k in K]?: string } =>
  Object.fromEntries(Object.entries<Date | null>(times).flatMap(([name, at]) => (at ? [[name, at.toISOString()]] : []))) as { [k in K]?: string };
