import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { MessageArrived } from '../../events/types.ts';
import { isCalendar, readMeetingReply } from '../../lib/ical.ts';
import { recordAnswer } from '../calendar/service.ts';
import { readAttachment } from '../email/messages.service.ts';
import { getMessage, type Message } from '../email/service.ts';

/** Bytes; an answer to an invitation is far smaller. */
const MOST_REPLY = 1_000_000;

/**
 * Notes an attendee's answer to an invitation in the host's event. The answer must come from the attendee's
 * own address: whoever else knows the UID could decline in his name.
 */
export async function readInvitationReply(deps: Deps, arrived: MessageArrived): Promise<void> {
  const message = await messageOrNone(deps, arrived);
  const part = message?.attachments?.find((a) => isCalendar(a.mimeType ?? ''));
  if (!part?.id) return;
  const content = await readAttachment(deps, arrived.accountId, arrived.messageId, part.id, MOST_REPLY);
  const reply = content && readMeetingReply(content.toString());
  if (reply?.attendee !== arrived.from) return;
  await transaction(deps.db, (trx) => recordAnswer(trx, deps, arrived.accountId, reply));
}

/** A message that was deleted before it was heard has nothing to say. */
async function messageOrNone(deps: Deps, arrived: MessageArrived): Promise<Message | undefined> {
  try {
    return await getMessage(deps, arrived.accountId, arrived.messageId);
  } catch (error) {
    if (error instanceof AppError && error.code === 'notFound') return undefined;
    throw error;
  }
}
