import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import { jsonb, type Db, type Trx } from '../../db/db.ts';
import type { CalendarTables } from '../../db/tables/calendar.ts';

export type EventRow = Selectable<CalendarTables['calendar_events']>;
export type CalendarRow = Selectable<CalendarTables['calendars']>;

export interface StoredAttendee {
  readonly name: string;
  readonly address: string;
  readonly response: 'noResponse' | 'accepted' | 'tentative' | 'declined';
}

export const insertCalendar = (db: Db | Trx, accountId: number, name: string): Promise<unknown> =>
  db.insertInto('calendars').values({ account_id: accountId, name }).onConflict((c) => c.column('account_id').doNothing()).execute();

export const calendarOfAccount = (db: Db | Trx, accountId: number): Promise<CalendarRow | undefined> =>
  db.selectFrom('calendars').selectAll().where('account_id', '=', accountId).executeTakeFirst();

export const lockCalendar = (trx: Trx, accountId: number): Promise<CalendarRow> =>
  trx.selectFrom('calendars').selectAll().where('account_id', '=', accountId).forUpdate().executeTakeFirstOrThrow();

export const insertEvent = (trx: Trx, values: Insertable<CalendarTables['calendar_events']>): Promise<EventRow> =>
  trx.insertInto('calendar_events').values(values).returningAll().executeTakeFirstOrThrow();

export const updateEvent = (trx: Trx, id: number, values: Updateable<CalendarTables['calendar_events']>): Promise<EventRow> =>
  trx.updateTable('calendar_events').set({ ...values, sequence: sql<number>`sequence + 1` }).where('id', '=', id).returningAll().executeTakeFirstOrThrow();

export const eventById = (db: Db | Trx, accountId: number, id: number): Promise<EventRow | undefined> =>
  db.selectFrom('calendar_events').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst();

export const lockEventByUid = (trx: Trx, accountId: number, uid: string): Promise<EventRow | undefined> =>
  trx.selectFrom('calendar_events').selectAll().where('account_id', '=', accountId).where('uid', '=', uid).forUpdate().executeTakeFirst();

/** Answers are no news for the attendees, so the sequence stays. */
export const setAttendees = (trx: Trx, id: number, attendees: readonly StoredAttendee[], now: Date): Promise<unknown> =>
  trx.updateTable('calendar_events').set({ attendees: jsonb(attendees), updated_at: now }).where('id', '=', id).execute();

/** Events that overlap (from, to), in order of their start. */
export const eventsBetween = (db: Db | Trx, accountId: number, from: Date, to: Date, most: number, skip = 0): Promise<EventRow[]> =>
  db.selectFrom('calendar_events').selectAll()
    .where('account_id', '=', accountId).where('cancelled', '=', false)
    .where('starts_at', '<', to).where('ends_at', '>', from)
    .orderBy('starts_at').orderBy('id').limit(most).offset(skip).execute();

/** Times that are not free, without the event of that id. */
export const busyBetween = (db: Db | Trx, accountId: number, from: Date, to: Date, exceptEvent?: number): Promise<{ starts_at: Date; ends_at: Date; show_as: EventRow['show_as'] }[]> =>
  db.selectFrom('calendar_events').select(['starts_at', 'ends_at', 'show_as'])
    .where('account_id', '=', accountId).where('cancelled', '=', false).where('show_as', '<>', 'free')
    .where('starts_at', '<', to).where('ends_at', '>', from)
    .$if(exceptEvent !== undefined, (q) => q.where('id', '<>', exceptEvent!))
    .orderBy('starts_at').execute();
