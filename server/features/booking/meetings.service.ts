import type { z } from 'zod';
import { jsonb, transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Settle, Settled } from '../../http/operation.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { hashToken, randomToken } from '../../lib/ids.ts';
import type { Interval } from '../../lib/slots.ts';
import { cancelEvent, createEvent, lockCalendarOf, moveEvent, requireEvent, type EventRow } from '../calendar/service.ts';
import { freeSlots, isOnGrid, nearest, slotOut } from './availability.service.ts';
import type { CreateMeetingDto, CreateMeetingResponse } from './contract.ts';
import { hostTexts, tellAttendee, tellHost, valuesOf, type Told } from './invitations.ts';
import { hoursOf, type Page } from './profiles.service.ts';
import { deleteEndedHolds, deleteReservation, forgetVisitors, insertReservation, publicCounts, reservationById, reservationByToken, updateReservation, type ReservationRow } from './queries.ts';
import { oneLine } from '../../lib/template.ts';

type MeetingIn = z.output<typeof CreateMeetingDto>;
type MeetingOut = z.output<typeof CreateMeetingResponse>;

/** Who books: a client with the account's credentials, or anybody on the public page; `from` as lib/subscriber.ts has it. */
export type Origin = { readonly kind: 'account' } | { readonly kind: 'public'; readonly from: string };

const EXCLUSION_VIOLATION = '23P01';
const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * What visitors may cause within a day. The first protects people whose address somebody else types in,
 * the others the host; each is counted on what was really booked, so losing a race costs nothing.
 */
const CAPS = { forAddress: 10, mailsToAddress: 30, fromIp: 100, onProfile: 200, holdsFromIp: 5, holdsOnProfile: 20 } as const;
const BOOKING_CAPS = ['forAddress', 'mailsToAddress', 'fromIp', 'onProfile'] as const;
const HOLD_CAPS = ['holdsFromIp', 'holdsOnProfile'] as const;
export const PUBLIC_HOLD_MINUTES = 15;
const MOST_MOVES = 10;

interface Wish {
  readonly start: number;
  readonly end: number;
  readonly name: string | null;
  readonly email: string | null;
  readonly substitutions: Record<string, string>;
}

/** Books the time, or holds it for `holdMinutes`: of everybody who wants it at once, one gets it. */
export async function book(deps: Deps, page: Page, input: MeetingIn, holdMinutes: number | undefined, origin: Origin, settle: Settle<MeetingOut>): Promise<Settled<MeetingOut>> {
  if (origin.kind === 'public') requireOpen(page);
  if (origin.kind === 'public' && (holdMinutes ?? 0) > PUBLIC_HOLD_MINUTES) throw invalid('reserveForMinutes', `at most ${PUBLIC_HOLD_MINUTES} for a visitor.`);
  const wish = wishOf(page, input);
  return takingSlot(deps, page, wish.start, async (trx) => {
    const now = deps.clock.now();
    const calendar = await lockCalendarOf(trx, page.account);
    const hold = await ownHold(trx, page, input.reservationToken, wish, now);
    await deleteEndedHolds(trx, page.account.id, now);
    if (!hold) await requireFree(trx, deps, page, wish.start);
    if (origin.kind === 'public') await requireWithinCaps(trx, deps, page, wish.email, origin.from, holdMinutes === undefined ? BOOKING_CAPS : HOLD_CAPS);

    const token = randomToken(18);
    const values = {
      hold_until: holdMinutes === undefined ? null : new Date(now.getTime() + holdMinutes * MINUTE),
      status: holdMinutes === undefined ? 'confirmed' as const : 'held' as const,
      attendee_name: wish.name,
      attendee_email: wish.email,
      substitutions: jsonb(wish.substitutions),
      source: origin.kind,
      token_hash: hashToken(token),
      ip_hash: origin.kind === 'public' ? hashToken(origin.from) : null,
      made_at: deps.clock.real(),
    };
    const reservation = hold
      ? await updateReservation(trx, hold.id, values)
      : await insertReservation(trx, { ...values, profile_id: page.profile.id, account_id: page.account.id, starts_at: new Date(wish.start), ends_at: new Date(wish.end), event_id: null });
    const made = { ReservationId: reservation.id, reservationId: reservation.id, rescheduleToken: token };
    if (holdMinutes !== undefined) return settle(trx, { created: false, id: String(reservation.id), ...made });
    const event = await makeMeeting(trx, deps, page, calendar, reservation, token);
    return settle(trx, { created: true, id: String(event.id), ...made });
  });
}

interface Confirmed {
  readonly id: string;
  readonly rescheduleToken?: string;
}

/** Turns a hold into a meeting, with what was given when it was made. */
export async function confirm(deps: Deps, page: Page, reservationId: number, settle: Settle<Confirmed>): Promise<Settled<Confirmed>> {
  return transaction(deps.db, async (trx) => {
    const calendar = await lockCalendarOf(trx, page.account);
    const reservation = await reservationById(trx, page.account.id, reservationId);
    if (!reservation || reservation.status === 'cancelled') throw notFound('The reservation');
    // A client that repeats the call after a lost answer gets the same event.
    if (reservation.status === 'confirmed') return settle(trx, { id: String(reservation.event_id ?? reservation.id) });
    if (reservation.hold_until! <= deps.clock.now()) throw notFound('The reservation');
    const token = randomToken(18);
    const confirmed = await updateReservation(trx, reservation.id, { status: 'confirmed', hold_until: null, token_hash: hashToken(token) });
    const event = await makeMeeting(trx, deps, page, calendar, confirmed, token);
    return settle(trx, { id: String(event.id), rescheduleToken: token });
  });
}

/** By the host's side: a hold goes, a meeting is cancelled and its attendee told. */
export async function release(deps: Deps, page: Page, reservationId: number): Promise<void> {
  await transaction(deps.db, async (trx) => {
    await lockCalendarOf(trx, page.account);
    const reservation = await reservationById(trx, page.account.id, reservationId);
    if (!reservation || reservation.status === 'cancelled') throw notFound('The reservation');
    if (reservation.status === 'held') await deleteReservation(trx, reservation.id);
    else await endMeeting(trx, deps, page, reservation, undefined);
  });
}

/** By the visitor; a second press changes nothing. */
export async function cancelByToken(deps: Deps, page: Page, token: string): Promise<void> {
  await transaction(deps.db, async (trx) => {
    await lockCalendarOf(trx, page.account);
    const reservation = await requireByToken(trx, token);
    if (reservation.status === 'cancelled') return;
    if (reservation.starts_at <= deps.clock.now()) throw new AppError('policy.denied', 'The meeting has begun or is over; it cannot be cancelled.');
    if (reservation.status === 'held') {
      await deleteReservation(trx, reservation.id);
      return;
    }
    const told = await endMeeting(trx, deps, page, reservation, token);
    if (told) await tellHost(trx, deps, 'cancelled', told, { start: told.event.starts_at, end: told.event.ends_at });
  });
}

/** `andThen` runs with the moved reservation in the same transaction. */
export async function rescheduleByToken<T>(deps: Deps, page: Page, token: string, time: { start: string; end?: string | undefined }, andThen: (trx: Trx, moved: ReservationRow) => Promise<T>): Promise<T> {
  requireOpen(page);
  const start = new Date(time.start).getTime();
  return takingSlot(deps, page, start, async (trx) => {
    await lockCalendarOf(trx, page.account);
    await deleteEndedHolds(trx, page.account.id, deps.clock.now());
    const reservation = await requireByToken(trx, token);
    if (reservation.status !== 'confirmed' || !reservation.event_id) throw notFound('The reservation');
    if (reservation.starts_at <= deps.clock.now()) throw new AppError('policy.denied', 'The meeting has begun or is over; it cannot be moved.');
    if (reservation.starts_at.getTime() === start) return andThen(trx, reservation);
    if (reservation.moves >= MOST_MOVES) throw new AppError('rate.limited', 'This meeting was moved too often; write to the host.');
    await requireWithinCaps(trx, deps, page, reservation.attendee_email, '', ['mailsToAddress']);
    requireEnd(page, start, time.end);
    const before = await requireEvent(trx, page.account.id, reservation.event_id);
    await requireFree(trx, deps, page, start, { eventId: before.id, reservationId: reservation.id });
    const end = new Date(start + page.profile.duration_minutes * MINUTE);
    const moved = await updateReservation(trx, reservation.id, { starts_at: new Date(start), ends_at: end, moves: reservation.moves + 1 });
    const event = await moveEvent(trx, deps, before, new Date(start), end);
    const told = { page, reservation: moved, event, token };
    await tellAttendee(trx, deps, 'moved', told);
    await tellHost(trx, deps, 'moved', told, { start: before.starts_at, end: before.ends_at });
    await emitBooked(trx, deps, page, moved);
    return andThen(trx, moved);
  });
}

/** Caps look back one day; after two nothing needs to know where a visitor came from. */
export async function forgetOldVisitors(deps: Deps): Promise<void> {
  await forgetVisitors(deps.db, new Date(deps.clock.real().getTime() - 2 * DAY));
}

async function makeMeeting(trx: Trx, deps: Deps, page: Page, calendar: Parameters<typeof createEvent>[3], reservation: ReservationRow, token: string): Promise<EventRow> {
  const values = valuesOf(page, reservation, token);
  const address = reservation.attendee_email;
  const event = await createEvent(trx, deps, page.account, calendar, {
    ...hostTexts(page, values),
    location: page.profile.location,
    start: reservation.starts_at,
    end: reservation.ends_at,
    timezone: hoursOf(page.profile, page.account).timezone,
    attendees: address ? [{ name: reservation.attendee_name ?? '', address }] : [],
  });
  const booked = await updateReservation(trx, reservation.id, { event_id: event.id });
  const told = { page, reservation: booked, event, token };
  await tellAttendee(trx, deps, 'booked', told);
  if (reservation.source === 'public') await tellHost(trx, deps, 'booked', told, { start: event.starts_at, end: event.ends_at });
  await emitBooked(trx, deps, page, booked);
  return event;
}

async function endMeeting(trx: Trx, deps: Deps, page: Page, reservation: ReservationRow, token: string | undefined): Promise<Told | undefined> {
  const cancelled = await updateReservation(trx, reservation.id, { status: 'cancelled' });
  await deps.events.emit(trx, { type: 'MeetingCancelled', accountId: page.account.id, profileId: page.profile.id, reservationId: reservation.id, attendeeEmail: reservation.attendee_email });
  if (!reservation.event_id) return undefined;
  const event = await cancelEvent(trx, deps, await requireEvent(trx, page.account.id, reservation.event_id));
  const told = { page, reservation: cancelled, event, token };
  // What is over needs no withdrawal.
  if (event.ends_at > deps.clock.now()) await tellAttendee(trx, deps, 'cancelled', told);
  return told;
}

const emitBooked = (trx: Trx, deps: Deps, page: Page, r: ReservationRow): Promise<void> => deps.events.emit(trx, {
  type: 'MeetingBooked', accountId: page.account.id, profileId: page.profile.id, reservationId: r.id,
  start: r.starts_at.toISOString(), end: r.ends_at.toISOString(), attendeeEmail: r.attendee_email,
});

/** Runs in one transaction; should the constraint find an overlap that the check missed, it says the same. */
async function takingSlot<T>(deps: Deps, page: Page, start: number, work: (trx: Trx) => Promise<T>): Promise<T> {
  try {
    const done = await transaction(deps.db, async (trx) => {
      const result = await work(trx);
      await failpoint('booking.beforeCommit');
      return result;
    });
    await failpoint('booking.afterCommit');
    return done;
  } catch (error) {
    if ((error as { code?: string }).code !== EXCLUSION_VIOLATION) throw error;
    throw slotTaken(await nearest(deps, deps.db, page, start));
  }
}

const slotTaken = (free: readonly Interval[]): AppError =>
  new AppError('slot.taken', 'time.start: that time has gone; `items` lists the nearest free ones.', { extra: { created: false, items: free.map(slotOut) } });

async function requireFree(trx: Trx, deps: Deps, page: Page, start: number, except?: { eventId: number; reservationId: number }): Promise<void> {
  const [free] = await freeSlots(deps, trx, page, { from: start, to: start + 1, except });
  if (free?.start === start) return;
  if (!isOnGrid(deps, page, start)) throw invalid('time.start', 'not a time that this profile offers; take one of its times.');
  throw slotTaken(await nearest(deps, trx, page, start));
}

/** The hold that the token names, if it runs, for just this time of this profile. */
async function ownHold(trx: Trx, page: Page, token: string | undefined, wish: Wish, now: Date): Promise<ReservationRow | undefined> {
  if (!token) return undefined;
  const hold = await reservationByToken(trx, hashToken(token));
  const fits = hold?.status === 'held' && hold.hold_until! > now && hold.profile_id === page.profile.id && hold.starts_at.getTime() === wish.start;
  return fits ? hold : undefined;
}

async function requireByToken(trx: Trx, token: string): Promise<ReservationRow> {
  const reservation = await reservationByToken(trx, hashToken(token));
  if (!reservation) throw notFound('The reservation');
  return reservation;
}

async function requireWithinCaps(trx: Trx, deps: Deps, page: Page, email: string | null, from: string, names: readonly (keyof typeof CAPS)[]): Promise<void> {
  const counts = await publicCounts(trx, {
    profileId: page.profile.id, appId: page.profile.app_id, email, ipHash: hashToken(from),
    since: new Date(deps.clock.real().getTime() - DAY), now: deps.clock.now(),
  });
  if (names.every((name) => counts[name] < CAPS[name])) return;
  throw new AppError('rate.limited', 'Too many bookings from here or for this address today; write to the host instead.', { retryAfter: 3600 });
}

function requireOpen(page: Page): void {
  if (!page.profile.active) throw new AppError('policy.denied', 'This page isn\'t taking bookings.');
}

function wishOf(page: Page, input: MeetingIn): Wish {
  if (!input.time?.start) throw invalid('time.start', 'missing; the start of one of the offered times.');
  const start = new Date(input.time.start).getTime();
  requireEnd(page, start, input.time.end);
  const given = Object.fromEntries(Object.entries(input.substitutionData ?? {}).map(([field, value]) => [field, withoutDirection(value)]));
  const name = oneLine(withoutDirection(input.schedulerInfo?.name ?? input.name ?? given.name ?? ''));
  return {
    start,
    end: start + page.profile.duration_minutes * MINUTE,
    name: name.slice(0, 200) || null,
    email: input.schedulerInfo?.email ?? input.email ?? null,
    substitutions: given,
  };
}

/** A mark that turns the direction of text could make the host read another name, or the rest of a line backwards. Letters of Arabic or Hebrew need none. */
const withoutDirection = (text: string): string => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '');

function requireEnd(page: Page, start: number, end: string | undefined): void {
  if (end !== undefined && new Date(end).getTime() - start !== page.profile.duration_minutes * MINUTE) {
    throw invalid('time.end', `must be ${page.profile.duration_minutes} minutes after time.start.`);
  }
}
