import { sql, type Insertable, type Selectable } from 'kysely';
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

export const setPasswordHash = (trx: Trx, accountId: number, passwordHash: string): Promise<unknown> =>
  trx.insertInto('account_passwords').values({ account_id: accountId, password_hash: passwordHash })
    .onConflict((c) => c.column('account_id').doUpdateSet({ password_hash: passwordHash, changed_at: sql`now()` })).execute();

/** A hosted mailbox of the application by its address, whatever its case; managed copies have no password. */
export const accountWithPassword = (db: Db | Trx, appId: number, email: string): Promise<{ id: number; password_hash: string } | undefined> =>
  db.selectFrom('accounts').innerJoin('account_passwords', 'account_passwords.account_id', 'accounts.id')
    .select(['accounts.id', 'account_passwords.password_hash'])
    .where('accounts.app_id', '=', appId).where(sql`lower(accounts.email)`, '=', email.toLowerCase())
    .executeTakeFirst();
