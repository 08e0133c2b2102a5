import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Handlers, RequestFacts } from '../../http/operation.ts';
import { offsetPage } from '../../http/paging.ts';
import { bytes } from '../../http/reply.ts';
import { hashToken } from '../../lib/ids.ts';
import { subscriberOf } from '../../lib/subscriber.ts';
import { appById, requireAccount } from '../accounts/service.ts';
import { requireEvent, workHoursOf } from '../calendar/service.ts';
import { times } from './availability.service.ts';
import type { bookingContract } from './contract.ts';
import { attendeeTexts, calendarFile } from './invitations.ts';
import { book, cancelByToken, confirm, release, rescheduleByToken } from './meetings.service.ts';
import { changeProfile, createProfile, hoursOf, listProfiles, profileOut, publicPage, removeProfile, requireProfile, type Page } from './profiles.service.ts';
import { reservationById, reservationByToken, type ReservationRow } from './queries.ts';
import type { ReservationOutDto, reservationsContract } from './reservations.contract.ts';

export function bookingRoutes(deps: Deps): Handlers<typeof bookingContract> {
  const limit = publicLimit();
  const ownPage = async (accountId: number, profileId: number): Promise<Page> => {
    const account = await requireAccount(deps, accountId);
    const app = await appById(deps.db, account.app_id);
    return { profile: await requireProfile(deps.db, accountId, profileId), account, clientId: app!.client_id };
  };
  const pageOfReservation = async (accountId: number, reservationId: number): Promise<Page> => {
    const reservation = await reservationById(deps.db, accountId, reservationId);
    if (!reservation) throw notFound('The reservation');
    return ownPage(accountId, reservation.profile_id);
  };

  return {
    workHours: async ({ principal }) => workHoursOf(await requireAccount(deps, principal.accountId)),

    getAccBookings: async ({ principal, query }) => {
      const account = await requireAccount(deps, principal.accountId);
      const clientId = (await appById(deps.db, account.app_id))!.client_id;
      const { rows, total } = await listProfiles(deps.db, account.id, query.limit, query.offset);
      return offsetPage(rows.map((profile) => profileOut(deps, { profile, account, clientId })), total, query.offset);
    },

    create: async ({ principal, body, settle }) => {
      const account = await requireAccount(deps, principal.accountId);
      return createProfile(deps, account, (await appById(deps.db, account.app_id))!, body, settle);
    },

    getBooking: async ({ principal, params }) => profileOut(deps, await ownPage(principal.accountId, params.id)),

    updateBooking: async ({ principal, params, body }) => {
      await changeProfile(deps, principal.accountId, params.id, body);
      return { status: 'Ok' };
    },

    deleteBooking: async ({ principal, params }) => {
      await removeProfile(deps, principal.accountId, params.id);
      return { status: 'Ok' };
    },

    bookingAccountMeetingTimes: async ({ principal, params, query }) => times(deps, await ownPage(principal.accountId, params.id), query),

    bookingAccountCreateMeeting: async ({ principal, params, query, body, settle }) =>
      book(deps, await ownPage(principal.accountId, params.id), body, query.reserveForMinutes, { kind: 'account' }, settle),

    bookingAccountReservationConfirm: async ({ principal, params, settle }) =>
      confirm(deps, await pageOfReservation(principal.accountId, params.id), params.id, settle),

    bookingAccountReservationDelete: async ({ principal, params }) => {
      await release(deps, await pageOfReservation(principal.accountId, params.id), params.id);
      return { status: 'Ok' };
    },

    getMeetingTimes: async ({ params, query, request }) => {
      await limit(request, 'read');
      return times(deps, await publicPage(deps, params.aurinkoClientId, params.name), query);
    },

    createMeeting: async ({ params, query, body, request, settle }) => {
      await limit(request, 'write');
      const page = await publicPage(deps, params.aurinkoClientId, params.name);
      return book(deps, page, body, query.reserveForMinutes, { kind: 'public', from: subscriberOf(request.ip) }, settle);
    },
  };
}

export function reservationRoutes(deps: Deps): Handlers<typeof reservationsContract> {
  const limit = publicLimit();
  const find = async (request: RequestFacts, kind: 'read' | 'write', token: string): Promise<{ reservation: ReservationRow; page: Page }> => {
    await limit(request, kind);
    const reservation = await reservationByToken(deps.db, hashToken(token));
    const app = reservation && await appById(deps.db, reservation.app_id);
    if (!app) throw notFound('The reservation');
    const account = await requireAccount(deps, reservation.account_id);
    return { reservation, page: { profile: await requireProfile(deps.db, account.id, reservation.profile_id), account, clientId: app.client_id } };
  };

  return {
    reservation: async ({ params, request }) => {
      const { reservation, page } = await find(request, 'read', params.token);
      return reservationOut(page, reservation, deps.clock.now());
    },

    reservationCalendar: async ({ params, request }) => {
      const { reservation, page } = await find(request, 'read', params.token);
      if (!reservation.event_id) throw notFound('The meeting');
      const event = await requireEvent(deps.db, page.account.id, reservation.event_id);
      const file = calendarFile(deps, 'PUBLISH', { page, reservation, event, token: params.token });
      return bytes(Buffer.from(file), 'text/calendar; charset=utf-8', { headers: { 'Content-Disposition': 'attachment; filename="meeting.ics"' } });
    },

    rescheduleReservation: async ({ params, body, request, settle }) => {
      const { page } = await find(request, 'write', params.token);
      return rescheduleByToken(deps, page, params.token, body.time, (trx, moved) => settle(trx, reservationOut(page, moved, deps.clock.now())));
    },

    cancelReservation: async ({ params, request }) => {
      const { page } = await find(request, 'write', params.token);
      await cancelByToken(deps, page, params.token);
      return { status: 'Ok' };
    },
  };
}

function reservationOut(page: Page, reservation: ReservationRow, now: Date): z.output<typeof ReservationOutDto> {
  return {
    status: reservation.status,
    changeable: reservation.status === 'confirmed' && reservation.starts_at > now,
    start: reservation.starts_at.toISOString(),
    end: reservation.ends_at.toISOString(),
    title: attendeeTexts({ page, reservation, token: undefined }).title,
    ...(page.profile.location ? { location: page.profile.location } : {}),
    hostName: page.account.name || page.account.email,
    timezone: hoursOf(page.profile, page.account).timezone,
    durationMinutes: Math.round((reservation.ends_at.getTime() - reservation.starts_at.getTime()) / 60_000),
    ...(reservation.attendee_name ? { attendeeName: reservation.attendee_name } : {}),
    clientId: page.clientId,
    profileName: page.profile.name,
  };
}

/** Against floods only, and for this process alone: what may be caused is counted in the database. */
function publicLimit(): (request: RequestFacts, kind: 'read' | 'write') => Promise<void> {
  const limits = { read: new RateLimiterMemory({ points: 6000, duration: 60 }), write: new RateLimiterMemory({ points: 1500, duration: 60 }) };
  return async (request, kind) => {
    try {
      await limits[kind].consume(subscriberOf(request.ip));
    } catch {
      throw new AppError('rate.limited', 'Too many requests from this address; wait a minute.', { retryAfter: 60 });
    }
  };
}
