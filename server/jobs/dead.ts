import { sql } from 'kysely';
import type { PgBoss } from 'pg-boss';
import { jsonb, type Db } from '../db/db.ts';
import { oneLine } from '../lib/text.ts';
import { ENDED_ITS_PROCESS } from './recovery.ts';

/** Jobs that were given up. They lie in a queue of their own on which nobody works, until an operator decides or KEPT_DAYS have gone. */

export const DEAD_LETTERS = 'dead';
export const KEPT_DAYS = 30;
/** Of one statement. */
const AT_A_TIME = 1000;

export interface DeadLetter {
  /** Of the job when it was tried, as the log names it. */
  readonly id: string;
  /** Null for jobs from before this was kept; such a one cannot be put back. */
  readonly queue: string | null;
  readonly enqueuedAt: Date;
  readonly givenUpAt: Date;
  /** The message of its last error, in one line. */
  readonly error: string;
  /** It was given up because its process ended each time, and may end the next one too. */
  readonly endedItsProcess: boolean;
  /** What to look for in the log: of what caused the job, or its own id where the timetable did. */
  readonly requestId: string;
}

/** The jobs with these ids, or all (of one queue) but those that ended their process: they want to be named. */
export type WhichDead = { readonly ids: readonly string[] } | { readonly queue: string | undefined };

/** Newest first. */
export async function deadLetters(db: Db, most: number, requestIdKey: string): Promise<DeadLetter[]> {
  const { rows } = await sql<Omit<DeadLetter, 'error'> & { error: string | null }>`
    select coalesce(source_id, id) as id, source_name as queue, coalesce(source_created_on, created_on) as "enqueuedAt", created_on as "givenUpAt",
      coalesce(source_output ->> 'message', source_output ->> 'value') as error,
      coalesce(source_output ->> 'message' = ${ENDED_ITS_PROCESS}, false) as "endedItsProcess",
      coalesce(data ->> ${requestIdKey}, source_id::text, id::text) as "requestId"
    from pgboss.job where name = ${DEAD_LETTERS} and state < 'active' order by created_on desc limit ${most}`.execute(db);
  return rows.map((row) => ({ ...row, error: oneLine(row.error ?? '', 200) }));
}

/** Whether a job with a name like `names` (SQL LIKE) and a payload that contains `payload` was given up, and nobody has decided about it yet. */
export async function hasDeadJob(db: Db, names: string, payload: object): Promise<boolean> {
  const { rows } = await sql<{ dead: boolean }>`
    select exists (
      select from pgboss.job where name = ${DEAD_LETTERS} and state < 'active' and source_name like ${names} and data @> ${jsonb(payload)}
    ) as dead`.execute(db);
  return rows[0]!.dead;
}

/** Puts them back into their queues, each with all its attempts before it; in one statement, so that none is there twice or not at all. Answers how many. */
export async function retryDead(db: Db, boss: PgBoss, which: WhichDead): Promise<number> {
  const ids = await find(db, which);
  let moved = 0;
  for (let at = 0; at < ids.length; at += AT_A_TIME) moved += await boss.redrive(DEAD_LETTERS, { ids: ids.slice(at, at + AT_A_TIME), limit: AT_A_TIME });
  return moved;
}

/** Forgets them: what they were for does not happen. Answers how many. */
export async function discardDead(db: Db, boss: PgBoss, which: WhichDead): Promise<number> {
  const ids = await find(db, which);
  for (let at = 0; at < ids.length; at += AT_A_TIME) await boss.deleteJob(DEAD_LETTERS, ids.slice(at, at + AT_A_TIME));
  return ids.length;
}

async function find(db: Db, which: WhichDead): Promise<string[]> {
  const wanted = 'ids' in which
    ? sql`coalesce(source_id, id)::text = any(${which.ids}::text[])`
    : sql`source_output ->> 'message' is distinct from ${ENDED_ITS_PROCESS} and (${which.queue ?? null}::text is null or source_name = ${which.queue ?? null})`;
  const { rows } = await sql<{ id: string }>`select id from pgboss.job where name = ${DEAD_LETTERS} and state < 'active' and ${wanted} order by created_on`.execute(db);
  return rows.map((row) => row.id);
}
