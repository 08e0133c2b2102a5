import { useEffect, useState, type ReactElement } from 'react';

/** All texts of the pane are English; times follow the reader's own region. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });

export const clockTime = (at: string): string => clock.format(new Date(at));
/** "Tue 24 Nov". */
export const dayText = (at: string): string => day.format(new Date(at)).replace(',', '');
/** "Tue 24 Nov, 09:10". */
export const dayTime = (at: string): string => `${dayText(at)}, ${clockTime(at)}`;

/** "just now", "3 min ago", then the clock time, then the day. */
export function agoText(at: string, now: number): string {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  // The server's clock may be ahead of this machine's.
  if (minutes < -1) return dayTime(at);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return new Date(now).toDateString() === new Date(at).toDateString() ? `at ${clockTime(at)}` : dayTime(at);
}

export function Time({ at, form }: { readonly at: string; readonly form: 'clock' | 'day' | 'ago' }): ReactElement {
  const now = useNow(form === 'ago' ? 30_000 : null);
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  const text = form === 'ago' ? agoText(at, now) : form === 'clock' && sameDay ? clockTime(at) : dayTime(at);
  return <time dateTime={at} title={new Date(at).toLocaleString()}>{text}</time>;
}

function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
