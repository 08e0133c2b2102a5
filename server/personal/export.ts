import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { readBlob } from '../db/blobs.ts';
import { transaction, type Db, type Trx } from '../db/db.ts';
import type { Tables } from '../db/tables.ts';
import { AppError } from '../errors.ts';
import { eventsCalendar } from '../lib/ical.ts';
import { personOf } from './person.ts';
import { PERSONAL, type Person, type PersonalTable } from './tables.ts';

export interface Exported {
  readonly messages: number;
  readonly events: number;
  readonly records: number;
}

const README = `What this server keeps about the person of account.json.

account.json    the account, its user, sign-ins and sessions (no passwords, tokens or their digests)
mail/           each message as it is stored, one .eml file (RFC 5322) each, by folder
mail.json       folders, and what is kept beside each message: flags, threads, deliveries; file names its .eml
calendar/       the events as iCalendar (RFC 5545); calendar.json has the same as records
tracking.json   tracked messages with their opens, clicks and replies, and who opted out
followup.json   templates and sequences (rules), conversations and their steps
booking.json    booking pages and what was booked
history.json    what happened in the last days, as this server told itself

Times are RFC 3339 in UTC.
`;

/** Rows that are read at once; a mailbox may have more than fit into memory. */
const PAGE = 500;

/**
 * Writes all of a person into a new folder that only its owner may read. Everything is of one moment. Throws
 * where the folder exists.
 */
export async function exportPerson({ db }: { db: Db }, accountId: number, folder: string): Promise<Exported> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    throw new AppError('conflict', `The folder ${folder} cannot be made (${(error as Error).message}).`, { cause: error });
  }
  await writeFile(join(folder, 'README.txt'), README);
  return transaction(db, async (trx) => {
    await sql`set transaction isolation level repeatable read`.execute(trx);
    const person = await personOf(trx, accountId);
    const files = await writeMessages(trx, person, folder);
    const events = await writeCalendar(trx, person, folder);
    let records = 0;
    for (const file of new Set(Object.values(PERSONAL).map((table) => table.file))) records += await writeRecords(trx, person, join(folder, `${file}.json`), file, files);
    return { messages: files.size, events, records };
  });
}

/** Answers the file of each message, from its id. */
async function writeMessages(trx: Trx, person: Person, folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const folders = await trx.selectFrom('mail_folders').select(['id', 'name', 'parent_id']).where('account_id', 'in', person.accountIds).execute();
  const pathOf = (id: string | null): string => {
    const found = folders.find((f) => f.id === id);
    return found ? join(pathOf(found.parent_id), safeName(found.name)) : 'mail';
  };
  for (let after = ''; ;) {
    const rows = await trx.selectFrom('mail_messages').select(['id', 'folder_id', 'blob_id', 'received_at'])
      .where('account_id', 'in', person.accountIds).where('blob_id', 'is not', null).where('id', '>', after).orderBy('id').limit(PAGE).execute();
    for (const row of rows) {
      const file = join(pathOf(row.folder_id), `${row.received_at.toISOString().slice(0, 19).replaceAll(':', '')}-${row.id}.eml`);
      await mkdir(join(folder, file, '..'), { recursive: true, mode: 0o700 });
      await pipeline(Readable.from(readBlob(trx, row.blob_id!)), createWriteStream(join(folder, file), { mode: 0o600 }));
      files.set(row.id, file);
    }
    if (rows.length < PAGE) return files;
    after = rows.at(-1)!.id;
  }
}

async function writeCalendar(trx: Trx, person: Person, folder: string): Promise<number> {
  const rows = await trx.selectFrom('calendar_events').selectAll().where('account_id', 'in', person.accountIds).orderBy('starts_at').execute();
  await mkdir(join(folder, 'calendar'), { mode: 0o700 });
  await writeFile(join(folder, 'calendar/events.ics'), eventsCalendar(rows.map((row) => ({
    uid: row.uid, sequence: row.sequence, start: row.starts_at, end: row.ends_at, summary: row.title, description: row.description, location: row.location,
    organizer: { name: row.organizer_name, address: row.organizer_email },
    attendees: row.attendees as { name: string; address: string }[],
    cancelled: row.cancelled, stamp: row.updated_at,
  }))), { mode: 0o600 });
  return rows.length;
}

/** `{table: [records]}`, written piece by piece. */
async function writeRecords(trx: Trx, person: Person, path: string, file: PersonalTable['file'], messages: ReadonlyMap<string, string>): Promise<number> {
  let count = 0;
  async function* text(): AsyncGenerator<string> {
    let first = true;
    for (const [name, table] of Object.entries(PERSONAL) as [keyof Tables, PersonalTable][]) {
      if (table.file !== file) continue;
      yield `${first ? '{' : ','}\n  ${JSON.stringify(name)}: [`;
      first = false;
      const before = count;
      for (let offset = 0; ; offset += PAGE) {
        // ctid is an order that every table has and that stands still within this snapshot.
        const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)} where ${table.of(person)} order by ctid limit ${PAGE} offset ${offset}`.execute(trx);
        for (const row of rows) {
          const shown = Object.fromEntries(Object.entries(row).filter(([column]) => !table.hide?.includes(column)));
          yield `${count++ === before ? '' : ','}\n    ${JSON.stringify(name === 'mail_messages' ? { ...shown, file: messages.get(String(row.id)) ?? null } : shown)}`;
        }
        if (rows.length < PAGE) break;
      }
      yield '\n  ]';
    }
    yield '\n}\n';
  }
  await pipeline(Readable.from(text()), createWriteStream(path, { mode: 0o600 }));
  return count;
}

/** A folder's name is what its owner wrote; a path is not. */
const safeName = (name: string): string => name.replace(/[^\p{L}\p{N} ._-]/gu, '_').replace(/^\.+/, '_').slice(0, 80) || '_';
