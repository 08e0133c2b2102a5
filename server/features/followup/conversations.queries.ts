import type { Insertable, Selectable, Updateable } from 'kysely';
import { jsonb, type Db, type Trx } from '../../db/db.ts';
import type { FollowupTables } from '../../db/tables/followup.ts';

export type ConversationRow = Selectable<FollowupTables['followup_conversations']>;
export type StepRow = Selectable<FollowupTables['followup_steps']>;
export type ConversationValues = Insertable<FollowupTables['followup_conversations']>;
export type ConversationChange = Updateable<FollowupTables['followup_conversations']>;

export const conversationOf = (db: Db | Trx, accountId: number, convoId: string): Promise<ConversationRow | undefined> =>
  db.selectFrom('followup_conversations').selectAll().where('account_id', '=', accountId).where('convo_id', '=', convoId).executeTakeFirst();

export const lockConversation = (trx: Trx, accountId: number, convoId: string): Promise<ConversationRow | undefined> =>
  trx.selectFrom('followup_conversations').selectAll().where('account_id', '=', accountId).where('convo_id', '=', convoId).forUpdate().executeTakeFirst();

export const lockById = (trx: Trx, id: number): Promise<ConversationRow | undefined> =>
  trx.selectFrom('followup_conversations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** The row, if it is due and no other worker holds it. */
export const claimDue = (trx: Trx, id: number, now: Date): Promise<ConversationRow | undefined> =>
  trx.selectFrom('followup_conversations').selectAll().where('id', '=', id).where('status', '=', 'active').where('next_at', '<=', now)
    .forUpdate().skipLocked().executeTakeFirst();

export const dueIds = (db: Db | Trx, now: Date, most: number, skip: readonly number[]): Promise<{ id: number }[]> => {
  const due = db.selectFrom('followup_conversations').select('id').where('next_at', '<=', now).orderBy('next_at').orderBy('id').limit(most);
  return (skip.length ? due.where('id', 'not in', skip) : due).execute();
};

/** Those of the account that are due; for waking the worker after mail has been heard. */
export const hasDue = async (db: Db | Trx, accountId: number, now: Date): Promise<boolean> =>
  await db.selectFrom('followup_conversations').select('id').where('account_id', '=', accountId).where('next_at', '<=', now).limit(1).executeTakeFirst() !== undefined;

export const lockDueBetween = (trx: Trx, after: Date, before: Date): Promise<ConversationRow[]> =>
  trx.selectFrom('followup_conversations').selectAll().where('next_at', '>', after).where('next_at', '<', before).orderBy('id').forUpdate().execute();

export async function earliestDue(db: Db | Trx): Promise<Date | null> {
  const row = await db.selectFrom('followup_conversations').select('next_at').where('next_at', 'is not', null).orderBy('next_at').limit(1).executeTakeFirst();
  return row?.next_at ?? null;
}

export const conversationsOf = (db: Db | Trx, accountId: number, active: boolean | undefined, limit: number, offset: number): Promise<ConversationRow[]> =>
  filtered(db, accountId, active).selectAll().orderBy('updated_at', 'desc').orderBy('id', 'desc').limit(limit).offset(offset).execute();

export async function countConversations(db: Db | Trx, accountId: number, active: boolean | undefined): Promise<number> {
  const { count } = await filtered(db, accountId, active).select((e) => e.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(db: Db | Trx, accountId: number, active: boolean | undefined) {
  const all = db.selectFrom('followup_conversations').where('account_id', '=', accountId);
  return active === undefined ? all : all.where('status', active ? '=' : '!=', 'active');
}

/** A new conversation, or a new run of the thread's old one. */
export const startRun = (trx: Trx, values: Omit<ConversationValues, 'run'>): Promise<ConversationRow> => {
  const columns = { ...values, ...json(values) };
  return trx.insertInto('followup_conversations').values(columns)
    .onConflict((c) => c.columns(['account_id', 'convo_id']).doUpdateSet({ ...columns, run: (e) => e('followup_conversations.run', '+', 1) }))
    .returningAll().executeTakeFirstOrThrow();
};

export const changeConversation = (trx: Trx, id: number, change: ConversationChange): Promise<ConversationRow> =>
  trx.updateTable('followup_conversations').set({ ...change, ...json(change) }).where('id', '=', id).returningAll().executeTakeFirstOrThrow();

const json = (values: { action_vars?: unknown; target_names?: unknown }) => ({
  ...(values.action_vars === undefined ? {} : { action_vars: jsonb(values.action_vars) }),
  ...(values.target_names === undefined ? {} : { target_names: jsonb(values.target_names) }),
});

/** Here and below, several rows are locked in the order of their ids, or two transactions could wait for each other. */
export const lockRunningOfRule = (trx: Trx, ruleId: number): Promise<ConversationRow[]> =>
  trx.selectFrom('followup_conversations').selectAll().where('rule_id', '=', ruleId).where('status', 'in', ['active', 'ruleIncomplete']).orderBy('id').forUpdate().execute();

/**
 * Conversations that a message belongs to: by its thread, or by the Message-IDs it names. Those whose steps
 * have all been sent, or one of them perhaps, still listen, so that the sender reads "answered" and not merely
 * "completed", and knows of the doubtful one that it came or did not come.
 */
export const lockConcerned = (trx: Trx, accountId: number, threadId: string | null, messageIds: readonly string[]): Promise<ConversationRow[]> =>
  trx.selectFrom('followup_conversations').selectAll()
    .where('account_id', '=', accountId)
    .where((e) => e.or([e('status', 'in', ['active', 'ruleIncomplete']), e('stop_reason', 'in', ['completed', 'inDoubt'])]))
    .where((e) => e.or([
      ...(threadId === null ? [] : [e('convo_id', '=', threadId)]),
      ...(messageIds.length ? [e('id', 'in', e.selectFrom('followup_messages').select('conversation_id').where('account_id', '=', accountId).where('internet_message_id', 'in', messageIds))] : []),
    ]))
    .orderBy('id').forUpdate().execute();

/** Conversations that are not over and write to the address. */
export const lockWithTarget = (trx: Trx, accountId: number, address: string): Promise<ConversationRow[]> =>
  trx.selectFrom('followup_conversations').selectAll()
    .where('account_id', '=', accountId).where('status', 'in', ['active', 'ruleIncomplete'])
    .where((e) => e(e.val(address), '=', e.fn.any('targets'))).orderBy('id').forUpdate().execute();

export const optOutOf = (trx: Trx, accountId: number, email: string): Promise<unknown> =>
  trx.insertInto('followup_optouts').values({ account_id: accountId, email }).onConflict((c) => c.doNothing()).execute();

/** Of these addresses (lower case), those that want no follow-up from the account. */
export async function optedOutOf(db: Db | Trx, accountId: number, emails: readonly string[]): Promise<string[]> {
  if (!emails.length) return [];
  const rows = await db.selectFrom('followup_optouts').select('email').where('account_id', '=', accountId).where('email', 'in', emails).execute();
  return rows.map((row) => row.email);
}

/** The account's step that went out under this Message-ID, of whichever run. */
export const stepOfMessage = (trx: Trx, accountId: number, internetMessageId: string): Promise<StepRow | undefined> =>
  trx.selectFrom('followup_steps').innerJoin('followup_conversations', 'followup_conversations.id', 'followup_steps.conversation_id')
    .selectAll('followup_steps').where('followup_conversations.account_id', '=', accountId).where('internet_message_id', '=', internetMessageId).executeTakeFirst();

export const lockWithTracking = (trx: Trx, accountId: number, trackingId: number): Promise<ConversationRow[]> =>
  trx.selectFrom('followup_conversations').selectAll()
    .where('account_id', '=', accountId).where('status', 'in', ['active', 'ruleIncomplete']).where('tracking_id', '=', trackingId).orderBy('id').forUpdate().execute();

export const stepsOf = (db: Db | Trx, conversation: { id: number; run: number }): Promise<StepRow[]> =>
  db.selectFrom('followup_steps').selectAll().where('conversation_id', '=', conversation.id).where('run', '=', conversation.run).orderBy('num').execute();

/** The steps of the present run of each conversation. */
export const stepsOfAll = (db: Db | Trx, ids: readonly number[]): Promise<StepRow[]> =>
  ids.length
    ? db.selectFrom('followup_steps').innerJoin('followup_conversations', (j) => j.onRef('followup_conversations.id', '=', 'followup_steps.conversation_id').onRef('followup_conversations.run', '=', 'followup_steps.run'))
      .selectAll('followup_steps').where('followup_steps.conversation_id', 'in', ids).orderBy('num').execute()
    : Promise.resolve([]);

export const insertStep = (trx: Trx, values: Insertable<FollowupTables['followup_steps']>): Promise<StepRow> =>
  trx.insertInto('followup_steps').values(values).returningAll().executeTakeFirstOrThrow();

export const changeStep = (trx: Trx, step: Pick<StepRow, 'conversation_id' | 'run' | 'num'>, change: Updateable<FollowupTables['followup_steps']>): Promise<unknown> =>
  trx.updateTable('followup_steps').set(change).where('conversation_id', '=', step.conversation_id).where('run', '=', step.run).where('num', '=', step.num).execute();

export const deleteStep = (trx: Trx, step: Pick<StepRow, 'conversation_id' | 'run' | 'num'>): Promise<unknown> =>
  trx.deleteFrom('followup_steps').where('conversation_id', '=', step.conversation_id).where('run', '=', step.run).where('num', '=', step.num).execute();

/** Somebody answered: the newest step that had been sent by then has it to its credit, once. */
export const markAnswered = (trx: Trx, conversation: { id: number; run: number }, at: Date): Promise<unknown> =>
  trx.updateTable('followup_steps').set({ answered_at: at }).where('answered_at', 'is', null)
    .where('conversation_id', '=', conversation.id).where('run', '=', conversation.run)
    .where('num', '=', (e) => e.selectFrom('followup_steps as s').select((f) => f.fn.max('s.num').as('num'))
      .where('s.conversation_id', '=', conversation.id).where('s.run', '=', conversation.run).where('s.state', '=', 'sent').where('s.sent_at', '<=', at))
    .execute();

/** What is planned becomes cancelled; what began or ended stays as it is. */
export const cancelPlanned = (trx: Trx, conversation: { id: number; run: number }): Promise<unknown> =>
  trx.updateTable('followup_steps').set({ state: 'cancelled' }).where('conversation_id', '=', conversation.id).where('run', '=', conversation.run).where('state', '=', 'planned').execute();

/** Attempts outside a transaction that began before `before` (wall clock) and never said how they ended. */
export const silentAttempts = (db: Db | Trx, before: Date): Promise<(StepRow & { account_id: number })[]> =>
  db.selectFrom('followup_steps').innerJoin('followup_conversations', 'followup_conversations.id', 'followup_steps.conversation_id')
    .selectAll('followup_steps').select('followup_conversations.account_id')
    .where('state', '=', 'sending').where('sending_since', '<', before).limit(100).execute();

/** True where the attempt is still the one that holds the step; then it is locked. */
export const holdsAttempt = async (trx: Trx, step: Pick<StepRow, 'conversation_id' | 'run' | 'num' | 'attempt'>): Promise<boolean> =>
  await trx.selectFrom('followup_steps').select('num').where('conversation_id', '=', step.conversation_id).where('run', '=', step.run).where('num', '=', step.num)
    .where('attempt', '=', step.attempt).where('state', '=', 'sending').forUpdate().executeTakeFirst() !== undefined;

export async function rememberMessages(trx: Trx, accountId: number, conversationId: number, messageIds: readonly string[]): Promise<void> {
  if (!messageIds.length) return;
  await trx.insertInto('followup_messages')
    .values([...new Set(messageIds)].map((id) => ({ account_id: accountId, conversation_id: conversationId, internet_message_id: id })))
    .onConflict((c) => c.doNothing()).execute();
}

/** What was called off or failed before anything left is to be done again. */
export const reopenSteps = (trx: Trx, conversation: { id: number; run: number }): Promise<unknown> =>
  trx.updateTable('followup_steps').set({ state: 'planned' }).where('conversation_id', '=', conversation.id).where('run', '=', conversation.run).where('state', 'in', ['cancelled', 'failed']).execute();
