import { z } from 'zod';
import { defineJob, type JobDefinition } from '../../jobs/jobs.ts';
import type { ProviderTask } from '../../providers/provider.ts';

const TaskJob = z.object({ serviceType: z.string(), accountId: z.int().nullable(), ref: z.string() });
type TaskJob = z.output<typeof TaskJob>;

const taskJob = (task: ProviderTask, limits: Partial<JobDefinition<TaskJob>>): JobDefinition<TaskJob> => defineJob({
  name: `mail.${task}`,
  payload: TaskJob,
  handler: async (deps, { serviceType, accountId, ref }) => {
    try {
      await deps.providers.of(serviceType).tasks[task]({ accountId, ref });
    } catch (error) {
      deps.metrics.providerErrors.inc({ provider: serviceType, task });
      throw error;
    }
  },
  setAside: async (deps, { serviceType, accountId, ref }) => deps.providers.of(serviceType).setAside?.[task]?.({ accountId, ref }),
  ...limits,
});

/** A provider's background work, one job for each task; the provider is found again by its service type. */
export const taskJobs: Readonly<Record<ProviderTask, JobDefinition<TaskJob>>> = {
  derive: taskJob('derive', { retryLimit: 5, concurrency: 2 }),
  // Failed attempts make a job of their own with the right delay; these retries are for a server that stopped.
  deliver: taskJob('deliver', { retryLimit: 10, concurrency: 4 }),
  sweep: taskJob('sweep', { retryLimit: 2 }),
};

/** Every minute: what has become due, what a crash left. */
export const sweepAll = defineJob({
  name: 'mail.sweepAll',
  payload: z.object({}),
  cron: '* * * * *',
  atStart: {},
  handler: async (deps) => {
    for (const provider of deps.providers.all) await provider.tasks.sweep({ accountId: null, ref: '' });
  },
});

export const emailJobs = [...Object.values(taskJobs), sweepAll];
