import { Temporal } from 'temporal-polyfill';
import type { z } from 'zod';
import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Handlers } from '../../http/operation.ts';
import { readPageToken, writePageToken } from '../../http/paging.ts';
import { isZone } from '../../lib/zone.ts';
import { requireAccount } from '../accounts/service.ts';
import type { AccountRow } from '../accounts/queries.ts';
import type { Calendar, Event, EventDateTime, calendarContract } from './contract.ts';
import { eventsBetween, type CalendarRow, type EventRow, type StoredAttendee } from './queries.ts';
import { calendarOf, createEvent, freeBusyOfAddress, lockCalendarOf, requireEvent } from './service.ts';

type WireEvent = z.output<typeof Event>;
type WireTime = z.output<typeof EventDateTime>;

const PAGE = 100;
const YEAR = 366 * 86_400_000;

export function calendarRoutes(deps: Deps): Handlers<typeof calendarContract> {
  const own = async (accountId: number, calendarId?: string): Promise<{ account: AccountRow; calendar: CalendarRow }> => {
    const account = await requireAccount(deps, accountId);
    const calendar = await calendarOf(deps.db, account);
    if (calendarId !== undefined && calendarId !== 'primary' && calendarId !== String(calendar.id)) throw notFound('The calendar');
    return { account, calendar };
  };

  return {
    calendars: async ({ principal, query }) => {
      // There is one page; a token can only be somebody else's.
      if (query.pageToken !== undefined) readPageToken(deps.keys, `calendars:${principal.accountId}`, query.pageToken);
      const { calendar } = await own(principal.accountId);
      return { length: 1, records: [calendarOut(calendar)] };
    },

    calendarById: async ({ principal, params }) => calendarOut((await own(principal.accountId, params.id)).calendar),

    freeBusy: async ({ principal, body }) => {
      const from = body.timeMin ? new Date(body.timeMin) : deps.clock.now();
      const to = body.timeMax ? new Date(body.timeMax) : new Date(from.getTime() + 7 * 86_400_000);
      requireRange(from, to);
      const account = await requireAccount(deps, principal.accountId);
      const emails = body.emails?.length ? body.emails : [account.email];
      return { records: await Promise.all(emails.map((email) => freeBusyOfAddress(deps, account, email, from, to))) };
    },

    range: async ({ principal, params, query }) => {
      const { account, calendar } = await own(principal.accountId, params.calendarId);
      const [from, to] = [new Date(query.timeMin), new Date(query.timeMax)];
      requireRange(from, to);
      const purpose = `events:${account.id}:${from.getTime()}:${to.getTime()}`;
      const skip = query.pageToken ? Number(readPageToken(deps.keys, purpose, query.pageToken)) : 0;
      const rows = await eventsBetween(deps.db, account.id, from, to, PAGE + 1, skip);
      const records = rows.slice(0, PAGE).map((row) => eventOut(row, calendar));
      return { length: records.length, records, ...(rows.length > PAGE ? { nextPageToken: writePageToken(deps.keys, purpose, skip + PAGE) } : {}) };
    },

    event: async ({ principal, params }) => {
      const { account, calendar } = await own(principal.accountId, params.calendarId);
      if (!/^\d{1,15}$/.test(params.eventId)) throw notFound('The event');
      return eventOut(await requireEvent(deps.db, account.id, Number(params.eventId)), calendar);
    },

    createEvent: async ({ principal, params, query, body, settle }) => {
      const { account } = await own(principal.accountId, params.calendarId);
      if (body.recurrence) throw new AppError('notSupportedYet', 'recurrence: recurring events are not built yet; leave it out.');
      if (body.meetingInfo?.attendees?.length) throw new AppError('notSupportedYet', 'meetingInfo.attendees: inviting people is built for bookings only so far; leave it out.');
      const timezone = body.start?.timezone ?? account.timezone;
      if (!isZone(timezone)) throw invalid('start.timezone', 'not a time zone; use an IANA name such as Europe/Berlin.');
      const allDay = body.start?.dateOnly !== undefined;
      const start = instantOf('start', body.start, timezone, allDay);
      const end = instantOf('end', body.end, timezone, allDay);
      if (end < start) throw invalid('end', 'must not be before start.');
      return transaction(deps.db, async (trx) => {
        const calendar = await lockCalendarOf(trx, account);
        const row = await createEvent(trx, deps, account, calendar, {
          title: body.subject ?? '', description: body.description ?? '', location: body.location ?? '',
          start, end, timezone, allDay, showAs: body.showAs ?? 'busy', attendees: [],
        });
        const record = eventOut(row, calendar);
        return settle(trx, { id: record.id, etag: record.etag, iCalUId: row.uid, ...(query.returnRecord ? { record } : {}) });
      });
    },
  };
}

function requireRange(from: Date, to: Date): void {
  // RFC 3339 has four digits for the year; a week after the last of its days there is none to write.
  if (to.getUTCFullYear() > 9999) throw invalid('timeMin', 'must be a time before the last week of the year 9999.');
  if (to <= from) throw invalid('timeMax', 'must be later than timeMin.');
  if (to.getTime() - from.getTime() > YEAR) throw invalid('timeMax', 'at most 366 days after timeMin.');
}

function instantOf(field: string, time: WireTime | undefined, timezone: string, allDay: boolean): Date {
  if (allDay) {
    if (!time?.dateOnly) throw invalid(`${field}.dateOnly`, 'missing; an all-day event has a date at both ends.');
    return new Date(Temporal.PlainDate.from(time.dateOnly).toZonedDateTime(timezone).epochMilliseconds);
  }
  if (!time?.dateTime) throw invalid(`${field}.dateTime`, 'missing; an RFC 3339 time with its offset.');
  return new Date(time.dateTime);
}

const calendarOut = (calendar: CalendarRow): z.output<typeof Calendar> =>
  ({ id: String(calendar.id), name: calendar.name, accessRole: 'owner', primary: true, multipleRemindersSupported: false, defaultReminders: [] });

function eventOut(row: EventRow, calendar: CalendarRow): WireEvent {
  const attendees = row.attendees as StoredAttendee[];
  const time = (instant: Date, wall: string): WireTime =>
    row.all_day ? { dateOnly: wall.slice(0, 10), timezone: row.timezone } : { dateTime: instant.toISOString(), timezone: row.timezone };
  return {
    id: String(row.id),
    etag: `"${row.id}-${row.sequence}"`,
    calendarId: String(calendar.id),
    createdTime: row.created_at.toISOString(),
    lastModifiedTime: row.updated_at.toISOString(),
    subject: row.title,
    description: row.description,
    location: row.location,
    start: time(row.starts_at, row.start_wall),
    end: time(row.ends_at, row.end_wall),
    organizer: { emailAddress: { name: row.organizer_name, address: row.organizer_email } },
    meetingInfo: {
      canceled: row.cancelled,
      attendees: attendees.map((a) => ({
        emailAddress: { name: a.name, address: a.address },
        type: 'required' as const,
        // The reference spells it so.
        ...(a.response === 'noResponse' ? {} : { response: a.response === 'tentative' ? 'tentitive' as const : a.response }),
      })),
    },
    recurrenceType: 'single',
    iCalUid: row.uid,
    globalId: row.uid,
    showAs: row.show_as,
    hasAttachments: false,
  };
}
