import type { Trx } from '../../db/db.ts';
import { keepSetting, settingOf } from '../../db/settings.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { hashToken, randomToken } from '../../lib/ids.ts';
import { accountAndCopies, accountById, appByClientId, appById, deleteAccount, insertToken, type AccountRow, type AppRow } from './queries.ts';

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

export interface FirstApplication {
  readonly appId: number;
  readonly clientId: string;
  /** Only where this start made it: it is shown once and kept encrypted. */
  readonly newSecret: string | undefined;
}

const FIRST_APPLICATION = 'application.first';

/**
 * The application that the settings describe, or one that is generated at the first start and kept. The
 * add-in's own return page and origin are always on its lists: the pane could not sign anybody in else.
 */
export async function ensureFirstApplication(deps: Pick<Deps, 'db' | 'keys' | 'config'>): Promise<FirstApplication> {
  const { application, publicUrl } = deps.config;
  const made = randomToken();
  const fresh = {
    clientId: randomToken(12),
    secret: await deps.keys.encrypt(made),
    signingSecret: await deps.keys.encrypt(randomToken()),
  };
  const before = await settingOf(deps.db, FIRST_APPLICATION);
  const kept = (before ?? await keepSetting(deps.db, FIRST_APPLICATION, fresh)) as typeof fresh;
  const secret = application.clientSecret ?? await deps.keys.decrypt(kept.secret);
  const app = await upsertApp(deps, {
    clientId: application.clientId ?? kept.clientId,
    clientSecret: secret,
    signingSecret: application.signingSecret ?? await deps.keys.decrypt(kept.signingSecret),
    name: 'Sundial',
    returnUrls: [...new Set([`${publicUrl}/addin/auth-return.html`, ...application.returnUrls])],
    origins: [...new Set([new URL(publicUrl).origin, ...application.origins])],
    linkWithoutRedeem: application.linkWithoutRedeem,
  });
  return { appId: app.id, clientId: app.client_id, newSecret: secret === made ? made : undefined };
}

/** The client id of the application that the settings describe; it is upserted at each start. */
export const firstClientId = async ({ db, config }: Pick<Deps, 'db' | 'config'>): Promise<string | undefined> =>
  config.application.clientId ?? (await settingOf(db, FIRST_APPLICATION) as { clientId: string } | undefined)?.clientId;

/** A new access token of the account; only its hash stays here. */
export async function issueAccountToken(trx: Trx, accountId: number): Promise<string> {
  const token = randomToken();
  await insertToken(trx, accountId, hashToken(token));
  return token;
}

/** A step that users (a feature above) declare: makes the account one of a user; answers the user and a session of his. */
export type LinkToUser = (trx: Trx, accountId: number, role: 'primary' | 'secondary', userId: string | undefined) => Promise<{ userId: string; userSession: string }>;

/** Deletes the account, its managed copies and all that is theirs; features hear AccountRemoved for each. */
export async function removeAccount(trx: Trx, deps: Pick<Deps, 'events'>, accountId: number): Promise<void> {
  for (const id of await accountAndCopies(trx, accountId)) await deps.events.emit(trx, { type: 'AccountRemoved', accountId: id });
  await deleteAccount(trx, accountId);
}

export async function requireAccount(deps: Pick<Deps, 'db'>, accountId: number): Promise<AccountRow> {
  const account = await accountById(deps.db, accountId);
  if (!account) throw notFound('The account');
  return account;
}

export { appByClientId, appById };
