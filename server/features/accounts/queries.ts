import type { Insertable, Selectable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { AccountTables } from '../../db/tables/accounts.ts';

export type AccountRow = Selectable<AccountTables['accounts']>;
export type AppRow = Selectable<AccountTables['apps']>;

export const appByClientId = (db: Db | Trx, clientId: string): Promise<AppRow | undefined> =>
  db.selectFrom('apps').selectAll().where('client_id', '=', clientId).executeTakeFirst();

export const appById = (db: Db | Trx, id: number): Promise<AppRow | undefined> =>
  db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst();

/** The application that the server's own pages sign in to: the first one, made at the first start. */
export const firstApp = (db: Db | Trx): Promise<AppRow | undefined> =>
  db.selectFrom('apps').selectAll().orderBy('id').limit(1).executeTakeFirst();

export const accountById = (db: Db | Trx, id: number): Promise<AccountRow | undefined> =>
  db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();

export const accountByTokenHash = (db: Db | Trx, hash: string): Promise<AccountRow | undefined> =>
  db.selectFrom('accounts').innerJoin('account_tokens', 'account_tokens.account_id', 'accounts.id')
    .selectAll('accounts').where('account_tokens.token_hash', '=', hash).executeTakeFirst();

export const insertAccount = (trx: Trx, values: Insertable<AccountTables['accounts']>): Promise<AccountRow> =>
  trx.insertInto('accounts').values(values).returningAll().executeTakeFirstOrThrow();

export const insertToken = (trx: Trx, accountId: number, tokenHash: string): Promise<unknown> =>
  trx.insertInto('account_tokens').values({ account_id: accountId, token_hash: tokenHash }).execute();
