import { randomUUID } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import type { z } from 'zod';
import { jsonb, type Db, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import type { WeekWorkSchedule } from '../../http/wire.ts';
import { officeHours } from '../../lib/work-week.ts';
import type { AccountRow } from '../accounts/queries.ts';
import { busyBetween, calendarOfAccount, eventById, insertCalendar, insertEvent, lockCalendar, lockEventByUid, setAttendees, updateEvent, type CalendarRow, type EventRow, type StoredAttendee } from './queries.ts';

export type { EventRow, StoredAttendee };

export interface NewEvent {
  readonly title: string;
  readonly description: string;
  readonly location: string;
  readonly start: Date;
  readonly end: Date;
  /** IANA name of the zone in which the appointment is meant. */
  readonly timezone: string;
  readonly allDay?: boolean;
  readonly showAs?: EventRow['show_as'];
  readonly attendees: readonly { readonly name: string; readonly address: string }[];
}

/** The contract's WeekWorkSchedule with a zone that is always named. */
export type WeekWork = z.output<typeof WeekWorkSchedule> & { timezone: string };

export interface BusyTime {
  readonly start: Date;
  readonly end: Date;
  readonly showAs: EventRow['show_as'];
}

/** The account's one calendar, made when first asked for. */
export async function calendarOf(db: Db | Trx, account: AccountRow): Promise<CalendarRow> {
  const existing = await calendarOfAccount(db, account.id);
  if (existing) return existing;
  await insertCalendar(db, account.id, 'Calendar');
  return (await calendarOfAccount(db, account.id))!;
}

/**
 * Everybody who looks for a free time and then writes takes this lock first, so that between the two
 * nobody else writes into the same calendar.
 */
export async function lockCalendarOf(trx: Trx, account: AccountRow): Promise<CalendarRow> {
  await insertCalendar(trx, account.id, 'Calendar');
  return lockCalendar(trx, account.id);
}

/** The caller holds the calendar's lock. Nobody is told: invitations are the business of whoever creates. */
export async function createEvent(trx: Trx, deps: Pick<Deps, 'clock'>, account: AccountRow, calendar: CalendarRow, event: NewEvent): Promise<EventRow> {
  const now = deps.clock.now();
  return insertEvent(trx, {
    calendar_id: calendar.id,
    account_id: account.id,
    uid: `${randomUUID()}@${account.email.split('@')[1] ?? 'sundial'}`,
    title: event.title,
    description: event.description,
    location: event.location,
    ...times(event.start, event.end, event.timezone),
    timezone: event.timezone,
    all_day: event.allDay ?? false,
    show_as: event.showAs ?? 'busy',
    organizer_name: account.name,
    organizer_email: account.email,
    attendees: jsonb(event.attendees.map(({ name, address }): StoredAttendee => ({ name, address, response: 'noResponse' }))),
    created_at: now,
    updated_at: now,
  });
}

/** Moves an event; its sequence grows and all answers are open again, as RFC 5546 section 3.2.2.1 has it. */
export async function moveEvent(trx: Trx, deps: Pick<Deps, 'clock'>, event: EventRow, start: Date, end: Date): Promise<EventRow> {
  const attendees = (event.attendees as StoredAttendee[]).map((a) => ({ ...a, response: 'noResponse' }));
  return updateEvent(trx, event.id, { ...times(start, end, event.timezone), attendees: jsonb(attendees), updated_at: deps.clock.now() });
}

/** The event stays readable by its id, as cancelled, and blocks no time. */
export async function cancelEvent(trx: Trx, deps: Pick<Deps, 'clock'>, event: EventRow): Promise<EventRow> {
  return updateEvent(trx, event.id, { cancelled: true, updated_at: deps.clock.now() });
}

/** An attendee's answer; one to an older version of the meeting, or from somebody who is not invited, changes nothing. */
export async function recordAnswer(trx: Trx, deps: Pick<Deps, 'clock'>, accountId: number, answer: { uid: string; sequence: number; attendee: string; response: StoredAttendee['response'] }): Promise<void> {
  const event = await lockEventByUid(trx, accountId, answer.uid);
  if (!event || event.cancelled || answer.sequence < event.sequence) return;
  const attendees = event.attendees as StoredAttendee[];
  if (!attendees.some((a) => a.address.toLowerCase() === answer.attendee)) return;
  const answered = attendees.map((a) => (a.address.toLowerCase() === answer.attendee ? { ...a, response: answer.response } : a));
  await setAttendees(trx, event.id, answered, deps.clock.now());
}

export async function requireEvent(db: Db | Trx, accountId: number, eventId: number): Promise<EventRow> {
  const event = await eventById(db, accountId, eventId);
  if (!event) throw notFound('The event');
  return event;
}

/** What is not free in [from, to), in order; `exceptEvent` is left out, for moving it. */
export async function freeBusy(db: Db | Trx, accountId: number, from: Date, to: Date, exceptEvent?: number): Promise<BusyTime[]> {
  const rows = await busyBetween(db, accountId, from, to, exceptEvent);
  return rows.map((row) => ({ start: row.starts_at, end: row.ends_at, showAs: row.show_as }));
}

export interface AddressSchedule {
  readonly email: string;
  readonly items?: { start: string; end: string; status: EventRow['show_as'] }[];
  readonly error?: string;
  readonly workHours?: WeekWork;
}

/** A mailbox tells its own times only; every other address, known or not, gets the same answer. */
export async function freeBusyOfAddress(deps: Pick<Deps, 'db'>, account: AccountRow, email: string, from: Date, to: Date): Promise<AddressSchedule> {
  if (email.toLowerCase() !== account.email.toLowerCase()) return { email, error: 'No free/busy times are shared for this address.' };
  const busy = await freeBusy(deps.db, account.id, from, to);
  return {
    email,
    items: busy.map((b) => ({ start: b.start.toISOString(), end: b.end.toISOString(), status: b.showAs })),
    workHours: workHoursOf(account),
  };
}

/** The account's own working hours, else office hours in its zone. */
export function workHoursOf(account: AccountRow): WeekWork {
  const own = account.work_hours as z.output<typeof WeekWorkSchedule> | null;
  return own ? { ...own, timezone: own.timezone ?? account.timezone } : officeHours(account.timezone);
}

function times(start: Date, end: Date, timezone: string): Pick<EventRow, 'starts_at' | 'ends_at' | 'start_wall' | 'end_wall'> {
  return { starts_at: start, ends_at: end, start_wall: wall(start, timezone), end_wall: wall(end, timezone) };
}

const wall = (instant: Date, timezone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timezone).toPlainDateTime().toString({ smallestUnit: 'second' });
