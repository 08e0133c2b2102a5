import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { OkResponse, dateTime } from '../../http/wire.ts';

/**
 * What a visitor may do with the meeting he booked. The token from the booking's answer (or its
 * invitation) is all he has; reading shows, and only a POST changes anything.
 */
export const ReservationOutDto = z.object({
  status: z.enum(['held', 'confirmed', 'cancelled']),
  changeable: z.boolean().meta({ description: 'False once it has begun or is cancelled: it can be neither moved nor cancelled.' }),
  start: dateTime,
  end: dateTime,
  title: z.string(),
  location: z.string().optional(),
  hostName: z.string(),
  timezone: z.string().meta({ description: 'The host\'s zone.' }),
  durationMinutes: z.int(),
  attendeeName: z.string().optional(),
  clientId: z.string(),
  profileName: z.string(),
}).meta({ id: 'ReservationOutDto' });

export const RescheduleDto = z.object({
  time: z.object({ start: dateTime, end: dateTime.optional() }),
}).meta({ id: 'RescheduleDto' });

const token = z.object({ token: z.string().min(1).max(200) });

export const reservationsContract = {
  reservation: operation({
    method: 'get',
    path: '/v1/book/reservations/{token}',
    operationId: 'reservation',
    tag: 'Reservations',
    summary: 'Show the meeting behind a reschedule token; changes nothing',
    auth: 'none',
    params: token,
    response: json(ReservationOutDto),
    errors: ['notFound', 'rate.limited'],
    sundial: true,
  }),

  reservationCalendar: operation({
    method: 'get',
    path: '/v1/book/reservations/{token}/calendar.ics',
    operationId: 'reservationCalendar',
    tag: 'Reservations',
    summary: 'The meeting as an iCalendar file, to keep in a calendar of one\'s own',
    auth: 'none',
    params: token,
    response: { kind: 'bytes', mediaType: 'text/calendar' },
    errors: ['notFound', 'rate.limited'],
    sundial: true,
  }),

  rescheduleReservation: operation({
    method: 'post',
    path: '/v1/book/reservations/{token}/reschedule',
    operationId: 'rescheduleReservation',
    tag: 'Reservations',
    summary: 'Move the meeting to another free time; host and attendee are told',
    auth: 'none',
    params: token,
    body: RescheduleDto,
    idempotent: true,
    response: json(ReservationOutDto),
    errors: ['request.invalid', 'notFound', 'policy.denied', 'slot.taken', 'rate.limited'],
    sundial: true,
  }),

  cancelReservation: operation({
    method: 'post',
    path: '/v1/book/reservations/{token}/cancel',
    operationId: 'cancelReservation',
    tag: 'Reservations',
    summary: 'Cancel the meeting; host and attendee are told. Repeating it changes nothing',
    auth: 'none',
    params: token,
    response: json(OkResponse),
    errors: ['notFound', 'policy.denied', 'rate.limited'],
    sundial: true,
  }),
} as const;
