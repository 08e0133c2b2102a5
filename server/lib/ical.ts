import { ICalAttendeeRole, ICalAttendeeStatus, ICalCalendar, ICalCalendarMethod, ICalEventBusyStatus, ICalEventStatus } from 'ical-generator';

export interface CalendarMeeting {
  readonly uid: string;
  readonly sequence: number;
  readonly start: Date;
  readonly end: Date;
  readonly summary: string;
  readonly description: string;
  readonly location: string;
  readonly organizer: { readonly name: string; readonly address: string };
  readonly attendees: readonly { readonly name: string; readonly address: string }[];
  readonly cancelled: boolean;
  /** When this version was written. */
  readonly stamp: Date;
}

/**
 * One meeting as iCalendar (RFC 5545; scheduling methods: RFC 5546). Times are written in UTC: every
 * client shows them in its own zone, and none has to trust a zone definition of ours. PUBLISH is a copy
 * to keep, REQUEST an invitation, CANCEL its withdrawal.
 */
export function meetingCalendar(method: 'PUBLISH' | 'REQUEST' | 'CANCEL', meeting: CalendarMeeting): string {
  const calendar = new ICalCalendar({ method: ICalCalendarMethod[method], prodId: { company: 'Sundial', product: 'Booking', language: 'EN' } });
  addMeeting(calendar, meeting, method === 'REQUEST');
  return calendar.toString();
}

/** Many events as one calendar to keep. */
export function eventsCalendar(meetings: readonly CalendarMeeting[]): string {
  const calendar = new ICalCalendar({ method: ICalCalendarMethod.PUBLISH, prodId: { company: 'Sundial', product: 'Calendar', language: 'EN' } });
  for (const meeting of meetings) addMeeting(calendar, meeting, false);
  return calendar.toString();
}

function addMeeting(calendar: ICalCalendar, meeting: CalendarMeeting, rsvp: boolean): void {
  calendar.createEvent({
    id: meeting.uid,
    sequence: meeting.sequence,
    stamp: meeting.stamp,
    start: meeting.start,
    end: meeting.end,
    summary: printable(meeting.summary),
    description: meeting.description ? printable(meeting.description) : null,
    location: meeting.location ? printable(meeting.location) : null,
    organizer: { name: printable(meeting.organizer.name) || meeting.organizer.address, email: meeting.organizer.address },
    attendees: meeting.attendees.map((attendee) => ({
      name: printable(attendee.name) || attendee.address,
      email: attendee.address,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.NEEDSACTION,
      rsvp,
    })),
    status: meeting.cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    busystatus: meeting.cancelled ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
  });
}

/** RFC 5545 section 3.1 allows no control characters; line breaks in texts the library escapes. */
// eslint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029]/g, ' ');

/** RFC 5545, 8.1, and what programs used before it was registered. */
export const isCalendar = (mimeType: string): boolean => /^(text\/calendar|application\/ics)\b/i.test(mimeType);

export interface MeetingReply {
  readonly uid: string;
  readonly sequence: number;
  /** Lower case. */
  readonly attendee: string;
  readonly response: 'accepted' | 'tentative' | 'declined';
}

const MOST_REPLY_LENGTH = 200_000;
const RESPONSES: Readonly<Record<string, MeetingReply['response']>> = { ACCEPTED: 'accepted', TENTATIVE: 'tentative', DECLINED: 'declined' };

/** An attendee's answer (RFC 5546 section 3.2.3) to one event; undefined for everything else. */
export function readMeetingReply(text: string): MeetingReply | undefined {
  const lines = text.slice(0, MOST_REPLY_LENGTH).replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const value = (name: string): string | undefined => lines.find((line) => line.slice(0, name.length + 1).toUpperCase() === `${name}:`)?.slice(name.length + 1).trim();
  if (value('METHOD')?.toUpperCase() !== 'REPLY') return undefined;
  const uid = value('UID');
  const attendees = lines.filter((line) => /^ATTENDEE[;:]/i.test(line));
  const [line] = attendees;
  // An answer comes from one attendee; a second one would leave open who says what.
  if (!uid || !line || attendees.length > 1) return undefined;
  const address = /:mailto:(\S+@\S+)$/i.exec(line.trim())?.[1];
  const response = RESPONSES[/;PARTSTAT="?([A-Z-]+)"?/i.exec(line)?.[1]?.toUpperCase() ?? ''];
  if (!address || !response) return undefined;
  return { uid, sequence: Number(value('SEQUENCE') ?? 0) || 0, attendee: address.toLowerCase(), response };
}
