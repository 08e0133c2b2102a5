import { randomUUID } from 'node:crypto';
import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Scope } from '../../lib/scopes.ts';
import { inheritWorkHours, lockAccount, primaryAccountOf, setAccountUser, updateAccount, type AccountRow } from '../accounts/queries.ts';
import type { LinkToUser } from '../accounts/service.ts';
import * as queries from './queries.ts';
import type { Identity } from './queries.ts';
import { createSession } from './session.service.ts';

/** What a sign-in grants the application over an account; kept with a code until it is redeemed. */
export interface Grant {
  /** Undefined leaves what was granted before. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly nativeScopes?: readonly string[] | undefined;
  readonly clientOrgId?: string | undefined;
  /** Undefined: the account alone, without a user. */
  readonly role?: 'primary' | 'secondary' | undefined;
  /** The user the account goes to, where the request proved that it may say so. */
  readonly userId?: string | undefined;
}

/** Applies a grant to the account; answers the user where there is one. Call it in the transaction of its cause. */
export async function applyGrant(trx: Trx, accountId: number, grant: Grant, identity: Identity | undefined, now: Date): Promise<string | undefined> {
  const account = await lockAccount(trx, accountId);
  if (!account) throw notFound('The account');
  await updateAccount(trx, accountId, {
    ...(grant.scopes ? { auth_scopes: [...grant.scopes] } : {}),
    ...(grant.nativeScopes ? { auth_native_scopes: [...grant.nativeScopes] } : {}),
    ...(grant.clientOrgId === undefined ? {} : { client_org_id: grant.clientOrgId }),
    auth_obtained_at: now,
    updated_at: now,
  });
  if (!grant.role) return undefined;
  const userId = grant.role === 'primary'
    ? await takeAsPrimary(trx, account, grant.userId)
    : await takeAsSecondary(trx, account, grant.userId ?? await userOfIdentity(trx, account.app_id, identity));
  if (identity) await queries.linkIdentity(trx, account.app_id, identity, userId);
  return userId;
}

/** For accounts that the application itself makes: the step that the accounts feature asks for. */
export const linkToUser = (deps: Pick<Deps, 'clock'>): LinkToUser => async (trx, accountId, role, userId) => {
  const account = await lockAccount(trx, accountId);
  if (!account) throw notFound('The account');
  if (userId !== undefined && !await queries.userOfApp(trx, account.app_id, userId)) throw notFound(`userId: the user ${userId}`);
  const linked = await applyGrant(trx, accountId, { role, userId }, undefined, deps.clock.real());
  if (linked === undefined) throw new Error('A grant with a role always ends with a user.');
  return { userId: linked, userSession: await createSession(trx, deps, linked, 'header') };
};

/**
 * Who signs in with a mailbox as primary is the user of that mailbox. A mailbox that somebody else had
 * added as secondary comes back to its owner: nobody may lock him out by adding it first.
 */
async function takeAsPrimary(trx: Trx, account: AccountRow, wanted: string | undefined): Promise<string> {
  const owner = account.user_account_type === 'primary' ? account.user_id : null;
  if (owner !== null) {
    if (wanted !== undefined && wanted !== owner) throw mismatch('This mailbox is the primary account of another user.');
    return owner;
  }
  if (wanted !== undefined) {
    if (await primaryAccountOf(trx, wanted)) throw mismatch('This user has another primary account.');
    await setAccountUser(trx, account.id, wanted, 'primary');
    return wanted;
  }
  const userId = randomUUID();
  await queries.insertUser(trx, { id: userId, app_id: account.app_id, last_activity: null });
  await setAccountUser(trx, account.id, userId, 'primary');
  return userId;
}

async function takeAsSecondary(trx: Trx, account: AccountRow, userId: string | undefined): Promise<string> {
  if (userId === undefined) throw new AppError('unauthorized', 'A secondary account needs a user: sign in with a primary account first.');
  if (account.user_id === userId) return userId;
  if (account.user_id !== null) throw mismatch('This mailbox belongs to another user.');
  await setAccountUser(trx, account.id, userId, 'secondary');
  await inheritWorkHours(trx, account.id, userId);
  return userId;
}

async function userOfIdentity(trx: Trx, appId: number, identity: Identity | undefined): Promise<string | undefined> {
  if (!identity) return undefined;
  return (await queries.callersByIdentity(trx, identity, appId))[0]?.user_id;
}

const mismatch = (problem: string): AppError => new AppError('account.mismatch', problem);
