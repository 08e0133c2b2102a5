import type { z } from 'zod';
import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import type { DraftSendDetails } from './drafts.contract.ts';
import { FollowUpOutgoing, OutEmailTrack } from './messages.contract.ts';
import { showMessage, type ShowMessageOptions } from './messages.service.ts';
import { toNewMail } from './outgoing.ts';
import { mailOf, sendNewMail, type Message, type OutgoingMail, type SendResult } from './service.ts';

/** What a draft keeps beside its message, for the day it is sent. */
interface DraftWishes {
  readonly tracking?: OutgoingMail['tracking'];
  readonly followUp?: OutgoingMail['followUp'];
}

/** Makes a draft, or with `draftId` replaces what it is; `andThen` runs with its id in the same transaction. */
export async function saveDraft<T>(deps: Deps, accountId: number, mail: OutgoingMail, bodyType: 'html' | 'text', draftId: string | undefined, andThen: (trx: Trx, id: string) => Promise<T>): Promise<T> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const checked = toNewMail(mailbox, mail, { bodyType });
  const wishes: DraftWishes = { ...(mail.tracking ? { tracking: mail.tracking } : {}), ...(mail.followUp ? { followUp: mail.followUp } : {}) };
  return transaction(deps.db, async (trx) => {
    const id = await store.saveDraft(trx, mailbox, checked, wishes, draftId);
    if (!id) throw notFound('The draft');
    return andThen(trx, id);
  });
}

export async function showDraft(deps: Deps, accountId: number, draftId: string, options: ShowMessageOptions): Promise<Message> {
  const { mailbox, store } = await mailOf(deps, accountId);
  if (!(await store.get(mailbox, draftId))?.isDraft) throw notFound('The draft');
  return showMessage(deps, accountId, draftId, options);
}

export async function removeDraft(deps: Deps, accountId: number, draftId: string): Promise<void> {
  const { mailbox, store } = await mailOf(deps, accountId);
  if (!(await transaction(deps.db, (trx) => store.removeDraft(trx, mailbox, draftId)))) throw notFound('The draft');
}

/** Sends it and takes it from the drafts, both or neither, and `andThen` with them; sent twice at once it goes out once. */
export async function sendDraft<T>(deps: Deps, accountId: number, draftId: string, details: z.output<typeof DraftSendDetails>, sendTime: string | undefined, andThen: (trx: Trx, sent: SendResult) => Promise<T>): Promise<T> {
  const { account, mailbox, store } = await mailOf(deps, accountId);
  const { scheduledSend } = deps.providers.of(account.service_type).capabilities;
  if (sendTime !== undefined && !scheduledSend.can) throw new AppError('notSupportedYet', `sendTime: ${scheduledSend.reason}`);
  return transaction(deps.db, async (trx) => {
    const draft = await store.openDraft(trx, mailbox, draftId);
    if (!draft) throw notFound('The draft');
    const wishes = readWishes(draft.extras);
    const tracking = details.tracking ?? wishes.tracking;
    const { mail } = draft;
    const sent = await sendNewMail(trx, deps, accountId, mail, {
      ...wishes,
      ...(tracking ? { tracking } : {}),
      subject: mail.subject, body: mail.html ?? mail.text ?? '', to: [...mail.to], cc: [...mail.cc], bcc: [...mail.bcc],
    });
    await store.removeDraft(trx, mailbox, draftId);
    return andThen(trx, sent);
  });
}

function readWishes(extras: unknown): DraftWishes {
  const { tracking, followUp } = (extras ?? {}) as { tracking?: unknown; followUp?: unknown };
  return {
    ...(tracking ? { tracking: OutEmailTrack.parse(tracking) } : {}),
    ...(followUp ? { followUp: FollowUpOutgoing.parse(followUp) } : {}),
  };
}
