import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { templatesContract } from './templates.contract.ts';
import { exportTemplates, importTemplates, setDraftTemplates } from './templates.service.ts';

export const templatesRoutes = (deps: Deps): Handlers<typeof templatesContract> => ({
  exportTemplates: ({ principal, query }) => exportTemplates(deps, principal.accountId, query.ruleId),
  importTemplates: ({ principal, query, body, settle }) => importTemplates(deps, principal.accountId, body.rules, query, settle),
  async setDraftTemplates({ principal, params, body }) {
    await setDraftTemplates(deps, principal.accountId, params.trackingCode, body.ruleIds);
    return { status: 'Ok' };
  },
});
