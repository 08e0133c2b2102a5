import { Temporal } from 'temporal-polyfill';
import type { z } from 'zod';
import type { Db, Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { invalid } from '../../errors.ts';
import { readPageToken, writePageToken } from '../../http/paging.ts';
import { slots, type Interval, type SlotQuery } from '../../lib/slots.ts';
import { hoursOf as hoursOfIntervals, weekOf } from '../../lib/work-week.ts';
import { freeBusy } from '../calendar/service.ts';
import type { AvailabilityIntervals, BookingTimesOutDto } from './contract.ts';
import { hoursOf, type Page } from './profiles.service.ts';
import { holdsBetween } from './queries.ts';
import { askedFor, parsePeriod, publicTitle } from './texts.ts';

export interface TimesQuery {
  readonly fromDate?: string | undefined;
  readonly intervalLength?: string | undefined;
  readonly pageToken?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

export interface Window {
  readonly from: number;
  readonly to: number;
  /** What a visitor moves does not stand in its own way. */
  readonly except?: { readonly eventId?: number | undefined; readonly reservationId: number } | undefined;
}

type Times = z.output<typeof BookingTimesOutDto>;

const DAY = 86_400_000;

/** The times of one page, in the form of the contract. */
export async function times(deps: Deps, page: Page, query: TimesQuery): Promise<Times> {
  const { profile, account } = page;
  const horizon = horizonOf(deps, page);
  const purpose = `times:${profile.id}`;
  const place = query.pageToken ? readPageToken(deps.keys, purpose, query.pageToken) as TimesQuery : query;
  const from = startOfDate(place.fromDate ?? dateAt(horizon.start, horizon.zone), horizon.zone);
  const to = place.intervalLength ? add('intervalLength', from, place.intervalLength, horizon.zone) : horizon.end;
  const found = profile.active ? await freeSlots(deps, deps.db, page, { from, to }) : [];

  const offset = place.offset ?? 0;
  const items = found.slice(offset, place.limit === undefined ? undefined : offset + place.limit);
  const more = offset + items.length < found.length;
  return {
    items: items.map(slotOut),
    startTime: new Date(horizon.start).toISOString(),
    endTime: new Date(horizon.end).toISOString(),
    timeAvailableFor: profile.time_available_for,
    durationMinutes: profile.duration_minutes,
    availabilityStep: profile.step_minutes,
    subject: profile.subject,
    additionalFields: askedFor(profile.subject, profile.description).map((name) => ({ name, type: 'string', default: '' })),
    ...(more ? { nextPageToken: writePageToken(deps.keys, purpose, { ...place, pageToken: undefined, offset: offset + items.length }) } : {}),
    ...(to < horizon.end ? { nextFromDate: dateAt(to, horizon.zone) } : {}),
    active: profile.active,
    title: publicTitle(profile),
    hostName: account.name || account.email,
    ...(profile.location ? { location: profile.location } : {}),
    timezone: horizon.zone,
  };
}

/** The starts in [from, to) at which a meeting of this profile could begin now. */
export async function freeSlots(deps: Deps, db: Db | Trx, page: Page, window: Window): Promise<Interval[]> {
  const reach = (page.profile.duration_minutes + page.profile.buffer_minutes) * 60_000;
  const [from, to] = [new Date(window.from - reach), new Date(window.to + reach)];
  if (from >= to) return [];
  const events = await freeBusy(db, page.account.id, from, to, window.except?.eventId);
  const holds = await holdsBetween(db, page.account.id, from, to, deps.clock.now(), window.except?.reservationId);
  const busy = [
    ...events.map((e) => ({ start: e.start.getTime(), end: e.end.getTime() })),
    ...holds.map((h) => ({ start: h.starts_at.getTime(), end: h.ends_at.getTime() })),
  ];
  return slots(slotQuery(deps, page, busy, window));
}

/** True where the page would offer this start if nothing were booked and no time had passed. */
export function isOnGrid(deps: Deps, page: Page, start: number): boolean {
  const query = slotQuery(deps, page, [], { from: start, to: start + 1 });
  const open = { ...query, notice: 0, now: 0, horizonStart: start, horizonEnd: start + page.profile.duration_minutes * 60_000 };
  return slots(open).some((slot) => slot.start === start);
}

/** The free times nearest to one that has gone, in order of time. */
export async function nearest(deps: Deps, db: Db | Trx, page: Page, start: number, most = 12): Promise<Interval[]> {
  const around = await freeSlots(deps, db, page, { from: start - 7 * DAY, to: start + 7 * DAY });
  return around.toSorted((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start)).slice(0, most).sort((a, b) => a.start - b.start);
}

export const slotOut = (slot: Interval): { start: string; end: string } =>
  ({ start: new Date(slot.start).toISOString(), end: new Date(slot.end).toISOString() });

function slotQuery(deps: Deps, page: Page, busy: readonly Interval[], window: Window): SlotQuery {
  const { profile, account } = page;
  const horizon = horizonOf(deps, page);
  const special = (profile.availability_intervals as z.output<typeof AvailabilityIntervals> | null)?.intervals ?? [];
  return {
    busy,
    workHours: weekOf(hoursOf(profile, account)),
    availabilityIntervals: special.map((s) => ({ from: dayNumber(s.dateStartInclusive!), to: dayNumber(s.dateEndInclusive!), hours: hoursOfIntervals(s.hours ?? []) })),
    zone: horizon.zone,
    step: profile.step_minutes,
    duration: profile.duration_minutes,
    bufferAfter: profile.buffer_minutes,
    notice: profile.start_after_minutes,
    now: deps.clock.now().getTime(),
    horizonStart: Math.max(horizon.start, window.from),
    horizonEnd: horizon.end,
    startsBefore: window.to,
  };
}

/** From startTime, or now where that has passed, for timeAvailableFor, and no longer than until endTime. */
function horizonOf(deps: Pick<Deps, 'clock'>, { profile, account }: Page): { start: number; end: number; zone: string } {
  const zone = hoursOf(profile, account).timezone;
  const start = Math.max(deps.clock.now().getTime(), profile.start_time?.getTime() ?? 0);
  const end = add('timeAvailableFor', start, profile.time_available_for, zone);
  return { start, end: Math.min(end, profile.end_time?.getTime() ?? Infinity), zone };
}

function add(field: string, start: number, period: string, zone: string): number {
  const duration = parsePeriod(period);
  if (!duration) throw invalid(field, 'not an ISO 8601 period of at most a year; e.g. P1W or P5D.');
  return Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone).add(duration).epochMilliseconds;
}

const startOfDate = (date: string, zone: string): number => Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
const dateAt = (instant: number, zone: string): string => Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
const dayNumber = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY);
