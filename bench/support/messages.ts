import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { transaction, type Db } from '../../server/db/db.ts';
import { createClock } from '../../server/lib/clock.ts';
import { parseMime } from '../../server/lib/mime.ts';
import { ensureFolders } from '../../server/providers/hosted/folders.ts';
import { derivedColumns } from '../../server/providers/hosted/rows.ts';

const WORDS = 'offer price meeting quarter budget renewal contract invoice delivery schedule review notes summary agenda project launch customer support feedback training holiday travel hotel flight report numbers forecast pipeline proposal'.split(' ');

/** A plain mail of about `size` bytes, as a correspondent's program writes it. */
export function writeMail(n: number, to: string, size: number): string {
  const word = (i: number): string => WORDS[(n * 7 + i * 13 + (i >> 3)) % WORDS.length]!;
  const head = [
    `From: Sender ${n % 400} <sender${n % 400}@example.com>`, `To: ${to}`, `Subject: ${word(1)} ${word(2)} ${n}`, `Message-ID: <bench-${n}-${randomBytes(6).toString('hex')}@example.com>`,
    `Date: ${new Date(Date.UTC(2026, 0, 1) + n * 60_000).toUTCString()}`, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 7bit',
    'X-Mailer: Bench', `Received: from mail.example.com ([192.0.2.${n % 250}]) by mx.bench.test with ESMTP`, '', '',
  ].join('\r\n');
  let body = '';
  for (let i = 0; head.length + body.length < size; i += 8) body += `${Array.from({ length: 8 }, (_, k) => word(i + k)).join(' ')}.\r\n`;
  return head + body;
}

/**
 * Stores received mail as the server would have derived it. 200 of them are really read; the rest repeat
 * their columns under ids, times and subjects of their own, each 2,000th with a rare word, in statements of thousands.
 */
export async function fillMailbox(db: Db, accountId: number, email: string, count: number): Promise<void> {
  const folders = await transaction(db, (trx) => ensureFolders(trx, createClock(), accountId));
  const first = Date.UTC(2026, 0, 1);
  const templates = Math.min(count, 200);
  const prefix = `m${randomBytes(6).toString('hex')}`;
  for (let n = 0; n < templates; n++) {
    const raw = writeMail(n, email, 2000);
    const at = new Date(first + n * 60_000);
    await db.insertInto('mail_messages').values({
      id: `${prefix}x${n}`, account_id: accountId, folder_id: folders.inbox, kind: 'received', thread_id: `t${prefix}x${n}`, size: raw.length,
      received_at: at, created_at: at, modified_at: at, derived_at: at, unread: n % 3 === 0, ...derivedColumns(await parseMime(Buffer.from(raw))),
    }).execute();
  }
  const STEP = 5000;
  for (let from = templates; from < count; from += STEP) {
    await sql`
      insert into mail_messages (id, account_id, folder_id, kind, thread_id, size, derived_at, internet_message_id, message_key, refs, subject, from_address, to_addresses, sent_at, received_at, created_at, modified_at, snippet, body_text, headers, unread, search)
      select ${prefix} || 'x' || n, account_id, folder_id, kind, 't' || ${prefix} || 'x' || n, size, derived_at, '<' || ${prefix} || n || '@example.com>', md5(${prefix} || n), refs,
        subject || ' ' || n, from_address, to_addresses, at, at, at, at, snippet, body_text, headers, unread,
        search || to_tsvector('simple', 'number' || n || case when n % 2000 = 7 then ' zanzibar' else '' end)
      from generate_series(${from}::int, ${Math.min(count, from + STEP) - 1}::int) n
      cross join lateral (select to_timestamp(${first / 1000}) + n * interval '1 minute' as at) time
      join mail_messages t on t.id = ${prefix} || 'x' || (n % ${templates})`.execute(db);
  }
}
