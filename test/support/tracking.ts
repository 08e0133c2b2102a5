import type { TestApp } from './app.ts';
import { transaction } from '../../server/db/db.ts';
import type { DomainEvent } from '../../server/events/types.ts';

/** User agents as mail programs send them. */
export const AGENTS = {
  outlook: 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)',
  gmail: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  apple: 'Mozilla/5.0',
  chrome: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
} as const;

/** The host of each address, with its code: what a message carries of ours. */
export const codeAfter = (html: string, path: '/t/' | '/l/' | '/o/'): string => new RegExp(`${path}([\\w-]{22})`).exec(html)?.[1] ?? '';

export async function emit(app: TestApp, event: DomainEvent): Promise<void> {
  await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, event));
  await app.drain();
}

/** A draft prepared by the pane and told to be sent: a tracked message without any mail. */
export async function trackedMessage(app: TestApp, token: string, options: { html?: string; tracking?: Record<string, unknown>; draftId?: string; ids?: Record<string, string> } = {}): Promise<{ id: number; code: string; html: string; links: { code: string; url: string }[] }> {
  const draftId = options.draftId ?? `draft-${Math.random()}`;
  const made = await app.call('POST', '/v1/email/draftTracking/create', {
    as: token, query: { draftId, ignoreNotFound: true },
    body: { htmlText: options.html ?? '<p>Hello</p>', tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0, ...options.tracking } },
  });
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  await app.call('PATCH', `/v1/email/draftTracking/${draftId}/convert`, { as: token, body: options.ids ?? { messageId: `m-${draftId}`, threadId: `t-${draftId}`, internetMessageId: `<${draftId}@hosted.test>` } });
  return { id: Number(made.body.trackingId), code: made.body.trackingCode, html: made.body.htmlBody, links: made.body.linkCodes };
}

export const load = (app: TestApp, path: string, userAgent: string, headers: Record<string, string> = {}, method = 'GET') =>
  app.call(method, path, { headers: { 'user-agent': userAgent, ...headers } });
