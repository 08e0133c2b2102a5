import { setTimeout as rest } from 'node:timers/promises';
import { z } from 'zod';
import { transaction } from '../../db/db.ts';
import { defineJob } from '../../jobs/jobs.ts';
import { judgeSome } from './judging.ts';
import { newestHits } from './judging.queries.ts';
import { RETENTION_MONTHS } from './options.ts';
import { deleteEventsBefore, deleteViewingsBefore, forgetMessagesBefore } from './removal.queries.ts';

const Nothing = z.object({});
const DAY = 86_400_000;
const AT_A_TIME = 5_000;
/** The job rests so many times as long as it worked, at most a second. */
const REST = 3;
const LONGEST_REST_MS = 1000;

/** Hits whose process ended between committing and judging them. */
export const judgeLeftOvers = defineJob({
  name: 'tracking.judge',
  payload: Nothing,
  cron: '* * * * *',
  atStart: {},
  handler: async (deps, _payload, attempt) => {
    // What comes meanwhile is judged by who records it; where something always comes the job would never end.
    const upTo = await newestHits(deps.db);
    while (!attempt.signal.aborted) {
      const started = performance.now();
      if (!await judgeSome(deps, upTo)) return;
      // Without a rest the embedded database's one connection would be taken until all is judged, and hardly a pixel answered.
      await rest(Math.min(LONGEST_REST_MS, (performance.now() - started) * REST));
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
