import { useEffect, useState } from 'react';
import type { CalendarEvent, MailboxApi } from './api.ts';
import { longTime } from './text.ts';
import { sentence } from './use-mailbox.ts';

/** What is booked, as a plain list: a glimpse, not a calendar. `round` grows when something was booked. */
export function Calendar({ api, now, round }: { api: MailboxApi; now: Date; round: number }) {
  const [events, setEvents] = useState<readonly CalendarEvent[]>();
  const [problem, setProblem] = useState<string>();
  const from = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  useEffect(() => {
    let current = true;
    api.events(new Date(from)).then((all) => current && setEvents(all), (error: unknown) => current && setProblem(sentence(error)));
    return () => {
      current = false;
    };
  }, [api, from, round]);
  return (
    <section className="calendar" aria-label="Calendar">
      <h2>Calendar</h2>
      {problem && <p className="note" role="alert">{problem}</p>}
      {events?.length === 0 && <p className="note">Nothing booked in the next two months. Send somebody a booking link.</p>}
      <ul>
        {events?.map((event) => (
          <li key={event.id}>
            <time dateTime={event.start}>{longTime(new Date(event.start))}</time>
            <b>{event.title || '(no title)'}</b>
            <span className="faint">{[event.where, event.attendees.join(', ')].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
