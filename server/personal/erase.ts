import { sql } from 'kysely';
import { transaction, type Db, type Trx } from '../db/db.ts';
import type { Tables } from '../db/tables.ts';
import { detachAccountsOf, lockAccount } from '../features/accounts/queries.ts';
import { notFound } from '../errors.ts';
import { personOf } from './person.ts';
import { PERSONAL, type Person, type PersonalTable } from './tables.ts';

export interface Erased {
  /** Rows, without the bytes of messages. */
  readonly removed: number;
  /** What other people keep of their own and that names the address, counted; without what is none. */
  readonly left: Readonly<Record<string, number>>;
}

/**
 * Removes a person and every trace, in one transaction: what deleting the account keeps as well (tracked
 * links, which lead nowhere from now on), what waits in queues, and the events that told of him.
 */
export async function erasePerson({ db }: { db: Db }, accountId: number): Promise<Erased> {
  return transaction(db, async (trx) => {
    const account = await lockAccount(trx, accountId);
    if (!account) throw notFound('The account');
    const person = await personOf(trx, accountId);
    const removed = await countRows(trx, person);
    await forgetJobs(trx, person);
    // Children before what they hang on; what is left to the database's own cascades comes with the account.
    for (const table of ['outbox', 'prepared_tokens', 'tracking_hits', 'tracking'] as const) await sql`delete from ${sql.table(table)} where ${PERSONAL[table]!.of(person)}`.execute(trx);
    if (person.userId !== null) {
      await detachAccountsOf(trx, person.userId);
      await trx.deleteFrom('users').where('id', '=', person.userId).execute();
    }
    await trx.deleteFrom('accounts').where('id', 'in', person.accountIds).execute();
    return { removed, left: await stillNamed(trx, account.email.toLowerCase()) };
  });
}

async function countRows(trx: Trx, person: Person): Promise<number> {
  let count = 0;
  for (const [name, table] of Object.entries(PERSONAL) as [keyof Tables, PersonalTable][]) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(name)} where ${table.of(person)}`.execute(trx);
    count += rows[0]!.n;
  }
  return count;
}

/** Also those that are done or were given up: their payloads name accounts and carry whole events. */
async function forgetJobs(trx: Trx, person: Person): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('pgboss.job') is not null as there`.execute(trx);
  if (!rows[0]!.there) return;
  const ids = person.accountIds.map(String);
  // The job that sets another one aside carries that one's payload in its own.
  await sql`delete from pgboss.job where data->>'accountId' = any(${ids}) or data->'event'->>'accountId' = any(${ids})
    or data->'data'->>'accountId' = any(${ids}) or data->'data'->'event'->>'accountId' = any(${ids})`.execute(trx);
}

/** Other people's mail and records are theirs; erasing them would take what they were given. */
async function stillNamed(trx: Trx, address: string): Promise<Record<string, number>> {
  const counts = {
    'messages in other mailboxes': sql`select count(*)::int as n from mail_messages where lower(from_address->>'address') = ${address} or lower(concat(to_addresses, cc_addresses, bcc_addresses)) like ${`%"${address}"%`}`,
    'tracked messages to the address': sql`select count(*)::int as n from tracking where ${address} = any(recipients)`,
    'follow-ups to the address': sql`select count(*)::int as n from followup_conversations where ${address} = any(targets)`,
    'bookings by the address': sql`select count(*)::int as n from booking_reservations where lower(attendee_email) = ${address}`,
    'opt-outs of the address': sql`select (select count(*) from tracking_optouts where email = ${address})::int + (select count(*) from followup_optouts where email = ${address})::int as n`,
  };
  const found: Record<string, number> = {};
  for (const [what, query] of Object.entries(counts)) {
    const { rows } = await query.execute(trx);
    const { n } = rows[0] as { n: number };
    if (n) found[what] = n;
  }
  return found;
}
