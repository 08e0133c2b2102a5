import { statfs } from 'node:fs/promises';
import { sql } from 'kysely';
import express, { type Router } from 'express';
import type { Config } from '../config.ts';
import type { Db } from '../db/db.ts';
import { LISTENER_QUEUES } from '../events/events.ts';
import { DEAD_LETTERS } from '../jobs/dead.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { sameSecret } from '../lib/ids.ts';
import type { Metrics } from './metrics.ts';

const READY_MS = 2000;

/** What an orchestrator and an operator ask: alive, ready, and in what figures. */
export function healthRouter(deps: { config: Config; db: Db; jobs: Jobs; metrics: Metrics }): Router {
  const router = express.Router();
  // Alive says nothing of the database: restarting this process would not mend that.
  router.get('/healthz', (_req, res) => void res.type('text').send('ok\n'));
  router.get('/readyz', async (_req, res) => {
    const ready = await answersInTime(deps.db);
    res.status(ready ? 200 : 503).type('text').send(ready ? 'ready\n' : 'the database does not answer\n');
  });
  router.get('/metrics', async (req, res) => {
    if (!mayReadMetrics(deps.config, req.socket.remoteAddress, req.get('authorization'))) {
      return void res.status(403).type('text').send('Metrics are for loopback, or for the bearer of METRICS_TOKEN.\n');
    }
    await readStored(deps);
    res.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics());
  });
  return router;
}

/** A database that does not answer is itself a figure, and the rest is still wanted. */
async function readStored({ config, db, jobs, metrics: { stored } }: { config: Config; db: Db; jobs: Jobs; metrics: Metrics }): Promise<void> {
  if (!config.databaseUrl) {
    const disk = await statfs(config.dataDir).catch(() => undefined);
    if (disk) stored.diskFree.set({ directory: 'data' }, disk.bavail * disk.bsize);
  }
  if (!await answersInTime(db)) return stored.up.set(0);
  stored.up.set(1);
  const queues = await jobs.figures();
  for (const { queue, waiting, due, running, age } of queues) {
    if (queue === DEAD_LETTERS) {
      stored.deadLetters.set(waiting);
      continue;
    }
    stored.jobsWaiting.set({ queue }, waiting);
    stored.jobsDue.set({ queue }, due);
    stored.jobsRunning.set({ queue }, running);
    stored.queueAge.set({ queue }, age);
  }
  stored.outboxLag.set(Math.max(0, ...queues.filter(({ queue }) => queue.startsWith(LISTENER_QUEUES)).map(({ age }) => age)));
  const sessions = await db.selectFrom('sessions').select((e) => e.fn.countAll<number>().as('n')).where('expires_at', '>', sql<Date>`now()`).executeTakeFirstOrThrow();
  stored.sessions.set(Number(sessions.n));
}

async function answersInTime(db: Db): Promise<boolean> {
  const late = new Promise<false>((resolve) => void setTimeout(() => resolve(false), READY_MS).unref());
  return Promise.race([sql`select 1`.execute(db).then(() => true, () => false), late]);
}

/** A reverse proxy on this machine also comes from loopback, so with a token set only the token counts. */
function mayReadMetrics(config: Config, address: string | undefined, authorization: string | undefined): boolean {
  if (config.mode === 'playground') return true;
  if (config.metricsToken) return sameSecret(authorization ?? '', `Bearer ${config.metricsToken}`);
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';
}
