import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { listener } from '../../events/events.ts';
import type { DeliveryFailed, MailSent, MessageArrived } from '../../events/types.ts';
import type { DeliveryReport } from '../../lib/mime-report.ts';
import { accountById } from '../accounts/queries.ts';
import { getMessage } from '../email/service.ts';
import { codesIn } from './markup.ts';
import { byCodes, byMessageIds, messageIdKey, newestOfThread } from './queries.ts';
import { forgetOrphans } from './removal.queries.ts';
import { bindToMessage, recordEvent } from './service.ts';
import type { TrackingRow } from './judging.queries.ts';

/** The header in which the pane puts the code of a draft that carries no pixel (replies only). */
const CODE_HEADER = 'x-sundial-id';

/** A message went out: if the pane had prepared it as a draft, its code is now tied to it. */
export const sentDrafts = listener({
  name: 'tracking.sent',
  hears: ['MailSent'],
  hear: bindPreparedDrafts,
});

/** A message came in: perhaps the answer to a tracked one, or the report that it could not be delivered. */
export const arrivedMail = listener({
  name: 'tracking.arrived',
  hears: ['MessageArrived'],
  concerns: ({ report, automatic }) => report?.action === 'failed' || (report === null && automatic === 'no'),
  hear: (deps, arrived) => (arrived.report ? recordReport(deps, arrived, arrived.report) : recordReply(deps, arrived)),
});

/** Our own queue gave up; the report by mail that follows finds the same bounce recorded. */
export const failedDeliveries = listener({ name: 'tracking.failed', hears: ['DeliveryFailed'], hear: recordFailure });

export const removedAccounts = listener({
  name: 'tracking.removed',
  hears: ['AccountRemoved'],
  hear: (deps) => forgetOrphans(deps.db),
});

async function bindPreparedDrafts(deps: Deps, sent: MailSent): Promise<void> {
  const message = await getMessage(deps, sent.accountId, sent.messageId).catch((error: unknown) => {
    // Deleted between sending and hearing of it: there is nothing left to tie.
    if (error instanceof AppError && error.code === 'notFound') return undefined;
    throw error;
  });
  if (!message) return;
  const named = (message.internetHeaders ?? []).filter((h) => h.name?.toLowerCase() === CODE_HEADER).map((h) => h.value?.trim() ?? '');
  const { pixels, links, optOuts } = codesIn(deps.config.publicUrl, message.body ?? '');
  const codes = [...new Set([...named, ...pixels, ...links, ...optOuts])].filter(Boolean);
  if (!codes.length) return;
  await transaction(deps.db, async (trx) => {
    for (const tracking of await byCodes(trx, sent.accountId, codes)) {
      // A code that went out in another message stands in a quote here. What a client told of this one
      // (convert) is brought to what we know.
      const isOther = tracking.sent_at !== null && tracking.inet_key !== null && tracking.inet_key !== messageIdKey(sent.internetMessageId);
      if (isOther || tracking.message_id === sent.messageId) continue;
      await bindToMessage(trx, deps, tracking, { ...sent, sentAt: new Date(sent.sentAt) });
    }
  });
}

async function recordReply(deps: Deps, arrived: MessageArrived): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const account = await accountById(trx, arrived.accountId);
    if (!account || arrived.from === account.email.toLowerCase()) return;
    const tracking = await trackedBy(trx, arrived, true);
    if (!tracking) return;
    await recordEvent(trx, deps, tracking, 'reply', {
      createdAt: new Date(arrived.receivedAt), dedupeKey: `reply:${arrived.messageId}`, recipient: arrived.from,
      messageId: arrived.messageId, threadId: arrived.threadId, internetMessageId: arrived.internetMessageId,
    });
  });
}

async function recordReport(deps: Deps, arrived: MessageArrived, report: DeliveryReport): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const original = report.originalMessageId ? await byMessageIds(trx, arrived.accountId, [messageIdKey(report.originalMessageId)]) : undefined;
    const tracking = original ?? await trackedBy(trx, arrived);
    if (!tracking) return;
    const recipient = bouncedRecipient(tracking, report.recipient);
    await recordEvent(trx, deps, tracking, 'replyBounce', {
      createdAt: new Date(arrived.receivedAt), dedupeKey: `bounce:${recipient ?? ''}`, recipient,
      detail: [report.status, report.diagnostic].filter(Boolean).join(' ') || null,
      messageId: arrived.messageId, threadId: arrived.threadId, internetMessageId: arrived.internetMessageId,
    });
  });
}

async function recordFailure(deps: Deps, failed: DeliveryFailed): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const tracking = await byMessageIds(trx, failed.accountId, [messageIdKey(failed.internetMessageId)]);
    if (!tracking) return;
    const recipient = bouncedRecipient(tracking, failed.recipient);
    await recordEvent(trx, deps, tracking, 'replyBounce', {
      createdAt: deps.clock.now(), dedupeKey: `bounce:${recipient ?? ''}`, recipient, detail: failed.diagnostic,
    });
  });
}

/** What an incoming message answers: by In-Reply-To, then References from the nearest on, then the conversation. */
async function trackedBy(trx: Trx, arrived: MessageArrived, withReplies = false): Promise<TrackingRow | undefined> {
  const keys = [arrived.inReplyTo, ...arrived.references.toReversed()].filter((id) => id !== null).map(messageIdKey);
  return await byMessageIds(trx, arrived.accountId, keys, withReplies)
    ?? newestOfThread(trx, arrived.accountId, arrived.threadId, new Date(arrived.receivedAt), withReplies);
}

/** Reports name the recipient as they like, or not at all; with a single one there is no doubt. */
const bouncedRecipient = (tracking: TrackingRow, named: string | null): string | null =>
  tracking.recipients.length === 1 ? tracking.recipients[0]! : named?.toLowerCase() ?? null;
