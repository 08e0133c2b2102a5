import { z } from 'zod';
import { defineJob } from '../../jobs/jobs.ts';
import { forgetOldVisitors } from './meetings.service.ts';

export const forgetVisitorsJob = defineJob({
  name: 'booking.forgetVisitors',
  payload: z.object({}),
  cron: '17 3 * * *',
  handler: (deps) => forgetOldVisitors(deps),
});
