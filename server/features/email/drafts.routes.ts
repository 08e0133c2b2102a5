import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { draftsContract } from './drafts.contract.ts';
import { removeDraft, saveDraft, sendDraft, showDraft } from './drafts.service.ts';

export function draftsRoutes(deps: Deps): Handlers<typeof draftsContract> {
  return {
    async createDraft({ principal, query, body }) {
      return { id: await saveDraft(deps, principal.accountId, body, query.bodyType ?? 'html') };
    },
    async deleteDraft({ principal, params }) {
      await removeDraft(deps, principal.accountId, params.draftId);
      return { status: 'Ok' as const };
    },
    async getDraft({ principal, params, query }) {
      const message = await showDraft(deps, principal.accountId, params.draftId, { bodyType: query.bodyType ?? 'html', loadInlines: query.loadInlines, stripQuoted: false });
      return { id: params.draftId, message };
    },
    async updateDraft({ principal, params, query, body }) {
      return { id: await saveDraft(deps, principal.accountId, body, query.bodyType ?? 'html', params.draftId) };
    },
    async sendDraft({ principal, params, query, body }) {
      const sent = await sendDraft(deps, principal.accountId, params.draftId, body, query.sendTime);
      return { status: 'Ok' as const, ...(sent.trackingId === undefined ? {} : { trackingId: sent.trackingId }), id: sent.id, threadId: sent.threadId, internetMessageId: sent.submittedMessageId };
    },
  };
}
