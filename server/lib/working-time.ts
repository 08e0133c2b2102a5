import { Temporal } from 'temporal-polyfill';

/**
 * Working time as pure functions: when somebody works in his own zone, and which instant some days later
 * falls into it. Instants are milliseconds since the epoch. Days are calendar days of the zone, so that a
 * change of the clocks moves nothing on the wall.
 */
export interface WorkingTime {
  /** IANA name. */
  readonly zone: string;
  /** By day of the week, 1 Monday to 7 Sunday: intervals of that day in minutes after midnight, in order. */
  readonly days: Readonly<Record<number, readonly DayInterval[]>>;
}

export interface DayInterval {
  readonly start: number;
  /** Exclusive; 1440 is the end of the day. */
  readonly end: number;
}

const OFFICE: readonly DayInterval[] = [{ start: 9 * 60, end: 17 * 60 }];
export const OFFICE_DAYS: WorkingTime['days'] = { 1: OFFICE, 2: OFFICE, 3: OFFICE, 4: OFFICE, 5: OFFICE };

const MINUTE = 60_000;
/** Steps that were moved to a day's beginning spread over this long, so that they do not leave in one second. */
const JITTER_MINUTES = 30;
/** Further than this nobody's working week repeats; a schedule without any time ends the search here. */
const SEARCH_DAYS = 14;

export interface StepPlan {
  /** The instant from which the days are counted. */
  readonly from: number;
  readonly days: number;
  /** True: only days with working time count. */
  readonly workingDays: boolean;
  /** Not before this instant. */
  readonly notBefore?: number;
  /** The same seed gives the same minutes of jitter. */
  readonly seed: string;
}

/** The day of the instant in the zone, as YYYY-MM-DD. */
export const localDate = (at: number, zone: string): string => zoned(at, zone).toPlainDate().toString();

export function isWorking(at: number, time: WorkingTime): boolean {
  return intervalsOn(zoned(at, time.zone).toPlainDate(), time).some(({ start, end }) => start <= at && at < end);
}

/** The instant itself where it is working time, else the beginning of the next; the instant where there is none at all. */
export function nextWorking(at: number, time: WorkingTime): number {
  return slotAtOrAfter(at, time)?.at ?? at;
}

/**
 * When a step goes out: `days` later by the calendar of the zone, at the beginning of that day's working
 * time and some minutes of jitter; on the next day with working time where that one has none. Zero days
 * means as soon as it is working time.
 */
export function planStep(plan: StepPlan, time: WorkingTime): number {
  const earliest = Math.max(plan.days === 0 ? plan.from : startOfDay(daysLater(zoned(plan.from, time.zone).toPlainDate(), plan.days, plan.workingDays, time), time.zone), plan.notBefore ?? -Infinity);
  return spread(earliest, time, plan.seed);
}

/** The first working time on a later day than the instant's, with jitter. */
export function nextWorkingDay(at: number, time: WorkingTime, seed: string): number {
  return spread(startOfDay(zoned(at, time.zone).toPlainDate().add({ days: 1 }), time.zone), time, seed);
}

/** Working time at or after the instant; where that is later, with jitter that stays inside the interval. */
export function spread(at: number, time: WorkingTime, seed: string): number {
  const slot = slotAtOrAfter(at, time);
  if (!slot) return at;
  if (slot.at === at) return at;
  const room = Math.max(0, Math.floor((slot.end - slot.at) / MINUTE) - 1);
  return slot.at + jitterMinutes(seed, Math.min(JITTER_MINUTES, room)) * MINUTE;
}

/** 0 to `below` - 1, decided by the seed alone (FNV-1a), so that a preview shows what will happen. */
export function jitterMinutes(seed: string, below = JITTER_MINUTES): number {
  if (below < 2) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  // FNV's low bits follow the last character closely; the fold lets all characters count.
  hash ^= hash >>> 15;
  return (hash >>> 0) % below;
}

function daysLater(from: Temporal.PlainDate, days: number, workingDays: boolean, time: WorkingTime): Temporal.PlainDate {
  if (!workingDays || !Object.values(time.days).some((d) => d.length)) return from.add({ days });
  let date = from;
  for (let left = days; left > 0;) {
    date = date.add({ days: 1 });
    if (time.days[date.dayOfWeek]?.length) left--;
  }
  return date;
}

function slotAtOrAfter(at: number, time: WorkingTime): { at: number; end: number } | undefined {
  let date = zoned(at, time.zone).toPlainDate();
  for (let i = 0; i < SEARCH_DAYS; i++) {
    for (const { start, end } of intervalsOn(date, time)) if (at < end) return { at: Math.max(at, start), end };
    date = date.add({ days: 1 });
  }
  return undefined;
}

/** The day's intervals as instants; one that a change of the clocks swallowed whole is left out. */
function intervalsOn(date: Temporal.PlainDate, time: WorkingTime): { start: number; end: number }[] {
  return (time.days[date.dayOfWeek] ?? [])
    .map(({ start, end }) => ({ start: wall(date, start, time.zone), end: wall(date, end, time.zone) }))
    .filter(({ start, end }) => start < end);
}

function wall(date: Temporal.PlainDate, minutes: number, zone: string): number {
  if (minutes >= 1440) return startOfDay(date.add({ days: 1 }), zone);
  const at = date.toPlainDateTime({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  return at.toZonedDateTime(zone).epochMilliseconds;
}

const startOfDay = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds;
const zoned = (at: number, zone: string): Temporal.ZonedDateTime => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
