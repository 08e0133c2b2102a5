import { sql } from 'kysely';
import { transaction, type Db, type Trx } from '../../db/db.ts';
import { lockTrackings, recomputeDerived } from './judging.queries.ts';

/**
 * Forgets what an account's tracking knows. Codes and link targets stay, tied to nobody: the links in
 * mail that is already out must go on leading where they led.
 */
export async function forgetAccount(trx: Trx, accountId: number): Promise<void> {
  await trx.updateTable('tracking').set({ account_id: null }).where('account_id', '=', accountId).execute();
  await clearOrphans(trx);
}

/** The same for accounts that are gone: their rows have lost the account, not yet their contents. */
export const forgetOrphans = (db: Db): Promise<void> => transaction(db, clearOrphans);

async function clearOrphans(trx: Trx): Promise<void> {
  // Every row with contents has one of the two; cleared ones have neither and are left alone.
  const orphans = trx.selectFrom('tracking').select('id').where('account_id', 'is', null)
    .where((e) => e.or([e('draft_id', 'is not', null), e('inet_key', 'is not', null)]));
  await trx.deleteFrom('tracking').where('id', 'in', orphans)
    .where((e) => e.not(e.exists(e.selectFrom('tracking_links').select('id').whereRef('tracking_id', '=', 'tracking.id')))).execute();
  await trx.deleteFrom('tracking_events').where('tracking_id', 'in', orphans).execute();
  await trx.deleteFrom('tracking_viewings').where('tracking_id', 'in', orphans).execute();
  await trx.updateTable('tracking_links').set({ label: '' }).where('tracking_id', 'in', orphans).execute();
  await trx.updateTable('tracking').set({
    draft_id: null, context: null, message_id: null, thread_id: null, inet_message_id: null, inet_key: null, subject: null,
    recipients: [], last_user_agent: null, last_remote_addr: null, last_activity_at: null, last_responded_at: null,
    open_count: 0, click_count: 0, unknown_count: 0, not_counted: 0, raw_events: 0, hits_not_kept: 0, has_bounced: false,
  }).where('id', 'in', orphans).execute();
}

/** Deletes events older than that, at most so many at a time, and counts anew; answers how many went. */
export async function deleteEventsBefore(trx: Trx, before: Date, most: number): Promise<number> {
  const old = await trx.selectFrom('tracking_events').select(['id', 'tracking_id']).where('created_at', '<', before).orderBy('created_at').limit(most).execute();
  if (!old.length) return 0;
  const ids = [...new Set(old.map((row) => row.tracking_id))];
  // Locked before counting, or a hit judged at this moment would be left out.
  await lockTrackings(trx, ids);
  await sql`delete from tracking_events where id = any(${old.map((row) => row.id)}::bigint[])`.execute(trx);
  await recomputeDerived(trx, ids);
  return old.length;
}

/** Forgets messages older than that of which no event is left: subject and recipients go as their opens went. */
export async function forgetMessagesBefore(trx: Trx, before: Date): Promise<void> {
  await trx.updateTable('tracking').set({ account_id: null })
    .where(sql<boolean>`coalesce(sent_at, created_at) < ${before}`).where('account_id', 'is not', null)
    .where((e) => e.not(e.exists(e.selectFrom('tracking_events').select('id').whereRef('tracking_id', '=', 'tracking.id')))).execute();
  await clearOrphans(trx);
}

export const deleteViewingsBefore = (trx: Trx, before: Date): Promise<unknown> =>
  trx.deleteFrom('tracking_viewings').where('seen_at', '<', before).execute();
