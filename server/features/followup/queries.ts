import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import { jsonb, type Db, type Trx } from '../../db/db.ts';
import type { FollowupTables, RuleAction } from '../../db/tables/followup.ts';

export type ConfigRow = Selectable<FollowupTables['followup_config']>;
export type RuleRow = Selectable<FollowupTables['followup_rules']>;
export type DraftRow = Selectable<FollowupTables['followup_drafts']>;

export interface RuleValues {
  readonly name: string | null;
  readonly expect_thread_response: boolean | null;
  readonly template_subject: string | null;
  readonly template_body: string | null;
  readonly working_days: boolean;
  readonly actions: RuleAction[] | null;
}

export const configOf = (db: Db | Trx, accountId: number): Promise<ConfigRow | undefined> =>
  db.selectFrom('followup_config').selectAll().where('account_id', '=', accountId).executeTakeFirst();

export const upsertConfig = (db: Db | Trx, accountId: number, change: Updateable<FollowupTables['followup_config']>): Promise<ConfigRow> =>
  db.insertInto('followup_config').values({ account_id: accountId, timezone: null, ...change })
    .onConflict((c) => c.column('account_id').doUpdateSet({ account_id: accountId, ...change }))
    .returningAll().executeTakeFirstOrThrow();

/** True for exactly one caller of an account, ever. */
export async function claimSeeding(trx: Trx, accountId: number): Promise<boolean> {
  await trx.insertInto('followup_config').values({ account_id: accountId, timezone: null }).onConflict((c) => c.doNothing()).execute();
  const claimed = await trx.updateTable('followup_config').set({ rules_seeded: true })
    .where('account_id', '=', accountId).where('rules_seeded', '=', false).returning('account_id').executeTakeFirst();
  return claimed !== undefined;
}

export const ruleOf = (db: Db | Trx, accountId: number, id: number): Promise<RuleRow | undefined> =>
  db.selectFrom('followup_rules').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst();

export const rulesOf = (db: Db | Trx, accountId: number, limit: number, offset: number): Promise<RuleRow[]> =>
  db.selectFrom('followup_rules').selectAll().where('account_id', '=', accountId).orderBy('id').limit(limit).offset(offset).execute();

export const rulesByIds = (db: Db | Trx, ids: readonly number[]): Promise<RuleRow[]> =>
  ids.length ? db.selectFrom('followup_rules').selectAll().where('id', 'in', ids).execute() : Promise.resolve([]);

export async function countRules(db: Db | Trx, accountId: number): Promise<number> {
  const { count } = await db.selectFrom('followup_rules').select((e) => e.fn.countAll<number>().as('count')).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  return Number(count);
}

export const insertRule = (db: Db | Trx, accountId: number, values: RuleValues): Promise<RuleRow> =>
  db.insertInto('followup_rules').values({ account_id: accountId, ...ruleColumns(values) }).returningAll().executeTakeFirstOrThrow();

export const updateRule = (db: Db | Trx, accountId: number, id: number, values: RuleValues): Promise<RuleRow | undefined> =>
  db.updateTable('followup_rules').set(ruleColumns(values)).where('account_id', '=', accountId).where('id', '=', id).returningAll().executeTakeFirst();

export const deleteRule = (trx: Trx, id: number): Promise<unknown> => trx.deleteFrom('followup_rules').where('id', '=', id).execute();

/** Those of the ids that are the account's, kept from being deleted until the transaction ends. */
export async function ruleIdsOf(trx: Trx, accountId: number, ids: readonly number[]): Promise<number[]> {
  if (!ids.length) return [];
  const rows = await trx.selectFrom('followup_rules').select('id').where('account_id', '=', accountId).where('id', 'in', ids).orderBy('id').forKeyShare().execute();
  return rows.map((row) => row.id);
}

export async function replaceTemplateUses(trx: Trx, accountId: number, trackingCode: string, ruleIds: readonly number[]): Promise<void> {
  await trx.deleteFrom('followup_template_uses').where('account_id', '=', accountId).where('tracking_code', '=', trackingCode).execute();
  if (ruleIds.length) await trx.insertInto('followup_template_uses').values(ruleIds.map((id) => ({ account_id: accountId, tracking_code: trackingCode, rule_id: id }))).execute();
}

/** How many conversations each rule is running in. */
export async function runningByRule(db: Db | Trx, ruleIds: readonly number[]): Promise<Map<number, number>> {
  if (!ruleIds.length) return new Map();
  const rows = await db.selectFrom('followup_conversations').select(['rule_id', (e) => e.fn.countAll<number>().as('count')])
    .where('rule_id', 'in', ruleIds).where('status', '=', 'active').groupBy('rule_id').execute();
  return new Map(rows.map((row) => [row.rule_id!, Number(row.count)]));
}

export const draftOf = (db: Db | Trx, accountId: number, trackingCode: string): Promise<DraftRow | undefined> =>
  db.selectFrom('followup_drafts').selectAll().where('account_id', '=', accountId).where('tracking_code', '=', trackingCode).executeTakeFirst();

export const lockDraft = (trx: Trx, accountId: number, trackingCode: string): Promise<DraftRow | undefined> =>
  trx.selectFrom('followup_drafts').selectAll().where('account_id', '=', accountId).where('tracking_code', '=', trackingCode).forUpdate().executeTakeFirst();

export type DraftValues = Omit<Insertable<FollowupTables['followup_drafts']>, 'account_id' | 'tracking_code' | 'convo_id' | 'created_at'>;

/** Undefined where the draft has been sent already: what runs then is the conversation. */
export const upsertDraft = (db: Db | Trx, accountId: number, trackingCode: string, values: DraftValues): Promise<DraftRow | undefined> => {
  const columns = { ...values, action_vars: jsonb(values.action_vars) };
  return db.insertInto('followup_drafts').values({ account_id: accountId, tracking_code: trackingCode, ...columns })
    .onConflict((c) => c.columns(['account_id', 'tracking_code']).doUpdateSet(columns).where('followup_drafts.convo_id', 'is', null))
    .returningAll().executeTakeFirst();
};

export const markDraftStarted = (trx: Trx, accountId: number, trackingCode: string, convoId: string): Promise<unknown> =>
  trx.updateTable('followup_drafts').set({ convo_id: convoId }).where('account_id', '=', accountId).where('tracking_code', '=', trackingCode).execute();

export async function deleteDraft(db: Db | Trx, accountId: number, trackingCode: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('followup_drafts').where('account_id', '=', accountId).where('tracking_code', '=', trackingCode).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** When the worker looked last, by the wall clock; written anew with `now`. */
export async function swapSweptAt(trx: Trx, now: Date): Promise<Date | undefined> {
  const before = await trx.selectFrom('followup_worker').select('swept_at').where('id', '=', 1).forUpdate().executeTakeFirst();
  await sql`insert into followup_worker (id, swept_at) values (1, ${now}) on conflict (id) do update set swept_at = excluded.swept_at`.execute(trx);
  return before?.swept_at;
}

const ruleColumns = (values: RuleValues) => ({ ...values, actions: values.actions ? jsonb(values.actions) : null });
