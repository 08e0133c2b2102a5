import { useEffect, useSyncExternalStore, type ReactElement } from 'react';

/**
 * Whose times the pane shows: the account's zone, and the server's now. In the playground the product's
 * clock is ahead of this machine's; elsewhere the two differ by what the machine is wrong.
 */
interface TimeFrame {
  readonly zone: string | undefined;
  readonly aheadMs: number;
}

let frame: TimeFrame = { zone: undefined, aheadMs: 0 };
const watchers = new Set<() => void>();
/** The server's now, as the screen has it; moved on by a timer while a relative time is shown. */
let shownNow = Date.now();

/** All texts of the pane are English; whether a day has 12 or 24 hours follows the reader's own region. */
let formats = formatsIn(undefined);

function formatsIn(timeZone: string | undefined) {
  return {
    clock: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone }),
    day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone }),
    date: new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeZone }),
    full: new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone }),
  };
}

/** A zone that this browser does not know leaves the times in its own. */
export function showTimesIn(zone: string | undefined): void {
  if (zone === frame.zone) return;
  try {
    formats = formatsIn(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    formats = formatsIn(undefined);
  }
  change({ ...frame, zone });
}

/** How far the server's time is ahead of this machine's. */
export function setAhead(aheadMs: number): void {
  // Below a minute nothing that is shown would change.
  if (Math.abs(aheadMs - frame.aheadMs) >= 30_000) change({ ...frame, aheadMs });
}

/** The server's now in milliseconds, as far as it is known. */
export const productNow = (): number => Date.now() + frame.aheadMs;

function change(next: TimeFrame): void {
  frame = next;
  tick();
}

function tick(): void {
  shownNow = productNow();
  for (const watcher of watchers) watcher();
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

export const clockTime = (at: string): string => formats.clock.format(new Date(at));
/** "Tue 24 Nov". */
export const dayText = (at: string): string => formats.day.format(new Date(at)).replace(',', '');
/** "Tue 24 Nov, 09:10". */
export const dayTime = (at: string): string => `${dayText(at)}, ${clockTime(at)}`;

/** "just now", "3 min ago", then the clock time, then the day. */
export function agoText(at: string, now: number): string {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  if (minutes < -1) return dayTime(at);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return isSameDay(at, now) ? `at ${clockTime(at)}` : dayTime(at);
}

const isSameDay = (at: string, now: number): boolean => formats.date.format(new Date(at)) === formats.date.format(now);

export function Time({ at, form }: { readonly at: string; readonly form: 'clock' | 'day' | 'ago' }): ReactElement {
  const now = useNow(form === 'ago' ? 30_000 : null);
  const text = form === 'ago' ? agoText(at, now) : form === 'clock' && isSameDay(at, now) ? clockTime(at) : dayTime(at);
  return <time dateTime={at} title={formats.full.format(new Date(at))}>{text}</time>;
}

/** Renders again when the zone or the clock change, and every so often. */
function useNow(everyMs: number | null): number {
  const now = useSyncExternalStore(watch, () => shownNow);
  useEffect(() => {
    // Nothing may have moved it on since the last time that was shown.
    tick();
    if (everyMs === null) return;
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
