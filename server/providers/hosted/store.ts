import { sql } from 'kysely';
import { readBlob, readBlobWhole } from '../../db/blobs.ts';
import { transaction, type Db, type Trx } from '../../db/db.ts';
import { readMail } from '../../lib/mime-reader.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Mailbox, MailMessage, MessagePage, MessageQuery, RecipientState } from '../provider.ts';
import { ensureFolders, rolesOfFolders } from './folders.ts';
import { messageKey, SUMMARY, toMessage, WITH_BODY, type SummaryRow } from './rows.ts';
import { conditions, readTerms } from './search.ts';

interface Position {
  readonly t: string;
  readonly id: string;
}

/** Newest first (a thread: oldest first), from a position that later arrivals do not shift. */
export async function listMessages(db: Db, mailbox: Mailbox, query: MessageQuery): Promise<MessagePage> {
  const roles = await rolesOfFolders(db, mailbox.id);
  const terms = query.q ? readTerms(query.q) : [];
  const hidden = [...roles].filter(([, role]) => role === 'trash' || role === 'junk').map(([id]) => id);
  const inFolder = query.folderId !== undefined || terms.some((t) => t.field === 'in' && !t.not);
  const anywhere = query.includeTrashAndJunk || inFolder;
  let rows = db.selectFrom('mail_messages').select(query.body ? WITH_BODY : SUMMARY)
    // In microseconds as stored: a JavaScript date would cut them off and the next page would skip rows.
    .select(sql<string>`received_at::text`.as('position'))
    .where('account_id', '=', mailbox.id);
  if (query.folderId !== undefined) rows = rows.where('folder_id', '=', query.folderId);
  if (query.threadId !== undefined) rows = rows.where('thread_id', '=', query.threadId);
  if (!anywhere && hidden.length) rows = rows.where('folder_id', 'not in', hidden);
  if (!query.includeDrafts && !inFolder) rows = rows.where('kind', '!=', 'draft');
  for (const condition of conditions(terms, mailbox.timezone)) rows = rows.where(() => condition as never);
  if (query.after) {
    const { t, id } = query.after as Position;
    rows = rows.where(query.oldestFirst ? sql<boolean>`(received_at, id) > (${t}::timestamptz, ${id})` : sql<boolean>`(received_at, id) < (${t}::timestamptz, ${id})`);
  }
  const direction = query.oldestFirst ? 'asc' : 'desc';
  const found = await rows.orderBy('received_at', direction).orderBy('id', direction).limit(query.limit + 1).execute();
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return {
    messages: page.map((row) => toMessage(row, roles.get(row.folder_id) ?? null)),
    ...(found.length > query.limit && last ? { next: { t: last.position, id: last.id } satisfies Position } : {}),
  };
}

export async function getMessage(db: Db | Trx, mailbox: Mailbox, messageId: string): Promise<MailMessage | undefined> {
  const row = await db.selectFrom('mail_messages').select(WITH_BODY).where('id', '=', messageId).where('account_id', '=', mailbox.id).executeTakeFirst();
  return row && shown(db, mailbox, row);
}

export async function findByInternetMessageId(db: Db, mailbox: Mailbox, internetMessageId: string): Promise<MailMessage | undefined> {
  const row = await db.selectFrom('mail_messages').select(WITH_BODY)
    .where('account_id', '=', mailbox.id).where('message_key', '=', messageKey(internetMessageId)).where('kind', '!=', 'draft')
    .orderBy('received_at', 'desc').limit(1).executeTakeFirst();
  return row && shown(db, mailbox, row);
}

async function shown(db: Db | Trx, mailbox: Mailbox, row: SummaryRow): Promise<MailMessage> {
  return toMessage(row, (await rolesOfFolders(db, mailbox.id)).get(row.folder_id) ?? null);
}

const blobOf = async (db: Db, mailbox: Mailbox, messageId: string): Promise<number | null | undefined> =>
  (await db.selectFrom('mail_messages').select('blob_id').where('id', '=', messageId).where('account_id', '=', mailbox.id).executeTakeFirst())?.blob_id;

export async function rawMessage(db: Db, mailbox: Mailbox, messageId: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const blobId = await blobOf(db, mailbox, messageId);
  return blobId ? readBlob(db, blobId) : undefined;
}

export async function readAttachments(db: Db, mailbox: Mailbox, messageId: string) {
  const blobId = await blobOf(db, mailbox, messageId);
  if (!blobId) return undefined;
  const { mail } = await readMail(await readBlobWhole(db, blobId), { content: true });
  return mail.attachments;
}

export async function setStatus(db: Db, clock: Clock, mailbox: Mailbox, messageId: string, status: { unread?: boolean; archived?: boolean; keywords?: readonly string[] }): Promise<boolean> {
  return transaction(db, async (trx) => {
    const folders = await ensureFolders(trx, clock, mailbox.id);
    const row = await trx.selectFrom('mail_messages').select(['id', 'folder_id', 'kind']).where('id', '=', messageId).where('account_id', '=', mailbox.id).forUpdate().executeTakeFirst();
    if (!row) return false;
    const home = row.kind === 'sent' ? folders.sent : row.kind === 'draft' ? folders.drafts : folders.inbox;
    const folderId = status.archived === true ? folders.archive : status.archived === false && row.folder_id === folders.archive ? home : row.folder_id;
    await trx.updateTable('mail_messages').set({
      folder_id: folderId,
      modified_at: clock.now(),
      ...(status.unread === undefined ? {} : { unread: status.unread }),
      ...(status.keywords === undefined ? {} : { keywords: [...status.keywords] }),
    }).where('id', '=', row.id).execute();
    return true;
  });
}

/** To the trash; what is there already, and drafts, go for good. */
export async function removeMessage(db: Db, clock: Clock, mailbox: Mailbox, messageId: string): Promise<boolean> {
  return transaction(db, async (trx) => {
    const folders = await ensureFolders(trx, clock, mailbox.id);
    const row = await trx.selectFrom('mail_messages').select(['id', 'folder_id', 'kind']).where('id', '=', messageId).where('account_id', '=', mailbox.id).forUpdate().executeTakeFirst();
    if (!row) return false;
    if (row.folder_id !== folders.trash && row.kind !== 'draft') {
      await trx.updateTable('mail_messages').set({ folder_id: folders.trash, modified_at: clock.now() }).where('id', '=', row.id).execute();
      return true;
    }
    await trx.deleteFrom('mail_messages').where('id', '=', row.id).execute();
    return true;
  });
}

export async function deliveryOf(db: Db, mailbox: Mailbox, messageId: string): Promise<RecipientState[]> {
  return db.selectFrom('mail_outgoing').select(['recipient', 'state', 'response']).where('message_id', '=', messageId).where('account_id', '=', mailbox.id).orderBy('id').execute();
}
