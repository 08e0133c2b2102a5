import { jsonb, transaction, type Db, type Trx } from '../../db/db.ts';
import { writeBlob, stageBlob, type BlobRef } from '../../db/blobs.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { randomToken } from '../../lib/ids.ts';
import { SmtpRefusal, type InboundMail, type Mailbox, type ProviderDeps } from '../provider.ts';
import { ensureFolders } from './folders.ts';

/** Names the queue row of a delivery between our own mailboxes; the first line of what is handed over. */
export const TRANSFER_HEADER = 'X-Sundial-Transfer';
/** Signed into the line: the queue row, and the recipient it is for, so that it serves for no other. */
export interface Transfer {
  readonly id: number;
  readonly to: string;
}

const MOST_RECEIVED = 30;
const MOST_HEAD = 1_000_000;
/** Up to here a message is held in memory and stored in its one transaction. */
const SMALL = 512 * 1024;

export interface Accepted {
  readonly envelope: { readonly from: string; readonly recipient: string; readonly remoteAddress: string; readonly helo: string; readonly internal: boolean };
  readonly transferId: string | null;
}

/** Commits one message for all its recipients, or for none: 250 after DATA means exactly that. */
export async function takeInbound(db: Db, deps: ProviderDeps, mail: InboundMail): Promise<void> {
  const { transfer, source } = await readTransfer(deps, mail.source);
  const held: Uint8Array[] = [];
  let size = 0;
  const parts = withTrace(deps, mail, countReceived(source))[Symbol.asyncIterator]();
  for (let part = await parts.next(); !part.done; part = await parts.next()) {
    held.push(part.value);
    size += part.value.length;
    if (size > SMALL) break;
  }
  // A slow sender must never hold a transaction open, so a large message is staged before it.
  const large = size > SMALL;
  const staged = large
    ? await stageBlob(db, joined(held, parts), async (trx, blobId) => void await trx.insertInto('mail_spool').values({ blob_id: blobId, created_at: deps.clock.real() }).execute())
    : undefined;
  const recipients = await Promise.all(mail.to.map(async (address) => ({ address, mailboxes: await deps.mailboxesByAddress(address.toLowerCase()) })));
  await transaction(db, async (trx) => {
    const blob = staged ?? await writeBlob(trx, Buffer.concat(held));
    let used = false;
    const taken = new Set<number>();
    for (const { address, mailboxes } of recipients) {
      if (!mailboxes.length) throw new SmtpRefusal(550, '5.1.1', `${address} has no mailbox here`);
      for (const mailbox of mailboxes) {
        // The same mailbox under two of its addresses gets one copy.
        if (taken.has(mailbox.id)) continue;
        taken.add(mailbox.id);
        const internal = transfer?.to === address.toLowerCase();
        const envelope = { from: mail.from, recipient: address, remoteAddress: mail.remoteAddress, helo: mail.helo, internal };
        used = await store(trx, deps, mailbox, blob, { envelope, transferId: internal ? String(transfer.id) : null }) || used;
      }
    }
    if (staged) await trx.deleteFrom('mail_spool').where('blob_id', '=', staged.id).execute();
    if (!used) await trx.deleteFrom('blobs').where('id', '=', blob.id).execute();
  });
  await failpoint('mail.accepted');
}

/** Puts a raw message into a mailbox, to be derived by a job; false where this transfer was taken before. */
export async function store(trx: Trx, deps: ProviderDeps, mailbox: Mailbox, blob: BlobRef, accepted: Accepted): Promise<boolean> {
  const folders = await ensureFolders(trx, deps.clock, mailbox.id);
  const id = `m${randomToken(15)}`;
  const now = deps.clock.now();
  const row = await trx.insertInto('mail_messages').values({
    id,
    account_id: mailbox.id,
    folder_id: folders.inbox,
    kind: 'received',
    blob_id: blob.id,
    size: blob.size,
    envelope: jsonb(accepted.envelope),
    transfer_id: accepted.transferId,
    received_at: now,
    created_at: now,
    modified_at: now,
    unread: true,
    ...UNREAD_COLUMNS(),
  }).onConflict((c) => c.columns(['transfer_id', 'account_id']).doNothing()).returning('id').executeTakeFirst();
  if (!row) return false;
  deps.log.info({ messageId: id, accountId: mailbox.id, size: blob.size, transfer: accepted.transferId ?? undefined }, 'message taken');
  await deps.enqueue(trx, 'derive', { accountId: mailbox.id, ref: id });
  return true;
}

const UNREAD_COLUMNS = () => ({
  refs: jsonb([]), to_addresses: jsonb([]), cc_addresses: jsonb([]), bcc_addresses: jsonb([]), reply_to_addresses: jsonb([]), headers: jsonb([]), attachments: jsonb([]),
});

async function* joined(held: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* held;
  for (let part = await rest.next(); !part.done; part = await rest.next()) yield part.value;
}

/** Takes our own transfer line off the top. A line that nobody here signed is taken off as well and says nothing. */
async function readTransfer(deps: ProviderDeps, source: AsyncIterable<Uint8Array>): Promise<{ transfer: Transfer | undefined; source: AsyncIterable<Uint8Array> }> {
  const parts = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2048 && !head.includes(10)) {
    const part = await parts.next();
    if (part.done) break;
    head = Buffer.concat([head, part.value]);
  }
  const end = head.indexOf(10);
  const line = head.subarray(0, end + 1).toString('latin1');
  if (!line.toLowerCase().startsWith(`${TRANSFER_HEADER.toLowerCase()}:`)) return { transfer: undefined, source: joined([head], parts) };
  return { transfer: verified(deps, line.slice(TRANSFER_HEADER.length + 1).trim()), source: joined([head.subarray(end + 1)], parts) };
}

function verified(deps: ProviderDeps, token: string): Transfer | undefined {
  try {
    return deps.keys.verify('transfer', token) as Transfer;
  } catch {
    return undefined;
  }
}

/** RFC 5321, 6.3: a message that has been through more than thirty hosts goes round in circles. */
async function* countReceived(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array[] | undefined = [];
  let length = 0;
  let tail = '';
  for await (const part of source) {
    if (head) {
      head.push(part);
      length += part.length;
      // Only what is new is searched: a sender decides how small the pieces are, and a head of many would be read over and over.
      const fresh = tail + Buffer.from(part).toString('latin1');
      tail = fresh.slice(-2);
      if (/\n\r?\n/.test(fresh) || length > MOST_HEAD) {
        refuseLoop(head);
        head = undefined;
      }
    }
    yield part;
  }
  if (head) refuseLoop(head);
}

function refuseLoop(parts: readonly Uint8Array[]): void {
  const text = Buffer.concat(parts).toString('latin1');
  const hops = text.slice(0, /\n\r?\n/.exec(text)?.index).match(/^received:/gim)?.length ?? 0;
  if (hops > MOST_RECEIVED) throw new SmtpRefusal(554, '5.4.6', `${hops} Received headers: the message goes round in circles`);
}

/** The trace that RFC 5321, 4.4 wants of the host that takes a message, above the message as it came. */
async function* withTrace(deps: ProviderDeps, mail: InboundMail, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const safe = (text: string): string => text.replace(/[^\x21-\x7e]/g, '').slice(0, 255);
  const date = deps.clock.now().toUTCString().replace('GMT', '+0000');
  yield Buffer.from(`Return-Path: <${safe(mail.from)}>\r\nReceived: from ${safe(mail.helo) || 'unknown'} ([${safe(mail.remoteAddress)}]) by ${deps.hostedDomains[0] ?? 'localhost'} with ESMTP${mail.secure ? 'S' : ''};\r\n ${date}\r\n`);
  yield* source;
}
