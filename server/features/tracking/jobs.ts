import { z } from 'zod';
import { transaction } from '../../db/db.ts';
import { defineJob } from '../../jobs/jobs.ts';
import { judgeSome } from './judging.ts';
import { RETENTION_MONTHS } from './options.ts';
import { deleteEventsBefore, deleteViewingsBefore, forgetMessagesBefore } from './removal.queries.ts';

const Nothing = z.object({});
const DAY = 86_400_000;
const AT_A_TIME = 5_000;

/** Hits whose process ended between committing and judging them. */
export const judgeLeftOvers = defineJob({
  name: 'tracking.judge',
  payload: Nothing,
  cron: '* * * * *',
  atStart: {},
  handler: async (deps, _payload, attempt) => {
    while (!attempt.signal.aborted && await judgeSome(deps));
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
