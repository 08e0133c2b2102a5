import { isZone } from './zone.ts';
import type { Hours, Interval } from './slots.ts';

/** The contract's WeekWorkSchedule, structurally, so that lib needs no feature. */
export interface WeekSchedule {
  readonly daySchedules?: readonly { readonly dayOfWeek?: string | undefined; readonly workingIntervals?: readonly WallInterval[] | undefined }[] | undefined;
  readonly timezone?: string | undefined;
}

export interface WallInterval {
  /** `HH:MM:SS`; the end may be `24:00:00`. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const DAY_MS = 86_400_000;

/** Monday to Friday, 9 to 17. */
export const officeHours = (timezone: string): { timezone: string; daySchedules: { dayOfWeek: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday'; workingIntervals: { start: string; end: string }[] }[] } => ({
  timezone,
  daySchedules: (['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const)
    .map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '09:00:00', end: '17:00:00' }] })),
});

/** Seven lists, Monday first; a day that the schedule does not name is free of work. */
export function weekOf(schedule: WeekSchedule): Hours[] {
  return DAYS.map((day) => (schedule.daySchedules ?? []).filter((d) => d.dayOfWeek === day).flatMap((d) => hoursOf(d.workingIntervals ?? [])));
}

export const hoursOf = (intervals: readonly WallInterval[]): Hours =>
  intervals.map(({ start = '00:00:00', end = '24:00:00' }): Interval => ({ start: clockTime(start), end: clockTime(end) }));

/** What is wrong with a schedule, with the path of the value; undefined where nothing is. */
export function scheduleProblem(schedule: WeekSchedule): { path: string; problem: string } | undefined {
  if (schedule.timezone !== undefined && !isZone(schedule.timezone)) {
    return { path: 'timezone', problem: 'not a time zone; use an IANA name such as Europe/Berlin.' };
  }
  for (const [d, day] of (schedule.daySchedules ?? []).entries()) {
    if (!day.dayOfWeek) return { path: `daySchedules[${d}].dayOfWeek`, problem: `missing; one of ${DAYS.join(', ')}.` };
    const wrong = intervalProblem(day.workingIntervals ?? []);
    if (wrong) return { path: `daySchedules[${d}].workingIntervals${wrong.path}`, problem: wrong.problem };
  }
  return undefined;
}

export function intervalProblem(intervals: readonly WallInterval[]): { path: string; problem: string } | undefined {
  for (const [i, { start, end }] of intervals.entries()) {
    for (const [name, text] of [['start', start], ['end', end]] as const) {
      if (text !== undefined && !/^(([01]\d|2[0-3]):[0-5]\d:[0-5]\d|24:00:00)$/.test(text)) return { path: `[${i}].${name}`, problem: 'not a time of day; from 00:00:00 to 24:00:00.' };
    }
    const [hours] = hoursOf([{ start, end }]);
    if (hours!.start >= hours!.end) return { path: `[${i}].end`, problem: 'must be later than start.' };
  }
  return undefined;
}

/** 23:59:59 is how clients without 24:00:00 write the end of the day. */
function clockTime(text: string): number {
  const [h = 0, m = 0, s = 0] = text.split(':').map(Number);
  const ms = ((h * 60 + m) * 60 + s) * 1000;
  return ms === DAY_MS - 1000 ? DAY_MS : ms;
}
