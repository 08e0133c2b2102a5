import type { Trx } from '../db/db.ts';
import { notFound } from '../errors.ts';
import { accountAndCopies, accountById, accountsOfUser } from '../features/accounts/queries.ts';
import type { Person } from './tables.ts';

/** The person of an account. A user with another account besides is not this person's alone, and stays. */
export async function personOf(trx: Trx, accountId: number): Promise<Person> {
  const account = await accountById(trx, accountId);
  if (!account) throw notFound('The account');
  const accountIds = await accountAndCopies(trx, accountId);
  const others = account.user_id === null ? [] : (await accountsOfUser(trx, account.user_id)).filter((a) => !accountIds.includes(a.id));
  return { accountIds, userId: others.length && account.user_account_type !== 'primary' ? null : account.user_id };
}
