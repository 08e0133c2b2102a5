import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { meetingCalendar, type CalendarMeeting } from '../../lib/ical.ts';
import { escapeHtml } from '../../lib/template.ts';
import type { EventRow } from '../calendar/service.ts';
import { sendMailIn } from '../email/service.ts';
import { pageUrl, type Page } from './profiles.service.ts';
import type { ReservationRow } from './queries.ts';
import { fill, fillLine, publicTitle, safeText, spokenTime, type Values } from './texts.ts';
import { oneLine } from '../../lib/template.ts';

/** One state of one meeting, about which its attendee is told. */
export interface Told {
  readonly page: Page;
  readonly reservation: ReservationRow;
  readonly event: EventRow;
  /** The visitor's token, where this request carries it: only its hash is stored. */
  readonly token: string | undefined;
}

/** Variables of the profile's texts, with what the visitor gave. */
export function valuesOf(page: Page, reservation: Pick<ReservationRow, 'attendee_name' | 'attendee_email' | 'substitutions'>, token: string | undefined): Values {
  return {
    ...reservation.substitutions as Values,
    name: reservation.attendee_name ?? '',
    email: reservation.attendee_email ?? '',
    openMeetingUrl: page.profile.open_meeting_url ?? '',
    rescheduleToken: token ?? '',
  };
}

/** Title and text for the host's own calendar, where the visitor's words belong. */
export function hostTexts(page: Page, values: Values): { title: string; description: string } {
  const title = fillLine(page.profile.subject, values) || [publicTitle(page.profile), values.name].filter(Boolean).join(': ');
  return { title: title.slice(0, 1000), description: fill(page.profile.description, values) };
}

/** Title and text for the attendee: fixed where nobody has proven that the address is his. */
export function attendeeTexts({ page, reservation, token }: Pick<Told, 'page' | 'reservation' | 'token'>): { title: string; description: string } {
  const values = valuesOf(page, reservation, token);
  if (reservation.source === 'account') return hostTexts(page, values);
  return { title: oneLine(safeText(page.profile.subject, values)) || publicTitle(page.profile), description: safeText(page.profile.description, values) };
}

export const manageUrl = (deps: Pick<Deps, 'config'>, page: Page, token: string): string =>
  `${pageUrl(deps, page.clientId, page.profile.name)}#reservation=${encodeURIComponent(token)}`;

/** The meeting as an attendee's calendar file. */
export const calendarFile = (deps: Pick<Deps, 'config'>, method: 'PUBLISH' | 'REQUEST' | 'CANCEL', told: Told): string =>
  meetingCalendar(method, calendarMeeting(deps, told));

/** Sends the iCalendar invitation, or its withdrawal, to the attendee; nobody to tell is fine. */
export async function tellAttendee(trx: Trx, deps: Deps, kind: 'booked' | 'moved' | 'cancelled', told: Told): Promise<void> {
  const { page, reservation, event, token } = told;
  const address = reservation.attendee_email;
  if (!address) return;
  const { title, description } = attendeeTexts(told);
  const when = spokenTime(event.starts_at, event.ends_at, event.timezone);
  const word = { booked: 'Booked', moved: 'New time', cancelled: 'Cancelled' }[kind];
  const link = token && kind !== 'cancelled' ? manageUrl(deps, page, token) : undefined;
  const method = kind === 'cancelled' ? 'CANCEL' : 'REQUEST';
  await sendMailIn(trx, deps, page.account.id, {
    to: [{ address, ...(reservation.source === 'account' && reservation.attendee_name ? { name: reservation.attendee_name } : {}) }],
    subject: oneLine(`${word}: ${title}, ${when}`).slice(0, 300),
    body: invitationHtml({ heading: `${word}: ${title}`, when, location: event.location, description: kind === 'cancelled' ? '' : description, host: page.account.name || page.account.email, link }),
  }, { bodyType: 'html', automatic: true, calendar: { method, content: calendarFile(deps, method, told) } });
}

/** What a visitor did alone is told to the host as well; his calendar would change silently. `before`: the time that it had. */
export async function tellHost(trx: Trx, deps: Deps, kind: 'booked' | 'moved' | 'cancelled', told: Told, before: { start: Date; end: Date }): Promise<void> {
  const { page, reservation, event } = told;
  const who = [reservation.attendee_name, reservation.attendee_email].filter(Boolean).join(', ') || 'The visitor';
  const was = spokenTime(before.start, before.end, event.timezone);
  const now = spokenTime(event.starts_at, event.ends_at, event.timezone);
  await sendMailIn(trx, deps, page.account.id, {
    to: [{ address: page.account.email }],
    subject: oneLine(`${{ booked: 'New booking', moved: 'Moved', cancelled: 'Cancelled' }[kind]}: ${event.title}`).slice(0, 300),
    body: {
      booked: `${who} booked "${event.title}".\n\n${[now, event.location].filter(Boolean).join('\n')}\n\nIt is in your calendar.\n`,
      moved: `${who} moved "${event.title}".\n\nBefore: ${was}\nNow: ${now}\n`,
      cancelled: `${who} cancelled "${event.title}".\n\n${was}\n`,
    }[kind],
  }, { bodyType: 'text', automatic: true });
}

function calendarMeeting(deps: Pick<Deps, 'config'>, told: Told): CalendarMeeting {
  const { page, reservation, event, token } = told;
  const { title, description } = attendeeTexts(told);
  const link = token && !event.cancelled ? `Reschedule or cancel: ${manageUrl(deps, page, token)}` : '';
  return {
    uid: event.uid,
    sequence: event.sequence,
    start: event.starts_at,
    end: event.ends_at,
    summary: title,
    description: [description, link].filter(Boolean).join('\n\n'),
    location: event.location,
    organizer: { name: page.account.name, address: page.account.email },
    attendees: reservation.attendee_email ? [{ address: reservation.attendee_email, name: reservation.source === 'account' ? reservation.attendee_name ?? '' : '' }] : [],
    cancelled: event.cancelled,
    stamp: event.updated_at,
  };
}

/** Lines, not a table: the text alternative that is made of it must read well too. */
function invitationHtml(m: { heading: string; when: string; location: string; description: string; host: string; link: string | undefined }): string {
  const facts = [['When', m.when], ['With', m.host], ['Where', m.location]].filter(([, value]) => value);
  return [
    '<div style="font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">',
    `<p style="font-size:18px;font-weight:600;margin:0 0 8px">${escapeHtml(m.heading)}</p>`,
    `<p>${facts.map(([label, value]) => `<b>${label}:</b> ${linked(value!)}`).join('<br>')}</p>`,
    m.description ? `<p>${m.description.split(/\r\n|\r|\n/).map(linked).join('<br>')}</p>` : '',
    m.link ? `<p><a href="${escapeHtml(m.link)}">Reschedule or cancel</a></p>` : '',
    '</div>',
  ].join('\n');
}

/** Text as HTML, its web addresses as links. */
const linked = (text: string): string => text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/)
  .map((part, i) => (i % 2 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part))).join('');
