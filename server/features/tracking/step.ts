import { notFound } from '../../errors.ts';
import { accountById } from '../accounts/queries.ts';
import type { SendStep } from '../email/steps.ts';
import { codesIn, languageOf, markUp, newCode } from './markup.ts';
import { planTracking } from './options.ts';
import { insertLinks, insertTracking, messageIdKey } from './queries.ts';
import { recordEvent, unsentCodes } from './service.ts';

/**
 * `tracking` of a message that the server sends: the recipients' copy gets pixel, opt-out line and
 * tracked links, the sent copy stays as it was written, so that reading it tells nothing.
 */
export const trackingStep: SendStep = {
  name: 'tracking',
  async apply(send) {
    const { deps, trx, accountId, request } = send;
    const { publicUrl } = deps.config;
    const html = send.deliveredHtml;
    const pixels = html === null ? [] : codesIn(publicUrl, html).pixels;
    const keep = await unsentCodes(trx, accountId, pixels);
    const wanted = request.tracking;
    if (!wanted || !(wanted.opens || wanted.links || wanted.threadReplies)) {
      if (html !== null && pixels.length > keep.size) send.deliveredHtml = markUp(publicUrl, html, { code: '', pixel: false, optOut: false, links: false, keep }).html;
      return;
    }
    const account = await accountById(trx, accountId);
    if (!account) throw notFound('The account');
    const plan = await planTracking(trx, { appId: account.app_id, accountId }, wanted, send.recipients, html !== null);
    const now = deps.clock.now();
    const tracking = await insertTracking(trx, {
      account_id: accountId, code: newCode(), draft_id: null, pixel_in_sent_copy: false,
      track_opens: plan.opens, track_replies: plan.replies, track_links: plan.links,
      opens_after_seconds: plan.opensAfterSeconds, context: plan.context,
      message_id: send.messageId, thread_id: send.threadId, inet_message_id: send.internetMessageId, inet_key: messageIdKey(send.internetMessageId),
      subject: request.subject ?? null, recipients: [...send.recipients], sent_at: now, created_at: now, withdrawn_at: plan.optedOut ? now : null,
      last_activity_at: null, last_responded_at: null, last_user_agent: null, last_remote_addr: null,
    });
    if (html !== null) {
      const marked = markUp(publicUrl, html, {
        code: tracking.code, pixel: plan.opens, optOut: plan.opens || plan.links, links: plan.links, language: languageOf(html), keep,
      });
      await insertLinks(trx, tracking.id, marked.links);
      send.deliveredHtml = marked.html;
    }
    await recordEvent(trx, deps, tracking, 'initial', { createdAt: now, dedupeKey: 'initial' });
    send.trackingId = String(tracking.id);
  },
};
