import { sql } from 'kysely';
import type { Logger } from 'pino';
import { fromKysely, fromPglite, PgBoss, type Job } from 'pg-boss';
import { z } from 'zod';
import { jsonb, type Database, type Trx } from '../db/db.ts';
import type { Deps } from '../deps.ts';
import { oneLine } from '../lib/text.ts';
import { currentTrace, traced } from '../lib/trace.ts';
import { DEAD_LETTERS, deadLetters, discardDead, KEPT_DAYS, retryDead, type DeadLetter, type WhichDead } from './dead.ts';
import { BEAT_SECONDS, putBackJobsOfDead, SUPERVISE_MS } from './recovery.ts';

/**
 * Background work on the same database, enqueued inside the transaction that causes it. A job may run
 * twice (a crash, an expiry), so every handler is idempotent and fences its effect by what it finds stored.
 */
export interface JobDefinition<P> {
  readonly name: string;
  readonly payload: z.ZodType<P>;
  /** Throwing means: try again with growing delay, at most `retryLimit` times, then dead letter. */
  readonly handler: (deps: Deps, payload: P, attempt: Attempt) => Promise<void>;
  readonly retryLimit?: number;
  /** Seconds before the first retry; doubles each time up to an hour. */
  readonly retryDelay?: number;
  /** How many of these one process runs at a time. */
  readonly concurrency?: number;
  /** At most one job of a key waits (EnqueueOptions.singletonKey); one that runs does not count. */
  readonly onePerKey?: boolean;
  /** Runs by itself on this cron pattern (UTC), with an empty payload. */
  readonly cron?: string;
  /** Also runs at each start, with this payload: what a crash left does not wait for the clock's next minute. */
  readonly atStart?: P;
  /**
   * Brings what the job was for to an honest end after it was set aside: it failed too often, or ended its
   * process twice. It is itself a job that is tried again.
   */
  readonly setAside?: (deps: Deps, payload: P) => Promise<void>;
}

export interface Attempt {
  readonly jobId: string;
  readonly signal: AbortSignal;
}

// The list of jobs holds each with its own payload type; only jobs.ts calls a handler, after parsing.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyJob = JobDefinition<any>;

export const defineJob = <P>(definition: JobDefinition<P>): JobDefinition<P> => definition;

export interface EnqueueOptions {
  readonly startAfter?: Date;
  /** For jobs that say onePerKey: enqueueing while one with this key waits does nothing. */
  readonly singletonKey?: string;
}

export interface Jobs {
  enqueue<P>(trx: Trx, job: JobDefinition<P>, payload: P, options?: EnqueueOptions): Promise<void>;
  /** Creates the queues; `work` false leaves running to drain(), for tests. */
  start(deps: Deps, definitions: readonly AnyJob[], options?: { work?: boolean }): Promise<void>;
  /** Runs what is due until nothing is, in this process, one at a time. Errors of handlers are thrown. */
  drain(): Promise<number>;
  /** Lets running jobs end, then gives the rest back. */
  stop(): Promise<void>;
  figures(): Promise<QueueFigures[]>;
  /** Jobs that were given up, newest first. */
  deadLetters(most: number): Promise<DeadLetter[]>;
  /** Puts them back into work; answers how many. After start(). */
  retryDead(which: WhichDead): Promise<number>;
  /** Forgets them; answers how many. After start(). */
  discardDead(which: WhichDead): Promise<number>;
}

/** A queue as it is now in the database. */
export interface QueueFigures {
  readonly queue: string;
  /** Not taken yet, also for a time to come. */
  readonly waiting: number;
  /** Not taken yet though its time has come. */
  readonly due: number;
  readonly running: number;
  /** Seconds that the oldest due one has waited; 0 where none is. */
  readonly age: number;
}

/** Set beside the payload: the request or message that caused the job, for the log lines of its work. */
const REQUEST_ID = 'requestId';

/**
 * Whether a job that is not done yet has a name like `names` (SQL LIKE) and a payload that contains
 * `payload`. Read in the caller's transaction, beside what it decides by the answer.
 */
export async function hasPendingJob(trx: Trx, names: string, payload: object): Promise<boolean> {
  const { rows } = await sql<{ pending: boolean }>`
    select exists (
      select from pgboss.job where name like ${names} and state in ('created', 'retry', 'active') and data @> ${jsonb(payload)}
    ) as pending`.execute(trx);
  return rows[0]!.pending;
}

/** For what no notification tells of: a retry whose time has come. By default a queue with NOTIFY polls every 30 s. */
const POLLING = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 3 };
/** pg-boss's own liveness rule; recovery.ts is quicker and also counts, so this one only backs it. */
const HEARTBEAT_SECONDS = 60;
const SetAside = z.object({ queue: z.string(), jobId: z.string(), data: z.unknown(), reason: z.string() });
const IN_FLIGHT_LIMIT = 10_000;

export function createJobs(database: Database, log: Logger): Jobs {
  const boss = new PgBoss({
    ...(database.pglite
      ? { db: fromPglite(database.pglite), backend: 'pglite' as const }
      : { connectionString: database.connectionString!, max: 4 }),
    useListenNotify: true,
    superviseIntervalSeconds: 15,
    monitorIntervalSeconds: 15,
    persistWarnings: false,
  });
  boss.on('error', (error) => log.error({ err: error }, 'job queue error'));
  let definitions: readonly AnyJob[] = [];
  let deps: Deps | undefined;
  const abort = new AbortController();
  const running = new Set<string>();
  let supervising: NodeJS.Timeout | undefined;
  let recovering: Promise<unknown> = Promise.resolve();

  const run = async (definition: AnyJob, job: Job<unknown>, signal: AbortSignal): Promise<void> => {
    const parsed = definition.payload.safeParse(job.data ?? {});
    if (!parsed.success) throw new Error(`Job ${definition.name} has a wrong payload: ${parsed.error.message}`);
    const requestId = (job.data as { [REQUEST_ID]?: string } | null)?.[REQUEST_ID] ?? job.id;
    const { metrics } = deps!;
    const endTimer = metrics.jobSeconds.startTimer({ queue: definition.name });
    await traced({ requestId, job: definition.name, jobId: job.id }, async () => {
      try {
        await definition.handler(deps!, parsed.data, { jobId: job.id, signal });
        metrics.jobsDone.inc({ queue: definition.name, result: 'done' });
        log.debug('job done');
      } catch (error) {
        metrics.jobsDone.inc({ queue: definition.name, result: 'failed' });
        log.warn({ err: error }, 'job failed');
        throw error;
      } finally {
        endTimer();
      }
    });
  };

  const recover = async (gone: 'all' | 'silent'): Promise<void> => {
    const count = await putBackJobsOfDead(database.db, boss, { gone, queues: definitions.map((d) => d.name), running: [...running], setAside });
    if (count) log.warn({ count }, 'jobs of a process that ended were put back');
  };
  /** Nothing is dropped in silence: the log names the job, and its feature ends what it was for. */
  const setAsideJob = defineJob({
    name: 'jobs.setAside',
    payload: SetAside,
    retryLimit: 20,
    retryDelay: 30,
    async handler(theDeps, { queue, jobId, data, reason }) {
      log.error({ job: queue, jobId, reason }, 'a job was set aside: it failed too often or ended its process twice');
      const definition = definitions.find((d) => d.name === queue);
      const parsed = definition?.payload.safeParse(data ?? {});
      if (parsed?.success) await definition?.setAside?.(theDeps, parsed.data);
    },
  });
  const setAside = async ({ id, name, data }: Pick<Job<unknown>, 'id' | 'name' | 'data'>, reason: string, trx?: Trx): Promise<void> => {
    if (name === setAsideJob.name) return;
    await boss.send(setAsideJob.name, { queue: name, jobId: id, data, reason }, trx ? { db: fromKysely(trx as never) } : {});
  };

  /** One worker, which after a job looks for the next at once: pg-boss would let a backlog go at one job a poll. */
  const workOn = async (definition: AnyJob): Promise<void> => {
    const worker: { id?: string } = {};
    worker.id = await boss.work(definition.name, { includeMetadata: true, heartbeatRefreshSeconds: BEAT_SECONDS, ...POLLING }, async ([job]) => {
      if (!job) return;
      running.add(job.id);
      try {
        await run(definition, job, AbortSignal.any([job.signal, abort.signal]));
      } catch (error) {
        if (job.retryCount >= job.retryLimit) await setAside(job, oneLine(String(error), 300));
        throw error;
      } finally {
        running.delete(job.id);
        if (worker.id) boss.notifyWorker(worker.id);
      }
    });
  };

  return {
    async enqueue(trx, job, payload, options = {}) {
      const trace = currentTrace();
      await boss.send(job.name, { ...payload as object, ...(trace ? { [REQUEST_ID]: trace.requestId } : {}) }, {
        db: fromKysely(trx as never),
        ...(options.startAfter ? { startAfter: options.startAfter } : {}),
        ...(options.singletonKey ? { singletonKey: options.singletonKey } : {}),
      });
    },
    async start(theDeps, theDefinitions, { work = true } = {}) {
      deps = theDeps;
      definitions = [...theDefinitions, setAsideJob];
      await boss.start();
      await boss.createQueue(DEAD_LETTERS, { retentionSeconds: KEPT_DAYS * 86_400 });
      // createQueue leaves one that is there as an earlier release made it.
      await boss.updateQueue(DEAD_LETTERS, { retentionSeconds: KEPT_DAYS * 86_400 });
      for (const d of definitions) {
        await boss.createQueue(d.name, {
          policy: d.onePerKey ? 'short' : 'standard',
          retryLimit: d.retryLimit ?? 5,
          retryDelay: d.retryDelay ?? 5,
          retryBackoff: true,
          retryDelayMax: 3600,
          heartbeatSeconds: HEARTBEAT_SECONDS,
          notify: true,
          deadLetter: DEAD_LETTERS,
          deleteAfterSeconds: 3600,
        });
        // send() looks an unknown queue up over pg-boss's own connection; inside a transaction on PGlite
        // that look-up would wait for the transaction, and the transaction for it. So it is known first.
        await boss.findJobs(d.name, { key: 'known' });
      }
      if (!work) return;
      // Nobody else can have this database open: what is still running there was left by a process that ended.
      await recover(database.exclusive ? 'all' : 'silent');
      if (!database.exclusive) {
        supervising = setInterval(() => {
          recovering = recover('silent').catch((error: unknown) => log.warn({ err: error }, 'jobs of dead processes could not be looked for'));
        }, SUPERVISE_MS);
      }
      for (const d of definitions) {
        if (d.cron) await boss.schedule(d.name, d.cron, {});
        if (d.atStart !== undefined) await boss.send(d.name, d.atStart as object);
        for (let n = 0; n < (d.concurrency ?? 1); n++) await workOn(d);
      }
    },
    async drain() {
      let count = 0;
      for (let ran = true; ran;) {
        ran = false;
        for (const d of definitions) {
          for (const job of await boss.fetch<unknown>(d.name, { batchSize: 50 })) {
            ran = true;
            if (++count > IN_FLIGHT_LIMIT) throw new Error('drain() does not end: a job enqueues itself without delay.');
            try {
              await run(d, job, abort.signal);
              await boss.complete(d.name, job.id);
            } catch (error) {
              await boss.fail(d.name, job.id, { message: String(error) });
              throw error;
            }
          }
        }
      }
      return count;
    },
    async stop() {
      abort.abort();
      clearInterval(supervising);
      await recovering;
      await boss.stop({ graceful: true, timeout: 10_000, close: !database.pglite });
    },
    async figures() {
      // Not from pg-boss's own counts, which are as old as its last look.
      const { rows } = await sql<QueueFigures>`
        select name as queue,
          count(*) filter (where state in ('created', 'retry'))::int as waiting,
          count(*) filter (where state in ('created', 'retry') and start_after <= now())::int as due,
          count(*) filter (where state = 'active')::int as running,
          coalesce(extract(epoch from now() - min(start_after) filter (where state in ('created', 'retry') and start_after <= now())), 0)::float as age
        from pgboss.job where state in ('created', 'retry', 'active') group by name`.execute(database.db);
      const found = new Map(rows.map((row) => [row.queue, row]));
      // A queue that has become empty shows 0, not its last figures.
      return [...definitions.map((d) => d.name), DEAD_LETTERS].map((queue) => found.get(queue) ?? { queue, waiting: 0, due: 0, running: 0, age: 0 });
    },
    deadLetters: (most) => deadLetters(database.db, most, REQUEST_ID),
    retryDead: (which) => retryDead(database.db, boss, which),
    discardDead: (which) => discardDead(database.db, boss, which),
  };
}
