import { sql } from 'kysely';
import type { Trx } from '../../db/db.ts';
import { randomToken } from '../../lib/ids.ts';
import { messageKey } from './rows.ts';

/** Any number that no other advisory lock of two numbers uses. */
const THREAD_LOCK = 30;

export interface ThreadLinks {
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
}

/**
 * The thread a message belongs to, by In-Reply-To, then References from the nearest ancestor, then its
 * own id (a later message may have named it first); subjects decide nothing. Ids of ancestors are kept
 * too, so that messages which arrive out of order meet in one thread. `wanted` wins where it is given.
 */
export async function threadOf(trx: Trx, accountId: number, links: ThreadLinks, wanted?: string): Promise<string> {
  const ids = [links.inReplyTo, ...[...links.references].reverse(), links.messageId].filter((id) => id !== null);
  const keys = [...new Set(ids.map(messageKey))];
  // Two answers to one unknown message, read at the same moment, must not found two threads.
  await sql`select pg_advisory_xact_lock(${THREAD_LOCK}::int, ${accountId}::int)`.execute(trx);
  const known = keys.length
    ? await trx.selectFrom('mail_threads').select(['message_key', 'thread_id']).where('account_id', '=', accountId).where('message_key', 'in', keys).execute()
    : [];
  const found = keys.map((key) => known.find((k) => k.message_key === key)?.thread_id).find(Boolean);
  const threadId = wanted ?? found ?? `t${randomToken(12)}`;
  const fresh = keys.filter((key) => !known.some((k) => k.message_key === key));
  if (fresh.length) {
    await trx.insertInto('mail_threads').values(fresh.map((message_key) => ({ account_id: accountId, message_key, thread_id: threadId })))
      .onConflict((c) => c.doNothing()).execute();
  }
  return threadId;
}
