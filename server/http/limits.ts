import { createHash } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import { RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../db/db.ts';
import { AppError } from '../errors.ts';

/** Counts attempts in the database, so that several processes share one limit and a restart forgives nothing. */
export interface RateLimit {
  /** Throws 429 `rate.limited` with Retry-After once the points of the window are spent. */
  consume(key: string, points?: number): Promise<void>;
  /** Forgets what was counted, after a success that shows that no one is guessing. */
  reset(key: string): Promise<void>;
}

export interface RateLimitRule {
  /** Sets this limit's keys apart from those of others. */
  readonly name: string;
  readonly points: number;
  /** Length of the window, from its first attempt. */
  readonly seconds: number;
}

/** Never call it inside a transaction: it counts at once, whatever becomes of the request. */
export function rateLimit(db: Db, rule: RateLimitRule): RateLimit {
  const limiter = new RateLimiterPostgres({
    storeClient: queryClient(db),
    storeType: 'client',
    // Made by our migration; the library would otherwise create it behind our back at each start.
    tableName: 'rate_limits',
    tableCreated: true,
    // A timer of its own would outlive the database at shutdown; the table is swept by a job.
    clearExpiredByTimeout: false,
    keyPrefix: rule.name,
    points: rule.points,
    duration: rule.seconds,
    // Someone who is over the limit costs memory look-ups only.
    inMemoryBlockOnConsumed: rule.points + 1,
  });
  return {
    async consume(key, points = 1) {
      try {
        await limiter.consume(digest(key), points);
      } catch (reason) {
        if (reason instanceof Error) throw reason;
        const seconds = Math.max(1, Math.ceil((reason as RateLimiterRes).msBeforeNext / 1000));
        throw new AppError('rate.limited', `Too many attempts; try again in ${seconds} seconds.`, { retryAfter: seconds });
      }
    },
    async reset(key) {
      await limiter.delete(digest(key));
    },
  };
}

/** Keys come from outside: of any length, and addresses have no business in a table of counts. */
const digest = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** What the library's Postgres store asks of a client, over whichever engine Kysely has. */
function queryClient(db: Db): { query(q: { text: string; values?: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }> } {
  return {
    async query({ text, values = [] }) {
      const { rows, numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text, values));
      return { rows, rowCount: Number(numAffectedRows ?? rows.length) };
    },
  };
}
