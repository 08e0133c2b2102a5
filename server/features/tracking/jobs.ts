import { setTimeout as rest } from 'node:timers/promises';
import { z } from 'zod';
import { transaction } from '../../db/db.ts';
import { defineJob } from '../../jobs/jobs.ts';
import { judgeSome, restAfter } from './judging.ts';
import { RETENTION_MONTHS } from './options.ts';
import { deleteEventsBefore, deleteViewingsBefore, forgetMessagesBefore } from './removal.queries.ts';

const Nothing = z.object({});
const DAY = 86_400_000;
const AT_A_TIME = 5_000;
/** Younger hits are being judged by the process that recorded them, if it lives. */
const LEFT_OVER_SECONDS = 60;

/** Hits whose process ended between committing and judging them: at a start all of them, later those that have waited for long. */
export const judgeLeftOvers = defineJob({
  name: 'tracking.judge',
  payload: z.object({ olderThanSeconds: z.int().nonnegative().default(LEFT_OVER_SECONDS) }),
  cron: '* * * * *',
  atStart: { olderThanSeconds: 0 },
  handler: async (deps, { olderThanSeconds }, attempt) => {
    // A fixed end: where something always comes, the job would never see one.
    const until = new Date(deps.clock.now().getTime() - olderThanSeconds * 1000);
    while (!attempt.signal.aborted) {
      const started = performance.now();
      if (!await judgeSome(deps, until)) return;
      await rest(restAfter(performance.now() - started));
    }
  },
});

/** Nobody needs to know for ever who opened what: events go after RETENTION_MONTHS, and then what they were about. */
export const forgetOldEvents = defineJob({
  name: 'tracking.retention',
  payload: Nothing,
  cron: '17 3 * * *',
  handler: async (deps, _payload, attempt) => {
    const now = deps.clock.now();
    const before = new Date(now);
    before.setUTCMonth(before.getUTCMonth() - RETENTION_MONTHS);
    await transaction(deps.db, (trx) => deleteViewingsBefore(trx, new Date(now.getTime() - DAY)));
    while (!attempt.signal.aborted) {
      const deleted = await transaction(deps.db, (trx) => deleteEventsBefore(trx, before, AT_A_TIME));
      if (!deleted) break;
    }
    await transaction(deps.db, (trx) => forgetMessagesBefore(trx, before));
  },
});
