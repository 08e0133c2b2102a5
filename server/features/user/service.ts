import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import { scheduleProblem, type WeekSchedule } from '../../lib/work-week.ts';
import * as accounts from '../accounts/queries.ts';
import type { AccountRow } from '../accounts/queries.ts';
import { removeAccount } from '../accounts/service.ts';
import { endSessions, unlinkIdentities } from '../auth/session.service.ts';

type Needs = Pick<Deps, 'db' | 'events' | 'clock'>;

/** What is somebody else's does not exist. */
export async function requireOwnAccount(deps: Pick<Deps, 'db'>, userId: string, accountId: number): Promise<AccountRow> {
  const account = await accounts.accountById(deps.db, accountId);
  if (!account || account.user_id !== userId) throw notFound(`The account ${accountId}`);
  return account;
}

/**
 * Working hours are the person's, so each of his accounts gets them: booking pages and follow-ups read
 * them from the account that they run on.
 */
export async function setWorkHours(deps: Needs, userId: string, workHours: WeekSchedule): Promise<void> {
  const wrong = scheduleProblem(workHours);
  if (wrong) throw invalid(`workHours.${wrong.path}`, wrong.problem);
  await accounts.setWorkHoursOfUser(deps.db, userId, workHours, deps.clock.real());
}

/**
 * Takes an account from the user and ends what gives access to it. A hosted mailbox stays where it is, with
 * its mail (the application deletes those); an account that is a mere link is deleted. Without the primary
 * account there is no user any more: every session ends and the Exchange mailboxes are unlinked.
 */
export async function signOutOfAccount(deps: Needs, userId: string, accountId: number): Promise<void> {
  const account = await requireOwnAccount(deps, userId, accountId);
  const isMailbox = await accounts.hasPassword(deps.db, account.id);
  await transaction(deps.db, async (trx) => {
    if (account.user_account_type === 'primary') {
      await endSessions(trx, userId);
      await unlinkIdentities(trx, userId);
    }
    if (!isMailbox) return removeAccount(trx, deps, account.id);
    await accounts.setAccountUser(trx, account.id, null, null);
    await accounts.deleteTokens(trx, account.id);
    // His other mailboxes are nobody's now; kept for a user that nobody can be, no other could ever take them.
    if (account.user_account_type === 'primary') await accounts.detachAccountsOf(trx, userId);
  });
}

/** Ends every session of the user in every browser, and unlinks his Exchange mailboxes. */
export async function logout(deps: Needs, userId: string): Promise<void> {
  await transaction(deps.db, async (trx) => {
    await endSessions(trx, userId);
    await unlinkIdentities(trx, userId);
  });
}

/**
 * A second account on the same connection that belongs to the application alone: it lives on when the user
 * signs out. The same copy (by client organisation) is made once. `andThen` runs in the same transaction.
 */
export async function copyAsManaged<T>(deps: Needs, userId: string, accountId: number, clientOrgId: string | undefined, andThen: (trx: Trx, copy: AccountRow) => Promise<T>): Promise<T> {
  const account = await requireOwnAccount(deps, userId, accountId);
  if (account.type === 'managed') throw new AppError('conflict', 'A managed account cannot be copied again.');
  return transaction(deps.db, async (trx) => {
    await accounts.lockAccount(trx, account.id);
    const known = await accounts.managedCopy(trx, account.id, clientOrgId ?? null);
    return andThen(trx, known ?? await accounts.insertAccount(trx, {
      app_id: account.app_id, parent_id: account.id, service_type: account.service_type, type: 'managed',
      email: account.email, name: account.name, timezone: account.timezone, login_string: account.login_string,
      client_org_id: clientOrgId ?? null, server_url: account.server_url, auth_scopes: account.auth_scopes,
      auth_native_scopes: account.auth_native_scopes, token_error: null, copy_to_sent: account.copy_to_sent,
      user_id: null, user_account_type: null, auth_obtained_at: deps.clock.real(),
    }));
  });
}
