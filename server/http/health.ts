import { sql } from 'kysely';
import express, { type Router } from 'express';
import type { Config } from '../config.ts';
import type { Db } from '../db/db.ts';
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
    for (const { name, waiting } of await deps.jobs.sizes()) deps.metrics.jobsWaiting.set({ queue: name }, waiting);
    res.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics());
  });
  return router;
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
