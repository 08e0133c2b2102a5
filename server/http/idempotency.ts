import { sql } from 'kysely';
import { z } from 'zod';
import type { Trx } from '../db/db.ts';
import type { Deps } from '../deps.ts';
import { AppError, invalid } from '../errors.ts';
import { defineJob } from '../jobs/jobs.ts';
import { hashToken, randomToken } from '../lib/ids.ts';
import { noKey, type Call, type Operation, type Settled } from './operation.ts';

/**
 * Idempotency-Key: a client that lost the answer repeats the request, and what it asked for happens once.
 *
 * The first request claims the key, in a statement of its own. Its handler settles the answer in the
 * transaction that has the effect: both are committed or neither, so a claim without an answer has had
 * no effect and may be taken over once it has run out. Whoever was slower than his claim finds it gone
 * when he settles, and his transaction is rolled back.
 */
export interface Idempotency {
  /** Runs the handler, or answers what a request with this key was answered before. Throws 400, 409 and 422. */
  (op: Operation, call: Call<Operation>, handler: (call: Call<Operation>) => Promise<unknown>): Promise<{ answer: unknown; replayed: boolean }>;
}

type Needs = Pick<Deps, 'db' | 'keys' | 'clock' | 'log'>;

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
export const IDEMPOTENCY_REPLAYED = 'Idempotency-Replayed';

/** 1 to 255 visible ASCII characters; a key that was sent twice arrives joined by a space and is refused. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** How long the answer is kept. */
const KEPT_MS = 24 * 3_600_000;
/** After this a request without an answer is taken for dead: its process was killed. Were it only slow, it would lose its work, no more. */
const CLAIM_MS = 30_000;
const RETRY_SECONDS = 1;

export function createIdempotency(deps: Needs): Idempotency {
  return async (op, call, handler) => {
    const header = call.request.rawHeaders[IDEMPOTENCY_KEY.toLowerCase()];
    if (!op.idempotent || header === undefined) return { answer: await handler(call), replayed: false };
    const key = idempotencyKey.safeParse(header);
    if (!key.success) throw invalid(IDEMPOTENCY_KEY, 'must be 1 to 255 visible ASCII characters; a random UUID is a good one.');

    const mine = { id: hashToken(JSON.stringify([op.operationId, ...scopeOf(op, call), key.data])), claim: randomToken(12) };
    const fingerprint = hashToken(JSON.stringify([call.params, call.query, call.body]));
    if (!await claim(deps, mine, fingerprint)) return { answer: await earlierAnswer(deps, mine.id, fingerprint), replayed: true };
    try {
      return { answer: await handler({ ...call, settle: (trx, answer) => settle(trx, deps, mine, answer) }), replayed: false };
    } catch (error) {
      // What failed may be tried again with the same key; but what was settled has happened.
      await release(deps, mine).catch((problem: unknown) => deps.log.warn({ err: problem }, 'an idempotency key stays claimed until it runs out'));
      throw error;
    }
  };
}

interface Claim {
  readonly id: string;
  readonly claim: string;
}

/** Application and account (or user). Nobody is signed in at a public operation: there its path sets keys apart. */
function scopeOf(op: Operation, { principal, params }: Call<Operation>): unknown[] {
  if (!principal) return ['public', params];
  return [principal.appId, op.auth, op.auth === 'account' ? principal.accountId : op.auth === 'user' ? principal.userId : null];
}

/** False where the key is in use, or was used. */
async function claim({ db, keys, clock }: Needs, { id, claim }: Claim, fingerprint: string): Promise<boolean> {
  const now = clock.real();
  const values = {
    // Encrypted, since a digest would let who reads the table guess short secrets of the body.
    fingerprint: await keys.encrypt(fingerprint),
    claim,
    claimed_until: new Date(now.getTime() + CLAIM_MS),
    answer: null,
    expires_at: new Date(now.getTime() + KEPT_MS),
  };
  const claimed = await db.insertInto('idempotency_keys').values({ id, ...values })
    .onConflict((c) => c.column('id').doUpdateSet(values)
      .where(sql<boolean>`(idempotency_keys.answer is null and idempotency_keys.claimed_until <= ${now}) or idempotency_keys.expires_at <= ${now}`))
    .returning('id').executeTakeFirst();
  return claimed !== undefined;
}

async function earlierAnswer({ db, keys }: Needs, id: string, fingerprint: string): Promise<unknown> {
  const earlier = await db.selectFrom('idempotency_keys').select(['fingerprint', 'answer']).where('id', '=', id).executeTakeFirst();
  // Gone in between: the request that had it has just failed.
  if (!earlier) throw inProgress();
  if (await keys.decrypt(earlier.fingerprint) !== fingerprint) {
    throw new AppError('idempotency.mismatch', `${IDEMPOTENCY_KEY}: this key came with another request before; each request needs a new one.`);
  }
  if (earlier.answer === null) throw inProgress();
  return JSON.parse(await keys.decrypt(earlier.answer));
}

/** Encrypted, since an answer may hold an access token or the token of a booking. */
async function settle<A>(trx: Trx, { keys }: Needs, { id, claim }: Claim, answer: A): Promise<Settled<A>> {
  const settled = await trx.updateTable('idempotency_keys').set({ answer: await keys.encrypt(JSON.stringify(answer)) })
    .where('id', '=', id).where('claim', '=', claim).where('answer', 'is', null).returning('id').executeTakeFirst();
  if (!settled) throw inProgress();
  return noKey(trx, answer);
}

async function release({ db }: Needs, { id, claim }: Claim): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('id', '=', id).where('claim', '=', claim).where('answer', 'is', null).execute();
}

/** For a start on a database that nobody else has open: a claim without an answer had no effect, and who made it is gone. */
export async function forgetUnansweredClaims({ db }: Pick<Needs, 'db'>): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('answer', 'is', null).execute();
}

const inProgress = (): AppError =>
  new AppError('idempotency.inProgress', `${IDEMPOTENCY_KEY}: a request with this key is being worked on; ask again.`, { retryAfter: RETRY_SECONDS });

export const forgetIdempotencyKeys = defineJob({
  name: 'http.forgetIdempotencyKeys',
  payload: z.object({}),
  cron: '41 3 * * *',
  handler: async ({ db, clock }) => {
    await db.deleteFrom('idempotency_keys').where('expires_at', '<=', clock.real()).execute();
  },
});
