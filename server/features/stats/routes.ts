import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { statsContract } from './contract.ts';
import { activity, templateUsage } from './service.ts';

export const statsRoutes = (deps: Deps): Handlers<typeof statsContract> => ({
  templateStatistics: ({ principal }) => templateUsage(deps, principal.accountId),
  activityStatistics: ({ principal, query }) => activity(deps, principal.accountId, query.days),
});
