import { Temporal } from 'temporal-polyfill';

/**
 * Wall time and instants of one zone, fast enough to be asked thousands of times a second: offsets are
 * looked up once for each UTC day of a zone and kept. Instants are milliseconds since 1970; a wall time
 * is written in the same unit, as if it were UTC.
 */
const DAY = 86_400_000;
const MOST_DAYS = 20_000;

/** From `from` until `to` (exclusive) the zone's clocks show `instant + offset`. */
export interface OffsetSpan {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

interface DayOffsets {
  readonly before: number;
  readonly after: number;
  /** The first instant with `after`; the day's start where nothing changes. */
  readonly at: number;
}

const daysByZone = new Map<string, Map<number, DayOffsets>>();

/** True for a name that the time zone database knows; `Europe/Berlin`, not `+01:00`. */
export function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The spans that cover [from, to), in order and without a gap. */
export function offsetSpans(zone: string, from: number, to: number): OffsetSpan[] {
  let days = daysByZone.get(zone);
  if (!days || days.size > MOST_DAYS) daysByZone.set(zone, days = new Map());
  const spans: { from: number; to: number; offset: number }[] = [];
  const add = (start: number, end: number, offset: number): void => {
    const last = spans.at(-1);
    if (start >= end) return;
    if (last?.offset === offset) last.to = end;
    else spans.push({ from: start, to: end, offset });
  };
  for (let day = Math.floor(from / DAY); day * DAY < to; day++) {
    let offsets = days.get(day);
    if (!offsets) days.set(day, offsets = lookUp(zone, day));
    add(day * DAY, offsets.at, offsets.before);
    add(offsets.at, (day + 1) * DAY, offsets.after);
  }
  return spans;
}

/**
 * The first instant at which the zone's clocks show `wall` or later. In the hour that a spring change
 * leaves out that is the change itself; in the hour that an autumn change repeats, its first passing.
 */
export function firstInstant(spans: readonly OffsetSpan[], wall: number): number {
  for (const span of spans) {
    const instant = Math.max(span.from, wall - span.offset);
    if (instant < span.to) return instant;
  }
  return spans.at(-1)?.to ?? wall;
}

/** The offset of a zone at an instant, in milliseconds. */
export function offsetAt(zone: string, instant: number): number {
  return offsetSpans(zone, instant, instant + 1).find((span) => instant < span.to)!.offset;
}

function lookUp(zone: string, day: number): DayOffsets {
  const start = day * DAY;
  const before = offsetNow(zone, start);
  const after = offsetNow(zone, start + DAY);
  if (before === after) return { before, after, at: start };
  // Changes fall on whole minutes in every zone of this century.
  let low = start / 60_000;
  let high = (start + DAY) / 60_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetNow(zone, middle * 60_000) === before) low = middle;
    else high = middle;
  }
  return { before, after, at: high * 60_000 };
}

const offsetNow = (zone: string, instant: number): number =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
