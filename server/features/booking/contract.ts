import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { WeekWorkSchedule, WorkingInterval, date, dateTime, id, limit, offset } from '../../http/wire.ts';

export const AvailabilityInterval = z.object({
  dateStartInclusive: date.optional(),
  dateEndInclusive: date.optional(),
  hours: z.array(WorkingInterval).optional(),
}).meta({ id: 'AvailabilityInterval' });

export const AvailabilityIntervals = z.object({
  intervals: z.array(AvailabilityInterval).optional(),
}).meta({ id: 'AvailabilityIntervals' });

export const BookingInDto = z.object({
  name: z.string().optional(),
  durationMinutes: z.int().optional(),
  bufferBetweenMinutes: z.int().optional(),
  availabilityStep: z.int().optional(),
  startAfterMinutes: z.int().optional(),
  startTime: dateTime.optional(),
  endTime: dateTime.optional(),
  timeAvailableFor: z.string().optional(),
  subject: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  workHours: WeekWorkSchedule.optional(),
  availabilityIntervals: AvailabilityIntervals.optional(),
  context: z.string().optional(),
  startConference: z.boolean().optional(),
  openMeetingUrl: z.string().optional(),
}).meta({ id: 'BookingInDto' });

export const BookingOutDto = z.object({
  id: z.int(),
  name: z.string().optional(),
  durationMinutes: z.int().optional(),
  bufferBetweenMinutes: z.int().optional(),
  availabilityStep: z.int().optional(),
  startAfterMinutes: z.int().optional(),
  startTime: dateTime.optional(),
  endTime: dateTime.optional(),
  timeAvailableFor: z.string().optional(),
  subject: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  workHours: WeekWorkSchedule.optional(),
  availabilityIntervals: AvailabilityIntervals.optional(),
  context: z.string().optional(),
  startConference: z.boolean().optional(),
  openMeetingUrl: z.string().optional(),
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
}).meta({ id: 'BookingTimesOutDto' });

export const BookingUpdateDto = z.object({
  name: z.string().optional(),
  durationMinutes: z.int().optional(),
  bufferBetweenMinutes: z.int().optional(),
  availabilityStep: z.int().optional(),
  startAfterMinutes: z.int().optional(),
  startTime: dateTime.optional(),
  endTime: dateTime.optional(),
  timeAvailableFor: z.string().optional(),
  subject: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  workHours: WeekWorkSchedule.optional(),
  availabilityIntervals: AvailabilityIntervals.optional(),
  context: z.string().optional(),
  startConference: z.boolean().optional(),
  openMeetingUrl: z.string().optional(),
}).meta({ id: 'BookingUpdateDto' });

export const ConfirmReservationOutDto = z.object({
  id: z.string(),
}).meta({ id: 'ConfirmReservationOutDto' });

export const ConfirmSlotDeleteOutDto = z.object({
  status: z.enum(['Ok']),
}).meta({ id: 'ConfirmSlotDeleteOutDto' });

export const SchedulerInfo = z.object({
  id: z.string().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
}).meta({ id: 'SchedulerInfo' });

export const SelectedMeetingTime = z.object({
  start: dateTime.optional(),
  end: dateTime.optional(),
}).meta({ id: 'SelectedMeetingTime' });

export const CreateMeetingDto = z.object({
  time: SelectedMeetingTime.optional(),
  groupXids: z.array(z.string()).optional(),
  accountIds: z.array(z.int()).optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  substitutionData: z.record(z.string(), z.string()).optional(),
  schedulerInfo: SchedulerInfo.optional(),
}).meta({ id: 'CreateMeetingDto' });

export const CreateMeetingResponse = z.object({
  created: z.boolean().optional(),
  id: z.string(),
  ReservationId: z.int().optional(),
  groupXid: z.string().optional(),
}).meta({ id: 'CreateMeetingResponse' });

export const bookingContract = {
  workHours: operation({
    method: 'get',
    path: '/v1/book/account/workHours',
    operationId: 'workHours',
    tag: 'Booking',
    summary: 'Work hours',
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
    summary: 'Get acc bookings',
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
    summary: 'Create',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    body: BookingInDto,
    response: json(BookingOutDto),
    errors: [],
  }),

  deleteBooking: operation({
    method: 'delete',
    path: '/v1/book/account/profiles/{id}',
    operationId: 'deleteBooking',
    tag: 'Booking',
    summary: 'Delete booking',
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
    summary: 'Get booking',
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
    summary: 'Update booking',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    body: BookingUpdateDto,
    response: json(BookingSuccessOutDto),
    errors: ['notFound'],
  }),

  bookingAccountMeetingTimes: operation({
    method: 'get',
    path: '/v1/book/account/profiles/{id}/meeting',
    operationId: 'bookingAccountMeetingTimes',
    tag: 'Booking',
    summary: 'Booking account meeting times',
    auth: 'account',
    scopes: ['Calendar.Read', 'Calendar.ReadWrite'],
    params: z.object({ id: id }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      fromDate: date.optional(),
      intervalLength: z.string().optional(),
      pageToken: z.string().optional(),
      limit: limit.optional(),
      offset: offset.optional(),
    }),
    response: json(BookingTimesOutDto),
    errors: ['notFound'],
  }),

  bookingAccountCreateMeeting: operation({
    method: 'post',
    path: '/v1/book/account/profiles/{id}/meeting',
    operationId: 'bookingAccountCreateMeeting',
    tag: 'Booking',
    summary: 'Booking account create meeting',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      reserveForMinutes: z.int().optional(),
    }),
    body: CreateMeetingDto,
    response: json(CreateMeetingResponse),
    errors: ['notFound'],
  }),

  bookingAccountReservationConfirm: operation({
    method: 'post',
    path: '/v1/book/account/reservations/{id}/confirm',
    operationId: 'bookingAccountReservationConfirm',
    tag: 'Booking',
    summary: 'Booking account reservation confirm',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ id: id }),
    response: json(ConfirmReservationOutDto),
    errors: ['notFound'],
  }),

  bookingAccountReservationDelete: operation({
    method: 'delete',
    path: '/v1/book/account/reservations/{id}',
    operationId: 'bookingAccountReservationDelete',
    tag: 'Booking',
    summary: 'Booking account reservation delete',
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
    summary: 'Get meeting times',
    auth: 'none',
    params: z.object({ aurinkoClientId: z.string(), name: z.string() }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      fromDate: date.optional(),
      intervalLength: z.string().optional(),
      pageToken: z.string().optional(),
      limit: limit.optional(),
      offset: offset.optional(),
    }),
    response: json(BookingTimesOutDto),
    errors: ['notFound'],
  }),

  createMeeting: operation({
    method: 'post',
    path: '/v1/book/{aurinkoClientId}/{name}/meeting',
    operationId: 'createMeeting',
    tag: 'Availability',
    summary: 'Create meeting',
    auth: 'none',
    params: z.object({ aurinkoClientId: z.string(), name: z.string() }),
    query: z.object({
      required: BookingRequiredMode.optional(),
      reserveForMinutes: z.int().optional(),
    }),
    body: CreateMeetingDto,
    response: json(CreateMeetingResponse),
    errors: ['notFound'],
  }),
} as const;
