import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import type { DeliveryFailed, DeliveryInDoubt, MailSent, MeetingBooked, MessageArrived, RecipientOptedOut } from '../../events/types.ts';
import { planStep } from '../../lib/working-time.ts';
import { changeConversation, changeStep, hasDue, lockById, lockConcerned, lockConversation, lockWithTarget, lockWithTracking, markAnswered, optOutOf, rememberMessages, stepOfMessage, type ConversationRow } from './conversations.queries.ts';
import { rulesByIds } from './queries.ts';
import { end, endInDoubt, note, optOutText, plan, removeTarget, shortened } from './sequence.service.ts';
import { senderOf, type Sender } from './service.ts';

/** Working days that a step waits for somebody who is away and did not say until when. */
const AWAY_DAYS = 3;
/** Nobody is taken to be away for longer than this, whatever a robot wrote. */
const LONGEST_ABSENCE = 60 * 86_400_000;
/** A hostile References header may hold thousands. */
const MOST_NAMED = 200;

/** A message came in: an answer ends the sequence, a bounce takes its recipient out, an absence moves the next step. */
export async function hearArrival(deps: Deps, event: MessageArrived): Promise<void> {
  const named = [event.report?.originalMessageId, event.inReplyTo, ...event.references.slice(-MOST_NAMED)].filter((id) => id !== null && id !== undefined);
  await transaction(deps.db, async (trx) => {
    const rows = await lockConcerned(trx, event.accountId, event.threadId, named);
    const received = new Date(event.receivedAt);
    // An answer to something older than this run was known when it was started.
    const concerned = rows.filter((row) => received >= row.started_at);
    if (!concerned.length) return;
    const sender = await senderOf(trx, event.accountId);
    for (const row of concerned) await take(trx, deps, row, sender, event);
  });
}

async function take(trx: Trx, deps: Deps, row: ConversationRow, sender: Sender, event: MessageArrived): Promise<void> {
  if (event.report) {
    if (event.report.action === 'failed') await bounced(trx, deps, row, event.report.recipient, [event.report.status, event.report.diagnostic]);
    return;
  }
  if (event.from === null || sender.own.has(event.from)) return;
  if (event.automatic === 'vacation' && row.targets.includes(event.from)) return pause(trx, deps, row, sender, event);
  if (event.automatic !== 'no') return;
  await markAnswered(trx, row, new Date(event.receivedAt));
  const [rule] = await rulesByIds(trx, row.rule_id === null ? [] : [row.rule_id]);
  if (rule?.expect_thread_response === false) {
    if (row.status === 'active') await note(trx, deps, row, { responder: event.from }, 'answeredGoesOn');
    return;
  }
  await end(trx, deps, row, { status: 'finished', reason: 'answered', responder: event.from });
}

async function bounced(trx: Trx, deps: Deps, row: ConversationRow, recipient: string | null, says: readonly (string | null)[]): Promise<void> {
  // A report that names nobody can only mean the one there is.
  const target = recipient?.toLowerCase() ?? (row.targets.length === 1 ? row.targets[0]! : undefined);
  if (target === undefined) return;
  const why = says.filter(Boolean).join(' ').slice(0, 500);
  await removeTarget(trx, deps, row, target, { reason: 'bounced', error: `${target} could not be reached${why ? `: ${why}` : '.'}` });
}

async function pause(trx: Trx, deps: Deps, row: ConversationRow, sender: Sender, event: MessageArrived): Promise<void> {
  if (row.status !== 'active' || row.next_at === null) return;
  const now = deps.clock.now().getTime();
  const said = event.awayUntil === null ? NaN : Date.parse(event.awayUntil);
  const until = Number.isNaN(said)
    ? planStep({ from: Date.parse(event.receivedAt), days: AWAY_DAYS, workingDays: true, seed: row.convo_id }, sender.time)
    : Math.min(said, now + LONGEST_ABSENCE);
  if (until <= row.next_at.getTime()) return;
  const [rule] = await rulesByIds(trx, [row.rule_id!]);
  const paused = await note(trx, deps, row, { pause_reason: 'away', paused_until: new Date(until) }, 'paused');
  if (rule) await plan(trx, deps, { row: paused, rule, sender });
}

/** Our own queue gave a recipient up. */
export async function hearFailure(deps: Deps, event: DeliveryFailed): Promise<void> {
  await transaction(deps.db, async (trx) => {
    for (const row of await lockConcerned(trx, event.accountId, null, [event.internetMessageId])) await bounced(trx, deps, row, event.recipient, [event.diagnostic]);
  });
}

/** The relay may have taken the step and may not. */
export async function hearDoubt(deps: Deps, event: DeliveryInDoubt): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const step = await stepOfMessage(trx, event.accountId, event.internetMessageId);
    const row = step && await lockById(trx, step.conversation_id);
    if (!row) return;
    await changeStep(trx, step, { state: 'inDoubt' });
    const mayChange = row.status === 'active' || row.status === 'ruleIncomplete' || row.stop_reason === 'completed';
    if (row.run === step.run && mayChange) await endInDoubt(trx, deps, row, step.num);
  });
}

/** The listener's name: outside those that a claim waits for altogether. */
export const WRITTEN = 'followupWritten';

/**
 * The sender wrote to them himself: the days until the next step count from that message, and the step
 * answers it. A step is only ever moved to later by this.
 */
export async function hearWritten(deps: Deps, event: MailSent): Promise<void> {
  if (event.automatic) return;
  await transaction(deps.db, async (trx) => {
    const row = await lockConversation(trx, event.accountId, event.threadId);
    const sentAt = new Date(event.sentAt);
    // The message that the sequence was started with is heard of too.
    if (row?.status !== 'active' || row.next_at === null || row.reply_to === event.internetMessageId || sentAt <= row.started_at) return;
    if (!event.recipients.some((address) => row.targets.includes(address.toLowerCase()))) return;
    const [rule] = await rulesByIds(trx, row.rule_id === null ? [] : [row.rule_id]);
    if (!rule) return;
    await rememberMessages(trx, row.account_id, row.id, [event.internetMessageId]);
    const running = {
      rule, sender: await senderOf(trx, row.account_id),
      row: await changeConversation(trx, row.id, { counted_from: sentAt, reply_to: event.internetMessageId, reference_ids: shortened([...row.reference_ids, event.internetMessageId]) }),
    };
    const moved = await plan(trx, deps, running);
    if (moved.next_at !== null && moved.next_at < row.next_at) await plan(trx, deps, running, { firstAt: row.next_at });
    else await note(trx, deps, moved, {}, 'planned');
  });
}

export async function hearOptOut(deps: Deps, event: RecipientOptedOut): Promise<void> {
  await transaction(deps.db, async (trx) => {
    if (event.email !== null) {
      const address = event.email.toLowerCase();
      await optOutOf(trx, event.accountId, address);
      for (const row of await lockWithTarget(trx, event.accountId, address)) await removeTarget(trx, deps, row, address, { reason: 'optedOut', error: optOutText([address]) });
      return;
    }
    // Somebody among the recipients, nobody knows who: none of them is written to again.
    for (const row of await lockWithTracking(trx, event.accountId, event.trackingId)) await end(trx, deps, row, { status: 'finished', reason: 'optedOut' });
  });
}

export async function hearBooking(deps: Deps, event: MeetingBooked): Promise<void> {
  if (event.attendeeEmail === null) return;
  const address = event.attendeeEmail.toLowerCase();
  await transaction(deps.db, async (trx) => {
    for (const row of await lockWithTarget(trx, event.accountId, address)) await end(trx, deps, row, { status: 'finished', reason: 'booked', responder: address });
  });
}

/** True where a step of the account waits only for its mail to be read. */
export const awaitsMail = (deps: Deps, accountId: number): Promise<boolean> => hasDue(deps.db, accountId, deps.clock.now());
