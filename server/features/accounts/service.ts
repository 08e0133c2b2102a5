import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { hashToken, randomToken } from '../../lib/ids.ts';
import { accountById, appByClientId, appById, insertToken, type AccountRow, type AppRow } from './queries.ts';

export interface NewApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  readonly name: string;
  readonly returnUrls: readonly string[];
  readonly origins: readonly string[];
  readonly linkWithoutRedeem?: boolean;
}

/** Creates the application, or brings its lists and secrets to what the settings say now. */
export async function upsertApp(deps: Pick<Deps, 'db' | 'keys'>, app: NewApp): Promise<AppRow> {
  const values = {
    client_id: app.clientId,
    client_secret: await deps.keys.encrypt(app.clientSecret),
    signing_secret: await deps.keys.encrypt(app.signingSecret),
    name: app.name,
    return_urls: [...app.returnUrls],
    origins: [...app.origins],
    link_without_redeem: app.linkWithoutRedeem ?? false,
  };
  return deps.db.insertInto('apps').values(values)
    .onConflict((c) => c.column('client_id').doUpdateSet(values))
    .returningAll().executeTakeFirstOrThrow();
}

/** A new access token of the account; only its hash stays here. */
export async function issueAccountToken(trx: Trx, accountId: number): Promise<string> {
  const token = randomToken();
  await insertToken(trx, accountId, hashToken(token));
  return token;
}

export async function requireAccount(deps: Pick<Deps, 'db'>, accountId: number): Promise<AccountRow> {
  const account = await accountById(deps.db, accountId);
  if (!account) throw notFound('The account');
  return account;
}

export { appByClientId, appById };
