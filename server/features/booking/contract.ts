import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { WeekWorkSchedule, WorkingInterval, date, dateTime, id, limit, offset } from '../../http/wire.ts';

const STEPS = [5, 10, 15, 20, 30, 60];
/** Of one booking; a page that asks for more is filled in by nobody. */
const MOST_FIELDS = 100;

/** What a profile says; each member has a default, which BookingOutDto shows. */
const profileFields = {
  name: z.string().regex(/^[^\s/\\?#%\p{C}]([^/\\?#%\p{C}]{0,98}[^\s/\\?#%\p{C}])?$/u, 'at most 100 characters that stand in an address; no slash, ?, # or %.').optional()
    .meta({ description: 'Part of the booking page\'s address, unique in the application; made up if absent.' }),
  durationMinutes: z.int().min(5).max(1440).optional().meta({ description: 'Length of a meeting; 30 if absent.' }),
  bufferBetweenMinutes: z.int().min(0).max(1440).optional().meta({ description: 'Minutes that stay free after every meeting; 0 if absent.' }),
  availabilityStep: z.int().refine((n) => STEPS.includes(n), `one of ${STEPS.join(', ')}.`).optional()
    .meta({ description: 'Minutes from one offered start to the next, counted from the beginning of the working hours: 5, 10, 15, 20, 30 or 60; 30 if absent.' }),
  startAfterMinutes: z.int().min(0).max(525_600).optional().meta({ description: 'Notice: minutes between now and the first offered start; 60 if absent.' }),
  startTime: dateTime.optional().meta({ description: 'Nothing is offered before; a time in the past counts as now.' }),
  endTime: dateTime.optional().meta({ description: 'No meeting ends later; a time in the past leaves nothing to offer.' }),
  timeAvailableFor: z.string().optional().meta({ description: 'ISO 8601 period from the start, of at most a year, e.g. P3M, P4W, P5D; P4W if absent.' }),
  subject: z.string().max(500).optional().meta({ description: 'Title of the event; {{variables}} are filled in.' }),
  description: z.string().max(20_000).optional().meta({ description: 'Text of the event; {{variables}} are filled in.' }),
  location: z.string().max(500).optional(),
  workHours: WeekWorkSchedule.optional().meta({ description: 'The account\'s own if absent.' }),
};

export const AvailabilityInterval = z.object({
  dateStartInclusive: date.optional(),
  dateEndInclusive: date.optional(),
  hours: z.array(WorkingInterval).optional(),
}).meta({ id: 'AvailabilityInterval' });

export const AvailabilityIntervals = z.object({
  intervals: z.array(AvailabilityInterval).optional(),
}).meta({ id: 'AvailabilityIntervals' });

const profile = z.object({
  ...profileFields,
  availabilityIntervals: AvailabilityIntervals.optional().meta({ description: 'Dates whose hours replace those of the week; no hours: not available.' }),
  context: z.string().max(10_000).optional().meta({ description: 'The client\'s own data, kept as it is.' }),
  startConference: z.boolean().optional().meta({ description: 'Kept; a hosted mailbox has no conference service and opens none.' }),
  openMeetingUrl: z.string().max(2000).optional().meta({ description: 'Value of {{openMeetingUrl}}.' }),
  active: z.boolean().optional().meta({ description: 'Addition: false takes no bookings; true if absent.' }),
});

export const BookingInDto = profile.meta({ id: 'BookingInDto' });

export const BookingOutDto = profile.extend({
  id: z.int(),
  bookingUrl: z.string().optional().meta({ description: 'Addition: the address of the public page.' }),
}).meta({ id: 'BookingOutDto' });

export const BookingPage = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(BookingOutDto),
}).meta({ id: 'BookingPage' });

export const BookingRequiredMode = z.enum(['one', 'all']).meta({ id: 'BookingRequiredMode' });

export const BookingSuccessOutDto = z.object({
  status: z.enum(['Ok']),
}).meta({ id: 'BookingSuccessOutDto' });

export const AdditionalField = z.object({
  name: z.string().optional(),
  type: z.string().optional(),
  default: z.string().optional(),
}).meta({ id: 'AdditionalField' });

export const BookingMeetingInterval = z.object({
  start: dateTime.optional(),
  end: dateTime.optional(),
  groupXids: z.array(z.string()).optional(),
  accountIds: z.array(z.int()).optional(),
}).meta({ id: 'BookingMeetingInterval' });

export const BookingTimesOutDto = z.object({
  items: z.array(BookingMeetingInterval),
  startTime: dateTime.optional(),
  endTime: dateTime.optional(),
  timeAvailableFor: z.string().optional(),
  durationMinutes: z.int().optional(),
  availabilityStep: z.int().optional(),
  subject: z.string().optional(),
  primaryColor: z.string().optional(),
  secondaryColor: z.string().optional(),
  additionalFields: z.array(AdditionalField).optional(),
  nextPageToken: z.string().optional(),
  nextFromDate: date.optional(),
  active: z.boolean().optional().meta({ description: 'Addition: false where the page takes no bookings.' }),
  title: z.string().optional().meta({ description: 'Addition: the subject without the visitor\'s variables.' }),
  hostName: z.string().optional().meta({ description: 'Addition.' }),
  location: z.string().optional().meta({ description: 'Addition.' }),
  timezone: z.string().optional().meta({ description: 'Addition: the host\'s zone, in which fromDate and nextFromDate are meant.' }),
}).meta({ id: 'BookingTimesOutDto' });

export const BookingUpdateDto = profile.meta({ id: 'BookingUpdateDto' });

export const ConfirmReservationOutDto = z.object({
  id: z.string().meta({ description: 'The event.' }),
  rescheduleToken: z.string().optional().meta({ description: 'Addition.' }),
}).meta({ id: 'ConfirmReservationOutDto' });

export const ConfirmSlotDeleteOutDto = z.object({
  status: z.enum(['Ok']),
}).meta({ id: 'ConfirmSlotDeleteOutDto' });

export const SchedulerInfo = z.object({
  id: z.string().optional(),
  email: z.email().max(254).optional(),
  name: z.string().max(200).optional(),
}).meta({ id: 'SchedulerInfo' });

export const SelectedMeetingTime = z.object({
  start: dateTime.optional(),
  end: dateTime.optional(),
}).meta({ id: 'SelectedMeetingTime' });

export const CreateMeetingDto = z.object({
  time: SelectedMeetingTime.optional(),
  groupXids: z.array(z.string()).optional(),
  accountIds: z.array(z.int()).optional(),
  name: z.string().max(200).optional(),
  email: z.email().max(254).optional().meta({ description: 'Gets the invitation; without it the event has no attendee.' }),
  substitutionData: z.record(z.string().max(64), z.string().max(2000)).refine((given) => Object.keys(given).length <= MOST_FIELDS, `at most ${MOST_FIELDS} fields.`).optional(),
  schedulerInfo: SchedulerInfo.optional().meta({ description: 'Counts before name and email.' }),
  reservationToken: z.string().max(200).optional().meta({ description: 'Addition: the rescheduleToken of a hold on this time, which becomes the meeting.' }),
}).meta({ id: 'CreateMeetingDto' });

export const CreateMeetingResponse = z.object({
  created: z.boolean().optional(),
  id: z.string(),
  ReservationId: z.int().optional(),
  groupXid: z.string().optional(),
  reservationId: z.int().optional().meta({ description: 'Addition: the same as ReservationId.' }),
  rescheduleToken: z.string().optional().meta({ description: 'Addition: moves and cancels the meeting, or turns a hold into one.' }),
}).meta({ id: 'CreateMeetingResponse' });

export const bookingContract = {
  workHours: operation({
    method: 'get',
    path: '/v1/book/account/workHours',
    operationId: 'workHours',
    tag: 'Booking',
    summary: 'Working hours of the account, in its zone',
    auth: 'account',
    scopes: ['Calendar.Read', 'Calendar.ReadWrite'],
    response: json(WeekWorkSchedule),
    errors: [],
  }),

  getAccBookings: operation({
    method: 'get',
    path: '/v1/book/account/profiles',
    operationId: 'getAccBookings',
    tag: 'Booking',
    summary: 'The account\'s booking profiles',
    auth: 'account',
    scopes: ['Calendar.Read', 'Calendar.ReadWrite'],
    query: z.object({
      limit: limit,
      offset: offset,
    }),
    response: json(BookingPage),
    errors: [],
  }),

  create: operation({
    method: 'post',
    path: '/v1/book/account/profiles',
    operationId: 'create',
    tag: 'Booking',
    summary: 'Make a booking profile',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    body: BookingInDto,
    idempotent: true,
    response: json(BookingOutDto),
    errors: ['request.invalid', 'name.taken'],
  }),

  deleteBooking: operation({
    method: 'delete',
    path: '/v1/book/account/profiles/{id}',
    operationId: 'deleteBooking',
    tag: 'Booking',
    summary: 'Delete a booking profile; meetings that were booked stay in the calendar',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    response: json(BookingSuccessOutDto),
    errors: ['notFound'],
  }),

  getBooking: operation({
    method: 'get',
    path: '/v1/book/account/profiles/{id}',
    operationId: 'getBooking',
    tag: 'Booking',
    summary: 'One booking profile',
    auth: 'account',
    scopes: ['Calendar.Read', 'Calendar.ReadWrite'],
    params: z.object({ id: id }),
    response: json(BookingOutDto),
    errors: ['notFound'],
  }),

  updateBooking: operation({
    method: 'patch',
    path: '/v1/book/account/profiles/{id}',
    operationId: 'updateBooking',
    tag: 'Booking',
    summary: 'Change a booking profile; what is absent stays',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    body: BookingUpdateDto,
    response: json(BookingSuccessOutDto),
    errors: ['request.invalid', 'notFound', 'name.taken'],
  }),

  bookingAccountMeetingTimes: operation({
    method: 'get',
    path: '/v1/book/account/profiles/{id}/meeting',
    operationId: 'bookingAccountMeetingTimes',
    tag: 'Booking',
    summary: 'Times that can be booked with this profile now',
    auth: 'account',
    scopes: ['Calendar.Read', 'Calendar.ReadWrite'],
    params: z.object({ id: id }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      fromDate: date.optional(),
      intervalLength: z.string().optional(),
      pageToken: z.string().optional(),
      limit: z.int().min(1).max(1000).optional(),
      offset: z.int().min(0).optional(),
    }),
    response: json(BookingTimesOutDto),
    errors: ['request.invalid', 'notFound', 'page.invalid'],
  }),

  bookingAccountCreateMeeting: operation({
    method: 'post',
    path: '/v1/book/account/profiles/{id}/meeting',
    operationId: 'bookingAccountCreateMeeting',
    tag: 'Booking',
    summary: 'Book a meeting, or hold its time with reserveForMinutes',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      reserveForMinutes: z.int().min(1).max(10_080).optional(),
    }),
    body: CreateMeetingDto,
    idempotent: true,
    response: json(CreateMeetingResponse),
    errors: ['request.invalid', 'notFound', 'slot.taken'],
  }),

  bookingAccountReservationConfirm: operation({
    method: 'post',
    path: '/v1/book/account/reservations/{id}/confirm',
    operationId: 'bookingAccountReservationConfirm',
    tag: 'Booking',
    summary: 'Turn a hold into a meeting',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    idempotent: true,
    response: json(ConfirmReservationOutDto),
    errors: ['notFound', 'slot.taken'],
  }),

  bookingAccountReservationDelete: operation({
    method: 'delete',
    path: '/v1/book/account/reservations/{id}',
    operationId: 'bookingAccountReservationDelete',
    tag: 'Booking',
    summary: 'Give a hold up; a meeting is cancelled and its attendee told',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    response: json(ConfirmSlotDeleteOutDto),
    errors: ['notFound'],
  }),

  getMeetingTimes: operation({
    method: 'get',
    path: '/v1/book/{aurinkoClientId}/{name}/meeting',
    operationId: 'getMeetingTimes',
    tag: 'Availability',
    summary: 'Times that anybody may book on this page now',
    auth: 'none',
    params: z.object({ aurinkoClientId: z.string(), name: z.string() }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      fromDate: date.optional(),
      intervalLength: z.string().optional(),
      pageToken: z.string().optional(),
      limit: z.int().min(1).max(1000).optional(),
      offset: z.int().min(0).optional(),
    }),
    response: json(BookingTimesOutDto),
    errors: ['request.invalid', 'notFound', 'page.invalid', 'rate.limited'],
  }),

  createMeeting: operation({
    method: 'post',
    path: '/v1/book/{aurinkoClientId}/{name}/meeting',
    operationId: 'createMeeting',
    tag: 'Availability',
    summary: 'Book a meeting as a visitor, or hold its time for at most 15 minutes',
    auth: 'none',
    params: z.object({ aurinkoClientId: z.string(), name: z.string() }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      reserveForMinutes: z.int().min(1).max(10_080).optional(),
    }),
    body: CreateMeetingDto,
    idempotent: true,
    response: json(CreateMeetingResponse),
    errors: ['request.invalid', 'notFound', 'policy.denied', 'slot.taken', 'rate.limited'],
  }),
} as const;
