import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { draftsContract } from './drafts.contract.ts';
import { removeDraft, saveDraft, sendDraft, showDraft } from './drafts.service.ts';

export function draftsRoutes(deps: Deps): Handlers<typeof draftsContract> {
  return {
    createDraft: ({ principal, query, body, settle }) =>
      saveDraft(deps, principal.accountId, body, query.bodyType ?? 'html', undefined, (trx, id) => settle(trx, { id })),
    async deleteDraft({ principal, params }) {
      await removeDraft(deps, principal.accountId, params.draftId);
      return { status: 'Ok' as const };
    },
    async getDraft({ principal, params, query }) {
      const message = await showDraft(deps, principal.accountId, params.draftId, { bodyType: query.bodyType ?? 'html', loadInlines: query.loadInlines, stripQuoted: false });
      return { id: params.draftId, message };
    },
    updateDraft: ({ principal, params, query, body }) =>
      saveDraft(deps, principal.accountId, body, query.bodyType ?? 'html', params.draftId, async (_trx, id) => ({ id })),
    sendDraft: ({ principal, params, query, body, settle }) => sendDraft(deps, principal.accountId, params.draftId, body, query.sendTime, (trx, sent) =>
      settle(trx, { status: 'Ok', ...(sent.trackingId === undefined ? {} : { trackingId: sent.trackingId }), id: sent.id, threadId: sent.threadId, internetMessageId: sent.submittedMessageId })),
  };
}
