import { sql } from 'kysely';
import { fromKysely, type PgBoss } from 'pg-boss';
import { jsonb, transaction, type Db, type Trx } from '../db/db.ts';

/**
 * Jobs whose process is gone: they go back to their queue at once, and one that has lost its process
 * twice is taken for what ended it and is set aside, or it would end every process that follows.
 */

/** A running job says so this often. */
export const BEAT_SECONDS = 5;
/** Silent for so long, its process is gone. One that was only cut off finds its effect fenced. */
const SILENCE_SECONDS = 15;
/** How often a process looks for such jobs of others. */
export const SUPERVISE_MS = 5000;
const MOST_DEATHS = 2;
/** The last error of such a job. */
export const ENDED_ITS_PROCESS = 'its process ended each time it ran';

export interface Gone {
  /** Queues of this server; pg-boss must know each already, or it would look it up inside the transaction. */
  readonly queues: readonly string[];
  /** 'all': of every job that counts as running, where this process is the only one; 'silent': of those that no longer say so. */
  readonly gone: 'all' | 'silent';
  /** Jobs of this very process, which run although the database may not have heard so for a while. */
  readonly running: readonly string[];
  /** Hears in the same transaction of each job that is given up. */
  readonly setAside: (job: { readonly id: string; readonly name: string; readonly data: unknown }, reason: string, trx: Trx) => Promise<void>;
}

/** Answers how many jobs were found. Any number of processes may look at once. */
export async function putBackJobsOfDead(db: Db, boss: PgBoss, { queues, gone, running, setAside }: Gone): Promise<number> {
  return transaction(db, async (trx) => {
    // While the database was away nobody could say that he lives; each gets the time for it.
    const silent = sql`heartbeat_on < now() - ${SILENCE_SECONDS} * interval '1 second'
      and pg_postmaster_start_time() < now() - ${SILENCE_SECONDS} * interval '1 second'
      and not id::text = any(${running})`;
    const { rows } = await sql<{ id: string; name: string; data: unknown; deaths: number }>`
      select id, name, data, coalesce((output ->> 'deaths')::int, 0) + 1 as deaths from pgboss.job
      where state = 'active' and name = any(${queues}) and ${gone === 'all' ? sql`true` : silent} for update skip locked`.execute(trx);
    for (const { id, name, data, deaths } of rows) {
      if (deaths < MOST_DEATHS) {
        // A job's output is empty until it fails, and a failure shows that its process lived: it counts from nought again.
        await sql`update pgboss.job set state = 'retry', start_after = now(), heartbeat_on = null, output = ${jsonb({ deaths })} where name = ${name} and id = ${id}`.execute(trx);
      } else {
        await sql`update pgboss.job set retry_limit = retry_count where name = ${name} and id = ${id}`.execute(trx);
        await boss.fail(name, id, { deaths, message: ENDED_ITS_PROCESS }, { db: fromKysely(trx as never) });
        await setAside({ id, name, data }, ENDED_ITS_PROCESS, trx);
      }
    }
    return rows.length;
  });
}
