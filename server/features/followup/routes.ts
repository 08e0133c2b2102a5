import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { followupContract } from './contract.ts';
import { changeFollowUp, listConversations, preview, readConversation, removeRule } from './conversations.service.ts';
import { createRule, listRules, readConfig, readDraft, removeDraft, replaceRule, writeConfig, writeDraft } from './service.ts';

const OK = { status: 'Ok' } as const;

export const followupRoutes = (deps: Deps): Handlers<typeof followupContract> => ({
  getConfig: ({ principal }) => readConfig(deps, principal.accountId),
  updateConfig: ({ principal, body }) => writeConfig(deps, principal.accountId, body),
  getRules: ({ principal, query }) => listRules(deps, principal.accountId, query.limit, query.offset),
  createRule: ({ principal, body, settle }) => createRule(deps, principal.accountId, body, settle),
  updateRule: ({ principal, params, body }) => replaceRule(deps, principal.accountId, params.id, body),
  async deleteRule({ principal, params }) {
    await removeRule(deps, principal.accountId, params.id);
    return OK;
  },
  getConversationsDripStatus: ({ principal, query }) => listConversations(deps, principal.accountId, query.active, query.limit, query.offset),
  getConversationDripStatus: ({ principal, params }) => readConversation(deps, principal.accountId, params.convoId),
  updateConversationDripStatus: ({ principal, params, body }) => changeFollowUp(deps, principal.accountId, params.convoId, body),
  previewFollowUp: ({ principal, body }) => preview(deps, principal.accountId, body),
  getFollowUpDraft: ({ principal, params }) => readDraft(deps, principal.accountId, params.trackingCode),
  putFollowUpDraft: ({ principal, params, body }) => writeDraft(deps, principal.accountId, params.trackingCode, body),
  async deleteFollowUpDraft({ principal, params }) {
    await removeDraft(deps, principal.accountId, params.trackingCode);
    return OK;
  },
});
