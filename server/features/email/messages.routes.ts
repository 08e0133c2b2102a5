import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import { base64Json } from '../../http/base64-json.ts';
import { bytes } from '../../http/reply.ts';
import type { messagesContract } from './messages.contract.ts';
import { conversation, listMessages, openAttachment, rawMessage, removeMessage, replyTo, setStatus, showMessage } from './messages.service.ts';
import { sendMail } from './service.ts';

const OK = { status: 'Ok' } as const;

export function messagesRoutes(deps: Deps): Handlers<typeof messagesContract> {
  return {
    messages: ({ principal, query }) => listMessages(deps, principal.accountId, query),
    send: ({ principal, query, body, settle }) => sendMail(deps, principal.accountId, body, { bodyType: query.bodyType ?? 'html' }, settle),
    async deleteMessage({ principal, params }) {
      await removeMessage(deps, principal.accountId, params.messageId);
      return OK;
    },
    message: ({ principal, params, query }) => showMessage(deps, principal.accountId, params.messageId, { ...query, bodyType: query.bodyType ?? 'html' }),
    async messageRaw({ principal, params }) {
      return bytes(await rawMessage(deps, principal.accountId, params.messageId), 'text/plain; charset=utf-8');
    },
    async updateMessageStatus({ principal, params, body }) {
      await setStatus(deps, principal.accountId, params.messageId, body);
      return OK;
    },
    conversation: ({ principal, params, query }) => conversation(deps, principal.accountId, params.threadId, query),
    reply: ({ principal, params, query, body, settle }) => replyTo(deps, principal.accountId, params.messageId, body, query.bodyType ?? 'html', settle),
    async emailAttachment({ principal, params }) {
      const { bytes: content, version } = await openAttachment(deps, principal.accountId, params.messageId, params.attachmentId);
      return bytes(base64Json('content', content), 'application/json; charset=utf-8', { pageClass: 'api', headers: { ETag: `W/"${version}"` } });
    },
  };
}
