import { sql } from 'kysely';
import type { z } from 'zod';
import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import { noKey, type Settle, type Settled } from '../../http/operation.ts';
import { hasPendingJob } from '../../jobs/jobs.ts';
import type { Mailbox, MailStore, NewMail, RecipientState, SentIds } from '../../providers/provider.ts';
import { accountById, type AccountRow } from '../accounts/queries.ts';
import type { EmailSendResponse } from './messages.contract.ts';
import { requireRecipients, toNewMail, type OutgoingMail, type SendOptions } from './outgoing.ts';
import type { SendContext } from './steps.ts';
import { toWire, type Message } from './wire.ts';

export type { Message, OutgoingMail, SendOptions };
export type SendResult = z.output<typeof EmailSendResponse>;

/** The account's mailbox with the store that keeps it; a managed copy has none of its own and uses its parent's. */
export async function mailOf(deps: Deps, accountId: number, trx?: Trx): Promise<{ mailbox: Mailbox; store: MailStore; account: AccountRow }> {
  const account = await accountById(trx ?? deps.db, accountId);
  if (!account) throw notFound('The account');
  return { account, mailbox: { id: account.parent_id ?? account.id, email: account.email, name: account.name, timezone: account.timezone }, store: deps.providers.of(account.service_type).mail };
}

/**
 * Sends from the account: stores the sent copy, runs the send steps, queues the delivery and emits
 * MailSent, all in one transaction. Success means committed: the message goes out or comes back as a report.
 */
export async function sendMail(deps: Deps, accountId: number, mail: OutgoingMail, options: SendOptions = {}, settle: Settle<SendResult> = noKey): Promise<Settled<SendResult>> {
  return transaction(deps.db, async (trx) => settle(trx, await sendMailIn(trx, deps, accountId, mail, options)));
}

/** The same inside the caller's transaction, so that the caller's fence and the message commit together. */
export async function sendMailIn(trx: Trx, deps: Deps, accountId: number, mail: OutgoingMail, options: SendOptions = {}): Promise<SendResult> {
  const { mailbox } = await mailOf(deps, accountId, trx);
  return sendNewMail(trx, deps, accountId, toNewMail(mailbox, mail, options), mail);
}

/** Sends what is checked already; `request` is what the send steps read their wishes from. */
export async function sendNewMail(trx: Trx, deps: Deps, accountId: number, mail: NewMail, request: OutgoingMail): Promise<SendResult> {
  requireRecipients(mail);
  const { mailbox, store } = await mailOf(deps, accountId, trx);
  const failed: { step: 'tracking' | 'followUp'; message: string }[] = [];
  let trackingId: string | undefined;
  const ids = await store.send(trx, mailbox, mail, async (sent) => {
    const context: SendContext = {
      deps, trx, accountId, request, ...sent,
      recipients: [...mail.to, ...mail.cc, ...mail.bcc].map((a) => a.address.toLowerCase()),
      deliveredHtml: mail.html,
    };
    for (const step of deps.sendSteps) {
      const before = context.deliveredHtml;
      const problem = await inSavepoint(trx, () => step.apply(context));
      if (problem === undefined) continue;
      context.deliveredHtml = before;
      deps.log.warn({ err: problem, step: step.name, accountId }, 'a send step failed; the message goes without it');
      failed.push({ step: step.name, message: problem instanceof AppError ? problem.message : `${step.name} failed on the server` });
    }
    trackingId = context.trackingId;
    return context.deliveredHtml;
  });
  return answerOf(ids, trackingId, failed);
}

function answerOf(ids: SentIds, trackingId: string | undefined, failed: readonly { step: 'tracking' | 'followUp'; message: string }[]): SendResult {
  return {
    status: 'Ok',
    id: ids.messageId,
    submittedMessageId: ids.internetMessageId,
    threadId: ids.threadId,
    ...(trackingId === undefined ? {} : { trackingId }),
    processingStatus: failed.length ? 'Incomplete' : 'Ok',
    ...(failed.length ? { processingError: { failedSteps: failed.map((f) => f.step), errorMessage: failed.map((f) => f.message).join(' ') } } : {}),
  };
}

/** What `work` threw, after undoing what it wrote; the transaction goes on. */
async function inSavepoint(trx: Trx, work: () => Promise<void>): Promise<unknown> {
  await sql`savepoint send_step`.execute(trx);
  try {
    await work();
    await sql`release savepoint send_step`.execute(trx);
    return undefined;
  } catch (error) {
    await sql`rollback to savepoint send_step`.execute(trx);
    return error ?? new Error('The step failed without a reason.');
  }
}

/** One message as the contract shows it, with its body as HTML; 404 where it is not this account's. */
export async function getMessage(deps: Deps, accountId: number, messageId: string): Promise<Message> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const message = await store.get(mailbox, messageId);
  if (!message) throw notFound('The message');
  return toWire(message, { bodyType: 'html' });
}

/** The newest message of the account with this Message-ID (with brackets), or undefined. */
export async function findByInternetMessageId(deps: Deps, accountId: number, internetMessageId: string): Promise<Message | undefined> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const message = await store.findByInternetMessageId(mailbox, internetMessageId);
  return message && toWire(message, { bodyType: 'html' });
}

const MOST_OF_THREAD = 1000;

/** The thread's messages, oldest first, without bodies or drafts; at most a thousand. */
export async function messagesOfThread(deps: Deps, accountId: number, threadId: string): Promise<Message[]> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const { messages } = await store.list(mailbox, { threadId, includeTrashAndJunk: true, includeDrafts: false, body: false, oldestFirst: true, limit: MOST_OF_THREAD });
  return messages.map((m) => toWire(m));
}

/** Where each recipient of a sent message stands; `inDoubt` means that nobody knows and it is not sent again. */
export async function deliveryOf(deps: Deps, accountId: number, messageId: string): Promise<RecipientState[]> {
  const { mailbox, store } = await mailOf(deps, accountId);
  return store.deliveryOf(mailbox, messageId);
}

/**
 * True while mail that was accepted for the account has not yet been derived and heard by every listener.
 * Not for use inside a listener of MessageArrived, which would wait for itself.
 */
export async function hasUnheardMail(trx: Trx, accountId: number): Promise<boolean> {
  return await hasPendingJob(trx, 'mail.derive', { accountId })
    || hasPendingJob(trx, 'on.%', { event: { type: 'MessageArrived', accountId } });
}
