import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { invalid } from '../../errors.ts';
import type { KeyRing } from '../../lib/keyring.ts';
import { lockTrackings } from './judging.queries.ts';
import { moveEvent } from './queries.ts';
import { bindToMessage } from './service.ts';

/**
 * Outlook gives an add-in little time while a message is being sent, and in some clients no identity to
 * sign in with. So the draft carries a token from the time when it was prepared, which allows this one
 * report. It lasts as long as the keys do: drafts wait for weeks.
 */
const PURPOSE = 'tracking-report';

export const reportTokenOf = (keys: KeyRing, trackingId: number): string => keys.sign(PURPOSE, trackingId);

export interface SentReport {
  readonly reportToken: string;
  readonly subject?: string | undefined;
  readonly recipients?: readonly string[] | undefined;
  /** RFC 3339. */
  readonly sentAt?: string | undefined;
  readonly internetMessageId?: string | undefined;
}

/**
 * A prepared draft is on its way. What the mailbox itself tells of the message later wins: a report
 * after that changes nothing. A second report means that the first attempt was given up. Throws
 * request.invalid for a token that is not ours.
 */
export async function reportSent(deps: Deps, report: SentReport): Promise<void> {
  const id = trackingIdOf(deps.keys, report.reportToken);
  // Outlook gives a colleague's entry of the address book by its directory name, which is no mail address.
  const recipients = [...new Set((report.recipients ?? []).map((address) => address.trim().toLowerCase()).filter((address) => address.includes('@')))];
  await transaction(deps.db, async (trx) => {
    const [tracking] = await lockTrackings(trx, [id]);
    if (!tracking || tracking.account_id === null || tracking.message_id !== null || tracking.inet_key !== null) return;
    const now = deps.clock.now();
    const sentAt = report.sentAt === undefined ? now : new Date(Math.min(now.getTime(), Math.max(tracking.created_at.getTime(), Date.parse(report.sentAt))));
    if (tracking.sent_at) await moveEvent(trx, id, 'initial', sentAt);
    await bindToMessage(trx, deps, tracking, { subject: report.subject, recipients, internetMessageId: report.internetMessageId, sentAt });
  });
}

function trackingIdOf(keys: KeyRing, token: string): number {
  try {
    const id = keys.verify(PURPOSE, token);
    if (typeof id === 'number') return id;
  } catch {
    // Said by the line below.
  }
  throw invalid('reportToken', 'is not a token of POST /v1/email/draftTracking/create.');
}
