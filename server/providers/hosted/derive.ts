import { sql } from 'kysely';
import { blobSource, readBlobWhole } from '../../db/blobs.ts';
import { jsonb, transaction, type Db } from '../../db/db.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { isCalendar } from '../../lib/ical.ts';
import { classifyAutomatic, readAwayUntil, readReport, type DeliveryReport } from '../../lib/mime-report.ts';
import type { ParsedMail } from '../../lib/mime.ts';
import { readMail, readTop, sourceOf, type MailSource } from '../../lib/mime-reader.ts';
import type { ProviderDeps } from '../provider.ts';
import { ensureFolders } from './folders.ts';
import { derivedColumns } from './rows.ts';
import { threadOf } from './threads.ts';
import { judge, type Verdicts } from './verdicts.ts';

interface StoredEnvelope {
  readonly from: string;
  readonly recipient: string;
  readonly remoteAddress: string;
  readonly helo: string;
  readonly internal: boolean;
}

/**
 * Reads an accepted message and tells the features of it, in one transaction, so that a second run finds
 * it derived and says nothing again. What cannot be read is stored as readable as it is: no message can stop the next.
 */
export const derive = (db: Db, deps: ProviderDeps, messageId: string): Promise<void> => deriveBy(db, deps, messageId, async (source, envelope) => {
  await failpoint('mail.derive');
  return { ...await readMail(source), verdicts: await judge(deps, source, envelope) };
});

/** For a message whose reading never came to an end: its headers alone are read, and nothing is judged. */
export const deriveTopOnly = (db: Db, deps: ProviderDeps, messageId: string): Promise<void> => deriveBy(db, deps, messageId, async (source) => ({
  mail: await readTop(source), error: 'the server ended each time it read this message', verdicts: { spf: 'none', dkim: 'none', dmarc: 'none', policy: 'none' },
}));

/** Up to here a message is read from the database once and held, above it piece by piece for each who looks at it. */
const AT_ONCE = 192 * 1024;

type Reading = (source: MailSource, envelope: StoredEnvelope) => Promise<{ mail: ParsedMail; error: string | null; verdicts: Verdicts }>;

async function deriveBy(db: Db, deps: ProviderDeps, messageId: string, read: Reading): Promise<void> {
  const row = await db.selectFrom('mail_messages').select(['id', 'account_id', 'blob_id', 'envelope', 'received_at', 'derived_at', 'size']).where('id', '=', messageId).executeTakeFirst();
  if (!row || row.derived_at || row.blob_id === null) return;
  const envelope = row.envelope as StoredEnvelope;
  const { mail, error, verdicts } = await read(row.size <= AT_ONCE ? sourceOf(await readBlobWhole(db, row.blob_id)) : await blobSource(db, row.blob_id), envelope);
  const report = reportOf(mail);
  const automatic = classifyAutomatic({
    headers: mail.headers, subject: mail.subject, text: mail.words, nullSender: envelope.from === '', isReport: report !== null,
  });
  await transaction(db, async (trx) => {
    const threadId = await threadOf(trx, row.account_id, mail);
    const folders = await ensureFolders(trx, deps.clock, row.account_id);
    const folder = isJunk(verdicts) ? 'junk' as const : 'inbox' as const;
    const derived = await trx.updateTable('mail_messages').set({
      ...derivedColumns(mail),
      thread_id: threadId,
      // Whoever moved it meanwhile knows better.
      folder_id: sql<string>`case when folder_id = ${folders.inbox} then ${folders[folder]} else folder_id end`,
      derived_at: deps.clock.real(),
      derive_error: error,
      automatic,
      report: report ? jsonb(report) : null,
      verdicts: jsonb(verdicts),
    }).where('id', '=', row.id).where('derived_at', 'is', null).returning('id').executeTakeFirst();
    if (!derived) return;
    await deps.emit(trx, {
      type: 'MessageArrived',
      accountId: row.account_id,
      messageId: row.id,
      threadId,
      internetMessageId: mail.messageId,
      inReplyTo: mail.inReplyTo,
      references: mail.references,
      from: mail.from?.address?.toLowerCase() ?? null,
      subject: mail.subject,
      receivedAt: row.received_at.toISOString(),
      folder,
      automatic,
      awayUntil: automatic === 'vacation' ? readAwayUntil(mail.words, mail.date ?? row.received_at) : null,
      report,
      calendar: mail.attachments.some((a) => isCalendar(a.mimeType)),
    });
  });
}

/** A report is one by its type (RFC 3464, 2.1); its part alone would let a forwarded report pass for one. */
function reportOf(mail: ParsedMail): DeliveryReport | null {
  if (mail.deliveryStatus === null) return null;
  const type = mail.headers.find((h) => h.name.toLowerCase() === 'content-type')?.value ?? '';
  if (!/^multipart\/report\b/i.test(type)) return null;
  return readReport(mail.deliveryStatus, mail.returned, [...mail.references, ...(mail.inReplyTo ? [mail.inReplyTo] : [])]);
}

const isJunk = (verdicts: Verdicts): boolean => verdicts.dmarc === 'fail' && verdicts.policy !== 'none';
