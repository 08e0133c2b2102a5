import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import type { AppError} from '../../errors.ts';
import { notFound } from '../../errors.ts';
import { hashToken, randomToken } from '../../lib/ids.ts';
import { issueAccountToken } from '../accounts/service.ts';
import { applyGrant, type Grant } from './linking.service.ts';
import * as queries from './queries.ts';
import type { Identity } from './queries.ts';
import { createSession } from './session.service.ts';

type Needs = Pick<Deps, 'db' | 'keys' | 'clock'>;

/** AccountSaveResult of the contract. */
export interface Redeemed {
  readonly accountId: number;
  readonly accessToken: string;
  readonly userId?: string;
  readonly userSession?: string;
}

const PREPARED_SECONDS = 600;
const CODE_SECONDS = 300;
/** The pane has to come back from its dialog, and may ask again after a broken connection. */
const IDENTITY_CODE_SECONDS = 600;
const REPEAT_SECONDS = 600;

const after = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** A single-use token for ten minutes, bound to the Exchange identity that asked for it. */
export async function prepare(deps: Needs, identity: Identity): Promise<string> {
  const token = randomToken();
  await queries.insertPrepared(deps.db, {
    token_hash: hashToken(token), metadata_url: identity.metadataUrl, exchange_uid: identity.exchangeUid,
    expires_at: after(deps.clock.real(), PREPARED_SECONDS), used_at: null,
  });
  return token;
}

/** A code for the application's server: what it grants has been applied already, it carries the tokens over. */
export async function codeForApp(trx: Trx, deps: Needs, appId: number, accountId: number, userId: string | undefined): Promise<string> {
  const code = randomToken();
  await queries.insertCode(trx, {
    code_hash: hashToken(code), app_id: appId, account_id: accountId, granted: { userId },
    metadata_url: null, exchange_uid: null, expires_at: after(deps.clock.real(), CODE_SECONDS), redeemed_at: null, answer: null,
  });
  return code;
}

/** A code that only the Exchange identity can redeem; until then nothing of the grant happens. */
export async function codeForIdentity(trx: Trx, deps: Needs, appId: number, accountId: number, grant: Grant, identity: Identity): Promise<string> {
  const code = randomToken();
  await queries.insertCode(trx, {
    code_hash: hashToken(code), app_id: appId, account_id: accountId, granted: grant,
    metadata_url: identity.metadataUrl, exchange_uid: identity.exchangeUid,
    expires_at: after(deps.clock.real(), IDENTITY_CODE_SECONDS), redeemed_at: null, answer: null,
  });
  return code;
}

/** With the application's secret. Throws 404 for a code that is unknown, over, used, another application's or an identity's. */
export async function redeemForApp(deps: Needs, appId: number, code: string): Promise<Redeemed> {
  return transaction(deps.db, async (trx) => {
    const row = await queries.takeCode(trx, hashToken(code), appId, deps.clock.real());
    if (!row) throw unknownCode();
    const { userId } = row.granted as { userId?: string };
    return tokensFor(trx, deps, row.account_id, userId);
  });
}

/**
 * Without a secret, by the Exchange identity that prepared the flow: applies the grant. The first answer is
 * kept for ten minutes, so that a client that lost it in transit gets the very same again.
 */
export async function redeemForIdentity(deps: Needs, appId: number, code: string, identity: Identity): Promise<Redeemed> {
  return transaction(deps.db, async (trx) => {
    const row = await queries.lockCodeOfIdentity(trx, hashToken(code), appId, identity);
    const now = deps.clock.real();
    if (!row) throw unknownCode();
    if (row.redeemed_at) {
      if (!row.answer || now >= after(row.redeemed_at, REPEAT_SECONDS)) throw unknownCode();
      return JSON.parse(await deps.keys.decrypt(row.answer)) as Redeemed;
    }
    if (now >= row.expires_at) throw unknownCode();
    const userId = await applyGrant(trx, row.account_id, row.granted as Grant, identity, now);
    const answer = await tokensFor(trx, deps, row.account_id, userId);
    await queries.keepAnswer(trx, row.id, await deps.keys.encrypt(JSON.stringify(answer)), now);
    return answer;
  });
}

async function tokensFor(trx: Trx, deps: Needs, accountId: number, userId: string | undefined): Promise<Redeemed> {
  return {
    accountId,
    accessToken: await issueAccountToken(trx, accountId),
    ...(userId === undefined ? {} : { userId, userSession: await createSession(trx, deps, userId, 'header') }),
  };
}

const unknownCode = (): AppError => notFound('The code is unknown, used or over: the sign-in it belongs to');
