import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { AuthTables } from '../../db/tables/auth.ts';
import { jsonb } from '../../db/db.ts';
import type { Jwe } from '../../lib/keyring.ts';
import type { AccountRow } from '../accounts/queries.ts';

export type UserRow = Selectable<AuthTables['users']>;
export type CodeRow = Selectable<AuthTables['auth_codes']>;
export type PreparedRow = Selectable<AuthTables['prepared_tokens']>;

/** A user as the authenticator needs him: his primary account, which only users that can call have. */
export type Caller = AccountRow & { readonly user_id: string };

export interface Identity {
  readonly metadataUrl: string;
  readonly exchangeUid: string;
}

/** Nothing where the session is unknown or over, or the user's primary account is gone. */
export const callerBySession = (db: Db | Trx, tokenHash: string, kind: 'cookie' | 'header', now: Date): Promise<(Caller & { sessionId: number }) | undefined> =>
  db.selectFrom('sessions')
    .innerJoin('accounts', (join) => join.onRef('accounts.user_id', '=', 'sessions.user_id').on('accounts.user_account_type', '=', 'primary'))
    .selectAll('accounts').select('sessions.id as sessionId').$narrowType<{ user_id: string }>()
    .where('sessions.token_hash', '=', tokenHash).where('sessions.kind', '=', kind).where('sessions.expires_at', '>', now)
    .executeTakeFirst();

/** The users that an Exchange mailbox is linked to, at most one in each application; of `appId` only, where it is given. */
export const callersByIdentity = (db: Db | Trx, identity: Identity, appId: number | undefined): Promise<Caller[]> => {
  const found = db.selectFrom('exchange_identities')
    .innerJoin('accounts', (join) => join.onRef('accounts.user_id', '=', 'exchange_identities.user_id').on('accounts.user_account_type', '=', 'primary'))
    .selectAll('accounts').$narrowType<{ user_id: string }>()
    .where('exchange_identities.metadata_url', '=', identity.metadataUrl).where('exchange_identities.exchange_uid', '=', identity.exchangeUid);
  return (appId === undefined ? found.limit(2) : found.where('exchange_identities.app_id', '=', appId)).execute();
};

export const markActive = (db: Db | Trx, userId: string, now: Date): Promise<unknown> =>
  db.updateTable('users').set({ last_activity: now }).where('id', '=', userId).execute();

export const insertSession = (trx: Trx, session: Insertable<AuthTables['sessions']>): Promise<unknown> =>
  trx.insertInto('sessions').values(session).execute();

export const deleteSessions = (trx: Trx, userId: string): Promise<unknown> =>
  trx.deleteFrom('sessions').where('user_id', '=', userId).execute();

export const userOfApp = (db: Db | Trx, appId: number, userId: string): Promise<UserRow | undefined> =>
  db.selectFrom('users').selectAll().where('id', '=', userId).where('app_id', '=', appId).executeTakeFirst();

export const userById = (db: Db | Trx, userId: string): Promise<UserRow | undefined> =>
  db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst();

export const insertUser = (trx: Trx, user: Insertable<AuthTables['users']>): Promise<unknown> =>
  trx.insertInto('users').values(user).execute();

export const hasIdentity = async (db: Db | Trx, userId: string): Promise<boolean> =>
  (await db.selectFrom('exchange_identities').select('id').where('user_id', '=', userId).limit(1).executeTakeFirst()) !== undefined;

export const linkIdentity = (trx: Trx, appId: number, identity: Identity, userId: string): Promise<unknown> =>
  trx.insertInto('exchange_identities')
    .values({ app_id: appId, metadata_url: identity.metadataUrl, exchange_uid: identity.exchangeUid, user_id: userId })
    .onConflict((c) => c.columns(['metadata_url', 'exchange_uid', 'app_id']).doUpdateSet({ user_id: userId })).execute();

export const unlinkIdentities = (trx: Trx, userId: string): Promise<unknown> =>
  trx.deleteFrom('exchange_identities').where('user_id', '=', userId).execute();

/** Users whose primary account is gone: nobody can be them any more. Their sessions and identities go along. */
export const deleteUsersWithoutPrimary = (trx: Trx): Promise<unknown> =>
  trx.deleteFrom('users').where(({ not, exists, selectFrom }) => not(exists(
    selectFrom('accounts').select('accounts.id').whereRef('accounts.user_id', '=', 'users.id').where('accounts.user_account_type', '=', 'primary'),
  ))).execute();

export const insertPrepared = (db: Db | Trx, prepared: Insertable<AuthTables['prepared_tokens']>): Promise<unknown> =>
  db.insertInto('prepared_tokens').values(prepared).execute();

export const preparedByHash = (db: Db | Trx, tokenHash: string, now: Date): Promise<PreparedRow | undefined> =>
  db.selectFrom('prepared_tokens').selectAll()
    .where('token_hash', '=', tokenHash).where('used_at', 'is', null).where('expires_at', '>', now).executeTakeFirst();

/** Undefined where it has been used in the meantime, or is over. */
export const usePrepared = (trx: Trx, id: number, now: Date): Promise<PreparedRow | undefined> =>
  trx.updateTable('prepared_tokens').set({ used_at: now })
    .where('id', '=', id).where('used_at', 'is', null).where('expires_at', '>', now).returningAll().executeTakeFirst();

export const insertCode = (trx: Trx, code: Omit<Insertable<AuthTables['auth_codes']>, 'granted'> & { granted: unknown }): Promise<unknown> =>
  trx.insertInto('auth_codes').values({ ...code, granted: jsonb(code.granted) }).execute();

/** A code for Basic: taken once, by the application that it was made for, and never one that waits for an identity. */
export const takeCode = (trx: Trx, codeHash: string, appId: number, now: Date): Promise<CodeRow | undefined> =>
  trx.updateTable('auth_codes').set({ redeemed_at: now })
    .where('code_hash', '=', codeHash).where('app_id', '=', appId).where('metadata_url', 'is', null)
    .where('redeemed_at', 'is', null).where('expires_at', '>', now).returningAll().executeTakeFirst();

/** A code that waits for this identity; locked, so that two simultaneous redemptions give one answer. */
export const lockCodeOfIdentity = (trx: Trx, codeHash: string, appId: number, identity: Identity): Promise<CodeRow | undefined> =>
  trx.selectFrom('auth_codes').selectAll()
    .where('code_hash', '=', codeHash).where('app_id', '=', appId)
    .where('metadata_url', '=', identity.metadataUrl).where('exchange_uid', '=', identity.exchangeUid)
    .forUpdate().executeTakeFirst();

export const keepAnswer = (trx: Trx, codeId: number, answer: Jwe, now: Date): Promise<unknown> =>
  trx.updateTable('auth_codes').set({ redeemed_at: now, answer }).where('id', '=', codeId).execute();

/** What is over is of no use to anybody but a thief. */
export async function deleteExpired(db: Db, now: Date, nowMs: number): Promise<void> {
  await db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
  await db.deleteFrom('prepared_tokens').where('expires_at', '<=', now).execute();
  await db.deleteFrom('auth_codes').where('expires_at', '<=', sql<Date>`${now}::timestamptz - interval '1 hour'`).execute();
  await sql`delete from rate_limits where expire < ${nowMs}`.execute(db);
}
