import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { hasPendingJob } from '../../jobs/jobs.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { isWorking, jitterMinutes, localDate, spread } from '../../lib/working-time.ts';
import { findByInternetMessageId, hasUnheardMail, sendMail, sendMailIn, type OutgoingMail, type SendOptions } from '../email/service.ts';
import { incompleteness, stepContent } from './content.ts';
import {
  changeConversation, changeStep, claimDue, dueIds, earliestDue, holdsAttempt, lockById, lockDueBetween, silentAttempts, stepsOf,
  type ConversationRow, type StepRow,
} from './conversations.queries.ts';
import { rulesByIds, swapSweptAt } from './queries.ts';
import { seedOf } from './schedule.ts';
import { end, endInDoubt, markIncomplete, note, plan, shortened, variablesOf, type Running } from './sequence.service.ts';
import { hasLostNews, senderOf } from './service.ts';
import { WRITTEN } from './stops.service.ts';

const MINUTE = 60_000;
/** Most conversations one sweep looks at; the next one goes on. */
const MOST = 1000;
/** Longer without a sweep, by the wall clock, than the 30 s between two: the server was down. */
const DOWNTIME = 10 * MINUTE;
/** An attempt that has not ended by then died with its process. */
const SILENCE = 10 * MINUTE;
const MOST_TRIES = 5;

/** When the next step of any account is due; null where nothing is planned. */
export const nextDueAt = (deps: Pick<Deps, 'db'>): Promise<Date | null> => earliestDue(deps.db);

/** Sends every step that is due by the product's clock. Any number of workers may sweep at once. Answers how many steps left. */
export async function sweep(deps: Deps): Promise<number> {
  await resolveSilent(deps);
  await spreadAfterDowntime(deps);
  const seen: number[] = [];
  let sent = 0;
  while (seen.length < MOST) {
    const due = await dueIds(deps.db, deps.clock.now(), 100, seen);
    if (!due.length) break;
    for (const { id } of due) {
      seen.push(id);
      if (await attempt(deps, id)) sent++;
    }
  }
  return sent;
}

interface ClaimedStep {
  readonly running: Running;
  readonly step: StepRow;
  readonly mail: OutgoingMail;
  readonly options: SendOptions;
}

/** One conversation's due step; true where it was sent. One that fails does not hold up the others. */
async function attempt(deps: Deps, id: number): Promise<boolean> {
  try {
    const outcome = await transaction(deps.db, (trx) => claim(trx, deps, id));
    if (typeof outcome === 'boolean') return outcome;
    return await sendOutside(deps, outcome);
  } catch (error) {
    deps.log.warn({ err: error, conversation: id }, 'a follow-up step was not sent');
    await transaction(deps.db, (trx) => countFailure(trx, deps, id, error));
    return false;
  }
}

/**
 * Decides under the row's lock whether the step goes out now. Where the server itself sends, the message
 * and the step's new state commit together, so that it is sent exactly once; elsewhere the attempt is
 * written down first and the step handed back.
 */
async function claim(trx: Trx, deps: Deps, id: number): Promise<boolean | ClaimedStep> {
  const now = deps.clock.now();
  const row = await claimDue(trx, id, now);
  if (!row) return false;
  await failpoint('followup.claim');
  // What was accepted before this moment, an answer, a bounce, a booking, may still wait to be heard; it goes first.
  if (await hasUnheardMail(trx, row.account_id) || await hasUnheardNews(trx, row.account_id)) return false;
  if (await hasLostNews(trx, row.account_id)) {
    deps.log.warn({ conversation: id, accountId: row.account_id }, 'a follow-up step waits: news of its account was given up unheard');
    return false;
  }
  const running = await runningOf(trx, row);
  if (!running) return false;
  const { rule, sender } = running;
  const step = (await stepsOf(trx, row)).find((s) => s.state === 'planned');
  if (!step || step.num > (rule.actions?.length ?? 0) || row.last_sent_on === localDate(now.getTime(), sender.time.zone)) {
    await plan(trx, deps, running, { firstAt: now });
    return false;
  }
  if (!isWorking(now.getTime(), sender.time)) {
    const later = spread(now.getTime(), sender.time, `${seedOf(row.account_id, row.targets)}:${step.num}`);
    if (later > now.getTime()) {
      await plan(trx, deps, running, { firstAt: new Date(later) });
      return false;
    }
  }
  const values = variablesOf(running);
  const problem = incompleteness(rule, step.num, row.subject, values);
  if (problem) {
    await markIncomplete(trx, deps, row, problem.problem);
    return false;
  }
  const content = stepContent(rule, step.num, row.subject, values)!;
  const claimed: ClaimedStep = {
    running, step,
    mail: {
      subject: content.subject,
      body: content.html,
      to: row.targets.map((address) => ({ address, ...(row.target_names[address] ? { name: row.target_names[address] } : {}) })),
      ...(row.reply_to === null ? {} : { inReplyTo: row.reply_to }),
      ...(row.reference_ids.length ? { references: row.reference_ids.join(' ') } : {}),
    },
    options: { bodyType: 'html', automatic: true, internetMessageId: step.internet_message_id, threadId: row.convo_id },
  };
  if (deps.providers.of(sender.account.service_type).capabilities.exactlyOnceSend) {
    const result = await sendMailIn(trx, deps, row.account_id, claimed.mail, claimed.options);
    await stepSent(trx, deps, running, step, result.id);
    return true;
  }
  const attemptNumber = step.attempt + 1;
  await changeStep(trx, step, { state: 'sending', attempt: attemptNumber, sending_since: deps.clock.real() });
  await changeConversation(trx, row.id, { next_at: null });
  return { ...claimed, step: { ...step, state: 'sending', attempt: attemptNumber } };
}

/** Every step is itself a sent message that is heard of; only what a person wrote is waited for. */
const hasUnheardNews = async (trx: Trx, accountId: number): Promise<boolean> =>
  await hasPendingJob(trx, 'on.followup.%', { event: { accountId } })
  || hasPendingJob(trx, `on.${WRITTEN}`, { event: { accountId, automatic: false } });

async function runningOf(trx: Trx, row: ConversationRow): Promise<Running | undefined> {
  const [rule] = await rulesByIds(trx, row.rule_id === null ? [] : [row.rule_id]);
  return rule && { row, rule, sender: await senderOf(trx, row.account_id) };
}

async function stepSent(trx: Trx, deps: Deps, { row, rule, sender }: Running, step: StepRow, messageId: string): Promise<void> {
  const now = deps.clock.now();
  await changeStep(trx, step, { state: 'sent', sent_at: now, message_id: messageId, sending_since: null, rule_id: rule.id });
  const next = await note(trx, deps, row, {
    last_num: step.num,
    last_sent_on: localDate(now.getTime(), sender.time.zone),
    reply_to: step.internet_message_id,
    reference_ids: shortened([...row.reference_ids, step.internet_message_id]),
    tries: 0, error: null, pause_reason: null, paused_until: null,
  }, 'stepSent');
  if (next.status === 'active') await plan(trx, deps, { row: next, rule, sender });
}

/** Over a provider that cannot promise: a definite refusal is a failure, anything else is looked up and else in doubt. */
async function sendOutside(deps: Deps, { running, step, mail, options }: ClaimedStep): Promise<boolean> {
  const accountId = running.row.account_id;
  let messageId: string | undefined;
  let refusal: AppError | undefined;
  try {
    messageId = (await sendMail(deps, accountId, mail, options)).id;
  } catch (error) {
    deps.log.warn({ err: error, conversation: running.row.id, step: step.num }, 'sending a follow-up step was interrupted');
    if (error instanceof AppError && isRefusal(error)) refusal = error;
    else messageId = (await findByInternetMessageId(deps, accountId, step.internet_message_id).catch(() => undefined))?.id;
  }
  return transaction(deps.db, (trx) => settle(trx, deps, step, messageId, refusal));
}

/** Ends an attempt, if it still holds the step. */
async function settle(trx: Trx, deps: Deps, step: StepRow, messageId: string | undefined, refusal?: AppError): Promise<boolean> {
  const row = await lockById(trx, step.conversation_id);
  if (!row || !await holdsAttempt(trx, step)) return false;
  const running = await runningOf(trx, row);
  if (messageId !== undefined) {
    if (running && row.run === step.run) await stepSent(trx, deps, running, step, messageId);
    else await changeStep(trx, step, { state: 'sent', sent_at: deps.clock.now(), message_id: messageId, sending_since: null });
    return true;
  }
  await changeStep(trx, step, { state: refusal ? 'failed' : 'inDoubt', sending_since: null });
  if (row.run !== step.run || row.status !== 'active') return false;
  if (refusal) await end(trx, deps, row, { status: 'failed', reason: 'failed', error: refusal.message });
  else await endInDoubt(trx, deps, row, step.num);
  return false;
}

async function resolveSilent(deps: Deps): Promise<void> {
  for (const step of await silentAttempts(deps.db, new Date(deps.clock.real().getTime() - SILENCE))) {
    const found = await findByInternetMessageId(deps, step.account_id, step.internet_message_id);
    await transaction(deps.db, (trx) => settle(trx, deps, step, found?.id));
  }
}

const isRefusal = (error: AppError): boolean => error.status < 500 && error.code !== 'rate.limited' && error.code !== 'thread.pending';

/** Nothing was sent: tried again after a growing wait, given up where it cannot succeed. */
async function countFailure(trx: Trx, deps: Deps, id: number, error: unknown): Promise<void> {
  const row = await lockById(trx, id);
  if (row?.status !== 'active' || row.next_at === null) return;
  const tries = row.tries + 1;
  const refused = error instanceof AppError && isRefusal(error);
  if (!refused && tries < MOST_TRIES) {
    await changeConversation(trx, id, { tries, next_at: new Date(deps.clock.now().getTime() + 2 ** tries * MINUTE) });
    return;
  }
  const step = (await stepsOf(trx, row)).find((s) => s.state === 'planned');
  if (step) await changeStep(trx, step, { state: 'failed' });
  await end(trx, deps, row, { status: 'failed', reason: 'failed', error: error instanceof AppError ? error.message : 'The server could not send the step; its log says why.' });
}

/** What became due while the server was down does not leave in one burst. */
async function spreadAfterDowntime(deps: Deps): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const real = deps.clock.real();
    const before = await swapSweptAt(trx, real);
    const gap = before ? real.getTime() - before.getTime() : 0;
    if (gap < DOWNTIME) return;
    const now = deps.clock.now().getTime();
    // What is overdue for longer than the server was down was made so by moving the clock: it goes at once.
    for (const row of await lockDueBetween(trx, new Date(now - gap - DOWNTIME), new Date(now - DOWNTIME))) {
      const jitter = jitterMinutes(`${seedOf(row.account_id, row.targets)}:${row.last_num + 1}`) * MINUTE;
      await changeConversation(trx, row.id, { next_at: new Date(now + jitter) });
    }
  });
}
