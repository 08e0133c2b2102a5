import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { EmailAddress, EmailAttachment, Sensitivity } from '../email/messages.contract.ts';
import { BodyType, DayOfWeek, WeekWorkSchedule, date, dateTime } from '../../http/wire.ts';

export const ShowAs = z.enum(['free', 'busy', 'tentative', 'outOfOffice', 'unknown']).meta({ id: 'ShowAs' });

export const FreeBusyRequest = z.object({
  timeMin: dateTime.optional(),
  timeMax: dateTime.optional(),
  emails: z.array(z.email()).max(50).optional(),
}).meta({ id: 'FreeBusyRequest' });

export const FreeBusyItem = z.object({
  start: dateTime.optional(),
  end: dateTime.optional(),
  status: ShowAs.optional(),
}).meta({ id: 'FreeBusyItem' });

export const FreeBusySchedule = z.object({
  email: z.email().optional(),
  items: z.array(FreeBusyItem).optional(),
  error: z.string().optional(),
  workHours: WeekWorkSchedule.optional(),
}).meta({ id: 'FreeBusySchedule' });

export const FreeBusySchedulePage = z.object({
  records: z.array(FreeBusySchedule).optional(),
}).meta({ id: 'FreeBusySchedulePage' });

export const CalendarMode = z.enum(['user', 'group']).meta({ id: 'CalendarMode' });

export const ReminderOverride = z.object({ minutes: z.int().optional() }).meta({ id: 'ReminderOverride' });

export const Calendar = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  color: z.string().optional(),
  description: z.string().optional(),
  accessRole: z.enum(['owner', 'writer', 'reader']).optional(),
  primary: z.boolean().optional(),
  multipleRemindersSupported: z.boolean().optional(),
  defaultReminders: z.array(ReminderOverride).optional(),
}).meta({ id: 'Calendar' });

export const CalendarsPage = z.object({
  nextPageToken: z.string().optional(),
  length: z.int().optional(),
  records: z.array(Calendar).optional(),
}).meta({ id: 'CalendarsPage' });

export const EventDateTime = z.object({
  dateOnly: date.optional(),
  dateTime: dateTime.optional(),
  timezone: z.string().optional(),
}).meta({ id: 'EventDateTime' });

export const Organizer = z.object({
  id: z.string().optional(),
  emailAddress: EmailAddress.optional(),
}).meta({ id: 'Organizer' });

export const Attendee = z.object({
  id: z.string().optional(),
  emailAddress: EmailAddress.optional(),
  type: z.enum(['required', 'optional', 'resource']).optional(),
  response: z.enum(['accepted', 'tentitive', 'declined']).optional(),
  comment: z.string().optional(),
}).meta({ id: 'Attendee' });

export const MeetingResponseType = z.enum(['noResponse', 'declined', 'tentative', 'accepted']).meta({ id: 'MeetingResponseType' });

export const OnlineMeetingDetails = z.object({
  url: z.string().optional(),
  phone: z.string().optional(),
  pin: z.string().optional(),
  regionCode: z.string().optional(),
  sip: z.string().optional(),
  infoUrl: z.string().optional(),
}).meta({ id: 'OnlineMeetingDetails' });

export const MeetingInfo = z.object({
  canceled: z.boolean().optional(),
  attendees: z.array(Attendee).optional(),
  response: MeetingResponseType.optional(),
  attendeePermissions: z.array(z.enum(['inviteOthers', 'modify', 'seeOthers'])).optional(),
  onlineMeeting: z.boolean().optional(),
  onlineMeetingProvider: z.string().optional(),
  onlineMeetingDetails: OnlineMeetingDetails.optional(),
}).meta({ id: 'MeetingInfo' });

const SimplePattern = z.object({
  frequency: z.enum(['daily', 'weekly', 'monthly', 'monthlyRelative', 'yearly', 'yearlyRelative']).optional(),
  interval: z.int().optional(),
  daysOfWeek: z.array(DayOfWeek).optional(),
  weekStart: z.enum(['monday', 'sunday']).optional(),
  dayOfMonth: z.int().min(1).max(31).optional(),
  monthOfYear: z.int().min(1).max(12).optional(),
  instance: z.enum(['first', 'second', 'third', 'fourth', 'last']).optional(),
}).meta({ id: 'Recurrence_simple_pattern' });

const SimpleRange = z.object({
  type: z.enum(['byDate', 'byCount', 'unbounded']).optional(),
  recurrenceStart: EventDateTime.optional(),
  recurrenceEnd: date.optional(),
  count: z.int().min(1).optional(),
  patternExclusions: z.array(EventDateTime).optional(),
}).meta({ id: 'Recurrence_simple_range' });

export const Recurrence = z.object({
  original: z.enum(['simple', 'ical']).optional(),
  ical: z.object({ rules: z.array(z.string()).optional(), recurrenceStart: EventDateTime.optional() }).meta({ id: 'Recurrence_ical' }).optional(),
  simple: z.object({ pattern: SimplePattern.optional(), range: SimpleRange.optional() }).meta({ id: 'Recurrence_simple' }).optional(),
}).meta({ id: 'Recurrence' });

export const Reminder = z.object({
  useDefault: z.boolean().optional(),
  overrides: z.array(ReminderOverride).optional(),
}).meta({ id: 'Reminder' });

export const OccurrenceInfo = z.object({
  id: z.string().optional(),
  type: z.enum(['regular', 'modified', 'deleted']).optional(),
  originalStart: EventDateTime.optional(),
  start: EventDateTime.optional(),
  masterId: z.string().optional(),
}).meta({ id: 'OccurrenceInfo' });

export const Event = z.object({
  id: z.string().optional(),
  etag: z.string().optional(),
  calendarId: z.string().optional(),
  createdTime: dateTime.optional(),
  lastModifiedTime: dateTime.optional(),
  subject: z.string().max(1000).optional(),
  description: z.string().max(100_000).optional(),
  location: z.string().max(1000).optional(),
  start: EventDateTime.optional(),
  end: EventDateTime.optional(),
  organizer: Organizer.optional(),
  meetingInfo: MeetingInfo.optional(),
  recurrenceType: z.enum(['single', 'master', 'occurrence']).optional(),
  recurrence: Recurrence.optional(),
  reminder: Reminder.optional(),
  occurrenceInfo: OccurrenceInfo.optional(),
  iCalUid: z.string().optional(),
  globalId: z.string().optional(),
  showAs: ShowAs.optional(),
  sensitivity: Sensitivity.optional(),
  categories: z.array(z.string()).optional(),
  htmlLink: z.string().optional(),
  hasAttachments: z.boolean().optional(),
  attachments: z.array(EmailAttachment).optional(),
  omitted: z.array(z.enum(['description', 'attendees', 'attachments'])).optional(),
}).meta({ id: 'Event' });

export const EventsPageNext = z.object({
  nextPageToken: z.string().optional(),
  length: z.int().optional(),
  records: z.array(Event).optional(),
}).meta({ id: 'EventsPageNext' });

export const EventOrId = z.object({
  id: z.string().optional(),
  etag: z.string().optional(),
  iCalUId: z.string().optional(),
  globalId: z.string().optional(),
  record: Event.optional(),
  onlineMeetingProvider: z.string().optional(),
  onlineMeetingDetails: OnlineMeetingDetails.optional(),
}).meta({ id: 'EventOrId' });

const read = ['Calendar.Read', 'Calendar.ReadWrite'] as const;

/** `primary`, or the id that the list of calendars gives. */
const calendarId = z.string();

export const calendarContract = {
  calendars: operation({
    method: 'get',
    path: '/v1/calendars',
    operationId: 'calendars',
    tag: 'Calendars',
    summary: 'The calendars of the account; a hosted mailbox has one, the primary',
    auth: 'account',
    scopes: read,
    query: z.object({
      pageToken: z.string().optional(),
      withShared: z.boolean().optional(),
      mode: CalendarMode.optional(),
    }),
    response: json(CalendarsPage),
    errors: ['page.invalid'],
  }),

  calendarById: operation({
    method: 'get',
    path: '/v1/calendars/{id}',
    operationId: 'calendarById',
    tag: 'Calendars',
    summary: 'One calendar; `primary` names the account\'s own',
    auth: 'account',
    scopes: read,
    params: z.object({ id: calendarId }),
    response: json(Calendar),
    errors: ['notFound'],
  }),

  freeBusy: operation({
    method: 'post',
    path: '/v1/calendars/freeBusy',
    operationId: 'freeBusy',
    tag: 'FreeBusySchedule',
    summary: 'When the people behind these addresses are busy; addresses outside the application get an error of their own',
    auth: 'account',
    scopes: read,
    body: FreeBusyRequest,
    response: json(FreeBusySchedulePage),
    errors: ['request.invalid'],
  }),

  range: operation({
    method: 'get',
    path: '/v1/calendars/{calendarId}/events/range',
    operationId: 'range',
    tag: 'Events',
    summary: 'Events that overlap the time between timeMin and timeMax, both exclusive, in order of their start',
    auth: 'account',
    scopes: read,
    params: z.object({ calendarId }),
    query: z.object({
      timeMin: dateTime,
      timeMax: dateTime,
      pageToken: z.string().optional(),
    }),
    response: json(EventsPageNext),
    errors: ['request.invalid', 'notFound', 'page.invalid'],
  }),

  event: operation({
    method: 'get',
    path: '/v1/calendars/{calendarId}/events/{eventId}',
    operationId: 'event',
    tag: 'Events',
    summary: 'One event, also after it was cancelled',
    auth: 'account',
    scopes: read,
    params: z.object({ calendarId, eventId: z.string() }),
    query: z.object({ nativeProperties: z.array(z.string()).optional() }),
    response: json(Event),
    errors: ['notFound'],
  }),

  createEvent: operation({
    method: 'post',
    path: '/v1/calendars/{calendarId}/events',
    operationId: 'createEvent',
    tag: 'Events',
    summary: 'Put an appointment of one\'s own into the calendar; attendees and recurrence answer notSupportedYet',
    auth: 'account',
    scopes: ['Calendar.ReadWrite'],
    params: z.object({ calendarId }),
    query: z.object({
      notifyAttendees: z.boolean().default(true),
      bodyType: BodyType.optional(),
      returnRecord: z.boolean().default(true),
    }),
    body: Event,
    idempotent: true,
    response: json(EventOrId, 201),
    errors: ['request.invalid', 'notFound', 'notSupportedYet'],
  }),
} as const;
