import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import { jsonb, type Db, type Trx } from '../../db/db.ts';
import type { AccountTables } from '../../db/tables/accounts.ts';

export type AccountRow = Selectable<AccountTables['accounts']>;
export type AppRow = Selectable<AccountTables['apps']>;

export const appByClientId = (db: Db | Trx, clientId: string): Promise<AppRow | undefined> =>
  db.selectFrom('apps').selectAll().where('client_id', '=', clientId).executeTakeFirst();

export const appById = (db: Db | Trx, id: number): Promise<AppRow | undefined> =>
  db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst();

/** Each with how many accounts it has. */
export const allApps = (db: Db) =>
  db.selectFrom('apps').selectAll().select((e) => e.selectFrom('accounts').whereRef('app_id', '=', 'apps.id').select((a) => a.fn.countAll<number>().as('n')).as('accounts')).orderBy('id').execute();

export const updateApp = (db: Db, clientId: string, values: Updateable<AccountTables['apps']>): Promise<unknown> =>
  db.updateTable('apps').set(values).where('client_id', '=', clientId).execute();

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

export const lockAccount = (trx: Trx, id: number): Promise<AccountRow | undefined> =>
  trx.selectFrom('accounts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

export const updateAccount = (db: Db | Trx, id: number, values: Updateable<AccountTables['accounts']>): Promise<AccountRow | undefined> =>
  db.updateTable('accounts').set(values).where('id', '=', id).returningAll().executeTakeFirst();

export const primaryAccountOf = (db: Db | Trx, userId: string): Promise<AccountRow | undefined> =>
  db.selectFrom('accounts').selectAll().where('user_id', '=', userId).where('user_account_type', '=', 'primary').executeTakeFirst();

/** Null for both takes the account from its user. */
export const setAccountUser = (trx: Trx, id: number, userId: string | null, role: 'primary' | 'secondary' | null): Promise<unknown> =>
  trx.updateTable('accounts').set({ user_id: userId, user_account_type: role }).where('id', '=', id).execute();

/** The user's accounts, the primary one first. */
export const accountsOfUser = (db: Db | Trx, userId: string): Promise<AccountRow[]> =>
  db.selectFrom('accounts').selectAll().where('user_id', '=', userId).orderBy('user_account_type').orderBy('id').execute();

export const deleteToken = (db: Db | Trx, accountId: number, tokenHash: string): Promise<unknown> =>
  db.deleteFrom('account_tokens').where('account_id', '=', accountId).where('token_hash', '=', tokenHash).execute();

export const deleteTokens = (db: Db | Trx, accountId: number): Promise<unknown> =>
  db.deleteFrom('account_tokens').where('account_id', '=', accountId).execute();

export const deleteAccount = (trx: Trx, id: number): Promise<unknown> =>
  trx.deleteFrom('accounts').where('id', '=', id).execute();

/** The account and the managed copies that live on its connection. */
export const accountAndCopies = async (trx: Trx, id: number): Promise<number[]> =>
  (await trx.selectFrom('accounts').select('id').where((where) => where.or([where('id', '=', id), where('parent_id', '=', id)])).execute()).map((row) => row.id);

export const managedCopy = (db: Db | Trx, parentId: number, clientOrgId: string | null): Promise<AccountRow | undefined> =>
  db.selectFrom('accounts').selectAll().where('parent_id', '=', parentId).where('type', '=', 'managed')
    .where('client_org_id', clientOrgId === null ? 'is' : '=', clientOrgId).executeTakeFirst();

/** A mailbox of the application that lives in this server, by its address whatever its case. */
export const hostedByAddress = (db: Db | Trx, appId: number, email: string): Promise<AccountRow | undefined> =>
  db.selectFrom('accounts').selectAll().where('app_id', '=', appId).where('parent_id', 'is', null)
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .where(({ exists, selectFrom }) => exists(selectFrom('account_passwords').select('account_id').whereRef('account_id', '=', 'accounts.id')))
    .executeTakeFirst();

/** True for a mailbox that lives in this server: the account is the mail itself, not a link to it. */
export const hasPassword = async (db: Db | Trx, accountId: number): Promise<boolean> =>
  (await db.selectFrom('account_passwords').select('account_id').where('account_id', '=', accountId).executeTakeFirst()) !== undefined;

export interface AccountFilter {
  readonly appId: number;
  readonly serviceType?: string | undefined;
  readonly clientOrgId?: string | undefined;
}

export async function accountsPage(db: Db, filter: AccountFilter, limit: number, offset: number): Promise<{ rows: AccountRow[]; total: number }> {
  let found = db.selectFrom('accounts').where('app_id', '=', filter.appId).where('type', '!=', 'daemon');
  if (filter.serviceType !== undefined) found = found.where('service_type', '=', filter.serviceType);
  if (filter.clientOrgId !== undefined) found = found.where('client_org_id', '=', filter.clientOrgId);
  const { total } = await found.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await found.selectAll().orderBy('id').limit(limit).offset(offset).execute();
  return { rows, total: Number(total) };
}

/** Hosted mailboxes by address, each with its application; of one domain where told. */
export const hostedAccounts = (db: Db, domain?: string) =>
  db.selectFrom('accounts').innerJoin('apps', 'apps.id', 'accounts.app_id')
    .select(['accounts.id', 'accounts.email', 'accounts.name', 'accounts.timezone', 'accounts.created_at', 'apps.client_id'])
    .where('accounts.parent_id', 'is', null)
    .$if(domain !== undefined, (q) => q.where(sql`lower(split_part(accounts.email, '@', 2))`, '=', domain!.toLowerCase()))
    .orderBy('accounts.email').orderBy('accounts.id').execute();

/** Whether any application lists the origin: what a preflight can be asked about. */
export const originIsListed = async (db: Db, origin: string): Promise<boolean> =>
  (await db.selectFrom('apps').select('id').where(sql<boolean>`${origin} = any(origins)`).limit(1).executeTakeFirst()) !== undefined;

/** The mailboxes of a kind behind an address, whatever its case; several applications may hold the same one. */
export const accountsByAddress = (db: Db | Trx, serviceType: string, address: string): Promise<AccountRow[]> =>
  db.selectFrom('accounts').selectAll().where(sql`lower(email)`, '=', address.toLowerCase()).where('service_type', '=', serviceType).where('parent_id', 'is', null).orderBy('id').execute();

export const detachAccountsOf = (trx: Trx, userId: string): Promise<unknown> =>
  trx.updateTable('accounts').set({ user_id: null, user_account_type: null }).where('user_id', '=', userId).execute();

/** Accounts whose user is gone stand alone again. */
export const detachUserless = (trx: Trx): Promise<unknown> =>
  trx.updateTable('accounts').set({ user_account_type: null }).where('user_id', 'is', null).where('user_account_type', 'is not', null).execute();

export const setWorkHoursOfUser = (db: Db | Trx, userId: string, workHours: unknown, now: Date): Promise<unknown> =>
  db.updateTable('accounts').set({ work_hours: jsonb(workHours), updated_at: now }).where('user_id', '=', userId).execute();

/** An account that has no hours of its own keeps those of the user's primary one. */
export const inheritWorkHours = (trx: Trx, id: number, userId: string): Promise<unknown> =>
  trx.updateTable('accounts')
    .set((e) => ({ work_hours: e.selectFrom('accounts as main').select('main.work_hours').where('main.user_id', '=', userId).where('main.user_account_type', '=', 'primary') }))
    .where('id', '=', id).where('work_hours', 'is', null).execute();

export const storedDomains = async (db: Db | Trx): Promise<string[]> =>
  (await db.selectFrom('hosted_domains').select('domain').orderBy('domain').execute()).map((row) => row.domain);

/** False where it was stored already. */
export const storeDomain = async (trx: Trx, domain: string): Promise<boolean> =>
  (await trx.insertInto('hosted_domains').values({ domain }).onConflict((c) => c.column('domain').doNothing()).returning('domain').executeTakeFirst()) !== undefined;

export const removeStoredDomain = async (trx: Trx, domain: string): Promise<boolean> =>
  (await trx.deleteFrom('hosted_domains').where('domain', '=', domain).returning('domain').executeTakeFirst()) !== undefined;

/** How many hosted mailboxes have an address in the domain. */
export async function hostedAccountsOf(db: Db | Trx, domain: string): Promise<number> {
  const { n } = await db.selectFrom('accounts').select((e) => e.fn.countAll<number>().as('n'))
    .where('service_type', '=', 'Hosted').where(sql`lower(split_part(email, '@', 2))`, '=', domain).executeTakeFirstOrThrow();
  return Number(n);
}
