import { z } from 'zod';
import { defineJob } from '../../jobs/jobs.ts';
import { deleteExpired } from './queries.ts';

export const sweepExpired = defineJob({
  name: 'auth.sweepExpired',
  payload: z.object({}),
  cron: '17 * * * *',
  handler: async (deps) => {
    const now = deps.clock.real();
    await deleteExpired(deps.db, now, now.getTime());
  },
});
