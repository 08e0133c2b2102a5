import { sql, type SelectQueryBuilder } from 'kysely';
import { readBlob } from '../../db/blobs.ts';
import { transaction, type Db, type Trx } from '../../db/db.ts';
import type { Tables } from '../../db/tables.ts';
import { readParts } from '../../lib/mime-part.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Mailbox, MailMessage, MessagePage, MessageQuery, OpenAttachment, RecipientState } from '../provider.ts';
import { ensureFolders, rolesOfFolders } from './folders.ts';
import { messageKey, SUMMARY, toMessage, WITH_BODY, type SummaryRow } from './rows.ts';
import { conditions, readTerms } from './search.ts';

interface Position {
  readonly t: string;
  readonly id: string;
}

type MessagesOf = SelectQueryBuilder<Tables, 'mail_messages', object>;

/** So many of the newest messages are looked through for a word before its index is asked. */
const NEAR = 500;

/** Newest first (a thread: oldest first), from a position that later arrivals do not shift. */
export async function listMessages(db: Db, mailbox: Mailbox, query: MessageQuery): Promise<MessagePage> {
  const roles = await rolesOfFolders(db, mailbox.id);
  const terms = query.q ? readTerms(query.q) : [];
  const hidden = [...roles].filter(([, role]) => role === 'trash' || role === 'junk').map(([id]) => id);
  const inFolder = query.folderId !== undefined || terms.some((t) => t.field === 'in' && !t.not);
  const anywhere = query.includeTrashAndJunk || inFolder;
  const direction = query.oldestFirst ? 'asc' : 'desc';
  const after = query.after as Position | undefined;
  const place = after && (query.oldestFirst
    ? sql<boolean>`(received_at, id) > (${after.t}::timestamptz, ${after.id})`
    : sql<boolean>`(received_at, id) < (${after.t}::timestamptz, ${after.id})`);
  const wanted = (messages: MessagesOf) => {
    let rows = messages.where('account_id', '=', mailbox.id);
    if (query.folderId !== undefined) rows = rows.where('folder_id', '=', query.folderId);
    if (query.threadId !== undefined) rows = rows.where('thread_id', '=', query.threadId);
    if (!anywhere && hidden.length) rows = rows.where('folder_id', 'not in', hidden);
    if (!query.includeDrafts && !inFolder) rows = rows.where('kind', '!=', 'draft');
    for (const condition of conditions(terms, mailbox.timezone)) rows = rows.where(() => condition as never);
    return place ? rows.where(place) : rows;
  };
  const shownOf = (messages: MessagesOf) => messages.select(query.body ? WITH_BODY : SUMMARY)
    // In microseconds as stored: a JavaScript date would cut them off and the next page would skip rows.
    .select(sql<string>`received_at::text`.as('position'))
    .orderBy('received_at', direction).orderBy('id', direction).limit(query.limit + 1).execute();
  const all = db.selectFrom('mail_messages');
  let found: Awaited<ReturnType<typeof shownOf>>;
  if (terms.some((t) => t.field === 'word' && !t.not)) {
    // A common word is among the newest messages; a rarer one is quick to find by the index of words. The
    // planner cannot know which it is, and guessing wrong costs it a walk through the whole mailbox.
    const newest = place ? all.where('account_id', '=', mailbox.id).where(place) : all.where('account_id', '=', mailbox.id);
    const near = newest.selectAll().orderBy('received_at', direction).orderBy('id', direction).limit(NEAR);
    found = await shownOf(wanted(db.selectFrom(near.as('mail_messages')) as unknown as MessagesOf));
    if (found.length <= query.limit) {
      // Without the fence (offset) the order by time would lead the planner past the index.
      const everywhere = wanted(all).selectAll().offset(0);
      found = await shownOf(db.selectFrom(everywhere.as('mail_messages')) as unknown as MessagesOf);
    }
  } else {
    found = await shownOf(wanted(all));
  }
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

export async function* openAttachments(db: Db, mailbox: Mailbox, messageId: string, ids: readonly string[]): AsyncGenerator<OpenAttachment, void, undefined> {
  const blobId = await blobOf(db, mailbox, messageId);
  const wanted = new Set(ids.filter((id) => /^\d{1,3}$/.test(id)).map(Number));
  if (!blobId || !wanted.size) return;
  for await (const { index, bytes } of readParts(readBlob(db, blobId), wanted)) yield { id: String(index), version: `${blobId}-${index}`, bytes };
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
