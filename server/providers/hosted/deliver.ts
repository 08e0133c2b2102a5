import { readBlob, writeBlob } from '../../db/blobs.ts';
import { transaction, type Db, type Trx } from '../../db/db.ts';
import type { Selectable } from 'kysely';
import type { MailTables } from '../../db/tables/mail.ts';
import { failpoint } from '../../lib/failpoint.ts';
import type { DeliveryOutcome, ProviderDeps } from '../provider.ts';
import { store, TRANSFER_HEADER, type Transfer } from './receive.ts';
import { failureReport } from './report.ts';

type Outgoing = Selectable<MailTables['mail_outgoing']>;

const MINUTE = 60_000;
/** Waits after each failed attempt; the last one repeats until GIVE_UP (RFC 5321, 4.5.4.1). The first ones for our own listener are short. */
const WAITS = [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);
const OWN_WAITS = [5_000, 20_000, ...WAITS];
const GIVE_UP = 4 * 24 * 60 * MINUTE;
/** An attempt whose process ended counts like any other; after so many without an outcome the message comes back. */
const MOST_UNENDED = 8;
const SPOOL_KEEP = 24 * 60 * MINUTE;

/** Something went wrong between the claim and here that another worker now deals with. */
class ClaimLost extends Error {}

/**
 * One attempt for one recipient. Each attempt claims the row by counting it up, and writes only while it
 * still has the claim. Over a relay the row is marked inDoubt before the body goes out: a crash after
 * that leaves it so, and it is never sent again blindly. Between our own mailboxes the receiver knows the
 * transfer's id, so a repeat is harmless and is simply made.
 */
export async function deliver(db: Db, deps: ProviderDeps, outgoingId: number): Promise<void> {
  const claimed = await claim(db, deps, outgoingId);
  if (!claimed) return;
  const { row, own } = claimed;
  if (!own && !deps.transport.hasRelay) {
    return finish(db, deps, row, { outcome: 'refused', status: '5.4.4', response: `5.4.4 No server here delivers to ${row.recipient.split('@').at(-1)}: no hosted domain has it and no relay is configured` });
  }
  const source = own ? ownTransfer(db, deps, row) : overRelay(db, row);
  const outcome = await deps.transport.deliver(own ? 'own' : 'relay', { from: row.envelope_from, to: row.recipient }, source);
  const { id: outgoing, message_id: messageId, account_id: accountId, attempt } = row;
  // Answers of other servers quote addresses, which are not for logs; their codes say enough.
  deps.log.info({ outgoing, messageId, accountId, attempt, route: own ? 'own' : 'relay', outcome: outcome.outcome, code: /^\d{3}/.exec(outcome.response)?.[0] }, 'SMTP attempt');
  // Own deliveries are repeatable, so not knowing is only a reason to try again.
  await finish(db, deps, row, own && outcome.outcome === 'unknown' ? { outcome: 'postponed', status: '4.4.2', response: outcome.response } : outcome);
  await failpoint('mail.settled');
}

/** For an attempt that never came to an end: the next one is later, or none, and the sender reads of it. */
export async function putOff(db: Db, deps: ProviderDeps, outgoingId: number): Promise<void> {
  const claimed = await claim(db, deps, outgoingId);
  if (!claimed) return;
  const given = claimed.row.attempt > MOST_UNENDED ? { outcome: 'refused' as const, status: '5.3.0' } : { outcome: 'postponed' as const, status: '4.3.0' };
  await finish(db, deps, claimed.row, { ...given, response: `${given.status} The server ended each time it tried to deliver this message` });
}

async function claim(db: Db, deps: ProviderDeps, id: number): Promise<{ row: Outgoing; own: boolean } | undefined> {
  return transaction(db, async (trx) => {
    const row = await trx.selectFrom('mail_outgoing').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (!row || (row.state !== 'queued' && row.state !== 'sending')) return undefined;
    const own = isOwn(deps, row);
    if (row.state === 'sending' && row.in_doubt && !own) {
      await doubt(trx, deps, row, 'The server stopped while the relay was taking the message; it may have been sent.');
      return undefined;
    }
    const attempt = row.attempt + 1;
    await trx.updateTable('mail_outgoing').set({ state: 'sending', attempt, in_doubt: false }).where('id', '=', id).execute();
    return { row: { ...row, attempt, state: 'sending' as const }, own };
  });
}

const isOwn = (deps: ProviderDeps, row: Outgoing): boolean => deps.hostedDomains.includes(row.recipient.split('@').at(-1)!);

async function* ownTransfer(db: Db, deps: ProviderDeps, row: Outgoing): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${TRANSFER_HEADER}: ${deps.keys.sign('transfer', { id: row.id, to: row.recipient } satisfies Transfer)}\r\n`);
  yield* readBlob(db, row.blob_id!);
}

/** Read only after 354: from its first byte on, only the relay knows whether it has the message. */
async function* overRelay(db: Db, row: Outgoing): AsyncGenerator<Uint8Array> {
  const marked = await db.updateTable('mail_outgoing').set({ in_doubt: true }).where('id', '=', row.id).where('attempt', '=', row.attempt).where('state', '=', 'sending').returning('id').executeTakeFirst();
  if (!marked) throw new ClaimLost('another attempt has this recipient');
  yield* readBlob(db, row.blob_id!);
}

async function finish(db: Db, deps: ProviderDeps, row: Outgoing, outcome: DeliveryOutcome): Promise<void> {
  await transaction(db, async (trx) => {
    const mine = trx.updateTable('mail_outgoing').where('id', '=', row.id).where('attempt', '=', row.attempt).where('state', '=', 'sending');
    const response = outcome.response.slice(0, 1000);
    const now = deps.clock.now();
    switch (outcome.outcome) {
      case 'taken': {
        const done = await mine.set({ state: 'sent', in_doubt: false, response, done_at: now }).returning('id').executeTakeFirst();
        if (done) await dropBlob(trx, row);
        return;
      }
      case 'unknown':
        return doubt(trx, deps, row, response);
      case 'postponed': {
        if (now.getTime() - row.queued_at.getTime() < GIVE_UP) {
          const waits = isOwn(deps, row) ? OWN_WAITS : WAITS;
          const wait = waits[Math.min(row.attempt - 1, waits.length - 1)]!;
          const next = new Date(now.getTime() + wait);
          const again = await mine.set({ state: 'queued', in_doubt: false, response, next_attempt_at: next }).returning('id').executeTakeFirst();
          // The queue of jobs runs by the wall clock; the product's clock may run ahead of it.
          if (again) await deps.enqueue(trx, 'deliver', { accountId: row.account_id, ref: String(row.id) }, { startAfter: new Date(deps.clock.real().getTime() + wait) });
          return;
        }
        return fail(trx, deps, row, outcome.status.replace(/^4/, '5'), `${response} (given up after ${GIVE_UP / (24 * 60 * MINUTE)} days)`);
      }
      case 'refused':
        return fail(trx, deps, row, outcome.status, response);
    }
  });
}

async function fail(trx: Trx, deps: ProviderDeps, row: Outgoing, status: string, response: string): Promise<void> {
  const failed = await trx.updateTable('mail_outgoing').set({ state: 'failed', in_doubt: false, response, done_at: deps.clock.now() })
    .where('id', '=', row.id).where('attempt', '=', row.attempt).where('state', '=', 'sending').returning('id').executeTakeFirst();
  if (!failed) return;
  await deps.emit(trx, {
    type: 'DeliveryFailed', accountId: row.account_id, messageId: row.message_id, internetMessageId: row.internet_message_id, recipient: row.recipient, diagnostic: response,
  });
  const mailbox = await deps.mailboxById(row.account_id, trx);
  // RFC 5321, 4.5.5: what has no return path gets no report, or two robots would answer each other for ever.
  if (mailbox && row.envelope_from && !row.automatic) {
    const report = await failureReport(trx, deps, mailbox, { recipient: row.recipient, status, response, queuedAt: row.queued_at, messageId: row.message_id, internetMessageId: row.internet_message_id, blobId: row.blob_id });
    const blob = await writeBlob(trx, report);
    await store(trx, deps, mailbox, blob, { envelope: { from: '', recipient: mailbox.email, remoteAddress: '127.0.0.1', helo: 'localhost', internal: true }, transferId: `report:${row.id}` });
  }
  await dropBlob(trx, row);
}

async function doubt(trx: Trx, deps: ProviderDeps, row: Outgoing, response: string): Promise<void> {
  const doubted = await trx.updateTable('mail_outgoing').set({ state: 'inDoubt', in_doubt: true, response, done_at: deps.clock.now() })
    .where('id', '=', row.id).where('attempt', '=', row.attempt).where('state', '=', 'sending').returning('id').executeTakeFirst();
  if (!doubted) return;
  await deps.emit(trx, {
    type: 'DeliveryInDoubt', accountId: row.account_id, messageId: row.message_id, internetMessageId: row.internet_message_id, recipient: row.recipient,
  });
  deps.log.warn({ outgoingId: row.id, accountId: row.account_id }, 'a message may or may not have been delivered; it is not sent again');
}

/** What went out differs from the sent copy and is not needed once every recipient is settled. */
async function dropBlob(trx: Trx, row: Outgoing): Promise<void> {
  await trx.updateTable('mail_outgoing').set({ blob_id: null }).where('id', '=', row.id).execute();
}

/** What has become due (also because the product's clock jumped), and uploads that nobody accepted. */
export async function sweep(db: Db, deps: ProviderDeps): Promise<void> {
  await transaction(db, async (trx) => {
    const due = await trx.selectFrom('mail_outgoing').select(['id', 'account_id']).where('state', '=', 'queued').where('attempt', '>', 0).where('next_attempt_at', '<=', deps.clock.now()).limit(500).execute();
    for (const row of due) await deps.enqueue(trx, 'deliver', { accountId: row.account_id, ref: String(row.id) });
    const before = new Date(deps.clock.real().getTime() - SPOOL_KEEP);
    await trx.deleteFrom('blobs').where('id', 'in', trx.selectFrom('mail_spool').select('blob_id').where('created_at', '<', before)).execute();
  });
}
