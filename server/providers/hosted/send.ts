import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { dkimSign } from 'mailauth';
import { deleteBlob, readBlob, readBlobWhole, writeBlob, type BlobRef } from '../../db/blobs.ts';
import { jsonb, type Trx } from '../../db/db.ts';
import { randomToken } from '../../lib/ids.ts';
import { composeMime, writeMime, type Composition } from '../../lib/mime-compose.ts';
import { parseMime } from '../../lib/mime.ts';
import type { Mailbox, NewMail, ProviderDeps, SentIds } from '../provider.ts';
import { ensureFolders } from './folders.ts';
import { derivedColumns } from './rows.ts';
import { threadOf } from './threads.ts';

export const newMessageId = (address: string): string => `<${randomToken(18)}@${domainOf(address)}>`;

const domainOf = (address: string): string => address.split('@').at(-1)!.toLowerCase();

/** Sent copy, outgoing queue and MailSent in one transaction; see MailStore.send. */
export async function send(trx: Trx, deps: ProviderDeps, mailbox: Mailbox, mail: NewMail, finish: (ids: SentIds) => Promise<string | null>): Promise<SentIds> {
  const now = deps.clock.now();
  const internetMessageId = mail.internetMessageId ?? newMessageId(mail.from.address);
  const messageId = `m${randomToken(15)}`;
  const threadId = await threadOf(trx, mailbox.id, { messageId: internetMessageId, inReplyTo: mail.inReplyTo ?? null, references: mail.references }, mail.threadId);
  const ids = { messageId, threadId, internetMessageId };
  const changedHtml = await finish(ids);

  const composition = compositionOf(mail, internetMessageId, now);
  const copy = await keep(trx, { ...composition, keepBcc: true });
  const copyBlob = copy.blob;
  const key = deps.dkimKeys.find((k) => k.domain.toLowerCase() === domainOf(mail.from.address));
  // Most mail leaves as its copy is kept; large attachments are then stored once.
  const same = !mail.bcc.length && (changedHtml === null || changedHtml === mail.html);
  const outgoing = same ? copy : await keep(trx, { ...composition, html: changedHtml ?? composition.html, bcc: [], keepBcc: false });
  const outgoingBlob = key ? await sign(trx, deps, key, outgoing) : outgoing.blob;
  if (key && !same) await deleteBlob(trx, outgoing.blob.id);
  const folders = await ensureFolders(trx, deps.clock, mailbox.id);
  // What we composed ourselves is safe to read here; a thread would keep the transaction waiting for its start.
  const parsed = await parseMime(copy.pieces(), { content: false });
  await trx.insertInto('mail_messages').values({
    id: messageId,
    account_id: mailbox.id,
    folder_id: folders.sent,
    kind: 'sent',
    thread_id: threadId,
    blob_id: copyBlob.id,
    size: copyBlob.size,
    derived_at: deps.clock.real(),
    received_at: now,
    created_at: now,
    modified_at: now,
    keywords: [...mail.keywords],
    automatic: mail.automatic ? 'other' : 'no',
    ...derivedColumns(parsed),
    // As written: the parser reads our own MIME back, but a text-only message has no html and must stay so.
    html: mail.html,
    sent_at: now,
  }).execute();
  const recipients = [...new Set([...mail.to, ...mail.cc, ...mail.bcc].map((a) => a.address.toLowerCase()))];
  for (const recipient of recipients) {
    const { id } = await trx.insertInto('mail_outgoing').values({
      account_id: mailbox.id,
      message_id: messageId,
      internet_message_id: internetMessageId,
      blob_id: outgoingBlob.id,
      envelope_from: mail.automatic ? '' : mail.from.address,
      recipient,
      automatic: mail.automatic,
      response: null,
      queued_at: now,
      next_attempt_at: now,
      done_at: null,
    }).returning('id').executeTakeFirstOrThrow();
    await deps.enqueue(trx, 'deliver', { accountId: mailbox.id, ref: String(id) });
  }
  deps.log.info({ messageId, internetMessageId, accountId: mailbox.id, recipients: recipients.length, automatic: mail.automatic }, 'message to send');
  await deps.emit(trx, {
    type: 'MailSent', accountId: mailbox.id, ...ids, subject: mail.subject, recipients, sentAt: now.toISOString(), automatic: mail.automatic,
  });
  return ids;
}

export function compositionOf(mail: NewMail, messageId: string, date: Date): Omit<Composition, 'keepBcc'> {
  return {
    from: mail.from, to: mail.to, cc: mail.cc, bcc: mail.bcc, replyTo: mail.replyTo,
    subject: mail.subject, html: mail.html, text: mail.text,
    messageId, date,
    ...(mail.inReplyTo ? { inReplyTo: mail.inReplyTo } : {}),
    references: mail.references,
    headers: [
      ...(mail.automatic ? [{ name: 'Auto-Submitted', value: 'auto-generated' }] : []),
      ...mail.xHeaders,
    ],
    attachments: mail.attachments,
    ...(mail.calendar ? { calendar: mail.calendar } : {}),
  };
}

interface Kept {
  readonly blob: BlobRef;
  /** From its beginning, each time it is called. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

/** Up to so many bytes of attachments a message is composed at once and held, above that into its blob and read from there. */
const HELD = 200_000;

async function keep(trx: Trx, composition: Composition): Promise<Kept> {
  if (composition.attachments.reduce((size, a) => size + a.content.length, 0) > HELD) {
    const blob = await writeBlob(trx, writeMime(composition));
    return { blob, pieces: () => readBlob(trx, blob.id) };
  }
  const raw = await composeMime(composition);
  return { blob: await writeBlob(trx, raw), pieces: async function* () { yield raw; } };
}

/** DKIM (RFC 6376) where a key of the sender's own domain is configured, so that the signature is aligned. */
async function sign(trx: Trx, deps: ProviderDeps, key: ProviderDeps['dkimKeys'][number], message: Kept): Promise<BlobRef> {
  const options = {
    canonicalization: 'relaxed/relaxed',
    signTime: deps.clock.now(),
    signatureData: [{ signingDomain: key.domain, selector: key.selector, privateKey: readFileSync(key.path, 'utf8') }],
  };
  // The library's declaration knows only the form for a single signature, which its code does not take.
  const { signatures, errors } = await dkimSign(Readable.from(message.pieces(), { objectMode: false }), options as unknown as Parameters<typeof dkimSign>[1]);
  if (errors?.length) deps.log.warn({ domain: key.domain, problems: errors.map(String) }, 'a message could not be DKIM-signed and goes unsigned');
  return writeBlob(trx, (async function* () {
    yield Buffer.from(signatures);
    yield* message.pieces();
  })());
}

/** Keeps a draft; with `draftId` in place of what that one was. Undefined where there is no such draft. */
export async function saveDraft(trx: Trx, deps: ProviderDeps, mailbox: Mailbox, mail: NewMail, extras: unknown, draftId?: string): Promise<string | undefined> {
  const now = deps.clock.now();
  const old = draftId ? await draftRow(trx, mailbox, draftId) : undefined;
  if (draftId && !old) return undefined;
  const internetMessageId = old?.internet_message_id ?? mail.internetMessageId ?? newMessageId(mail.from.address);
  const { blob, pieces } = await keep(trx, { ...compositionOf(mail, internetMessageId, now), keepBcc: true });
  const threadId = old?.thread_id ?? await threadOf(trx, mailbox.id, { messageId: internetMessageId, inReplyTo: mail.inReplyTo ?? null, references: mail.references }, mail.threadId);
  const columns = {
    blob_id: blob.id, size: blob.size, modified_at: now, received_at: now, thread_id: threadId,
    keywords: [...mail.keywords], derived_at: deps.clock.real(),
    ...derivedColumns(await parseMime(pieces(), { content: false })),
    html: mail.html,
    draft: jsonb({ extras, text: mail.html === null }),
  };
  if (old) {
    await trx.updateTable('mail_messages').set(columns).where('id', '=', old.id).execute();
    return old.id;
  }
  const folders = await ensureFolders(trx, deps.clock, mailbox.id);
  const id = `d${randomToken(15)}`;
  await trx.insertInto('mail_messages').values({ id, account_id: mailbox.id, folder_id: folders.drafts, kind: 'draft', created_at: now, ...columns }).execute();
  return id;
}

const draftRow = (trx: Trx, mailbox: Mailbox, draftId: string) => trx.selectFrom('mail_messages').selectAll()
  .where('id', '=', draftId).where('account_id', '=', mailbox.id).where('kind', '=', 'draft').forUpdate().executeTakeFirst();

/** A draft as it would be sent. */
export async function openDraft(trx: Trx, mailbox: Mailbox, draftId: string): Promise<{ mail: NewMail; extras: unknown } | undefined> {
  const row = await draftRow(trx, mailbox, draftId);
  if (!row) return undefined;
  const mail = await parseMime(await readBlobWhole(trx, row.blob_id!));
  const people = (list: readonly { name?: string; address?: string }[]) => list.flatMap((a) => (a.address ? [{ address: a.address, ...(a.name ? { name: a.name } : {}) }] : []));
  const draft = row.draft as { extras: unknown; text: boolean };
  return {
    extras: draft.extras,
    mail: {
      from: people([row.from_address ?? {}])[0] ?? { address: mailbox.email },
      to: people(row.to_addresses), cc: people(row.cc_addresses), bcc: people(row.bcc_addresses), replyTo: people(row.reply_to_addresses),
      subject: row.subject,
      html: draft.text ? null : row.html,
      text: draft.text ? row.body_text : null,
      ...(row.in_reply_to ? { inReplyTo: row.in_reply_to } : {}),
      references: row.refs,
      xHeaders: row.headers.filter((h) => /^x-/i.test(h.name)),
      attachments: mail.attachments.map((a) => ({ name: a.name, mimeType: a.mimeType, inline: a.inline, content: a.bytes, ...(a.contentId ? { contentId: a.contentId } : {}) })),
      keywords: row.keywords,
      ...(row.thread_id ? { threadId: row.thread_id } : {}),
      ...(row.internet_message_id ? { internetMessageId: row.internet_message_id } : {}),
      automatic: false,
    },
  };
}

export async function removeDraft(trx: Trx, mailbox: Mailbox, draftId: string): Promise<boolean> {
  const row = await draftRow(trx, mailbox, draftId);
  if (!row) return false;
  await trx.deleteFrom('mail_messages').where('id', '=', row.id).execute();
  return true;
}
