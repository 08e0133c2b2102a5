import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { slots, type Interval, type SlotQuery } from '../../server/lib/slots.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const dayNumber = (text: string): number => at(`${text}T00:00Z`) / DAY;
const hours = (...pairs: [number, number][]): Interval[] => pairs.map(([start, end]) => ({ start: start * HOUR, end: end * HOUR }));
const everyDay = (...pairs: [number, number][]): Interval[][] => Array.from({ length: 7 }, () => hours(...pairs));

const query = (zone: string, from: string, to: string, change: Partial<SlotQuery> = {}): SlotQuery => ({
  busy: [], workHours: everyDay([9, 17]), zone, step: 30, duration: 30, bufferAfter: 0, notice: 0,
  now: at(from), horizonStart: at(from), horizonEnd: at(to), ...change,
});

const wallTimes = (found: readonly Interval[], zone: string): string[] =>
  found.map(({ start }) => Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone).toString({ smallestUnit: 'minute', timeZoneName: 'never' }));

/** Slow and obvious: every five minutes of the horizon is looked at by itself, with Temporal's own rules. */
function obvious(q: SlotQuery): Interval[] {
  const out: Interval[] = [];
  const duration = q.duration * MINUTE;
  for (let t = Math.ceil(q.horizonStart / MINUTE) * MINUTE; t + duration <= q.horizonEnd; t += MINUTE) {
    if (t < q.now + q.notice * MINUTE || t >= (q.startsBefore ?? Infinity)) continue;
    const wall = Temporal.Instant.fromEpochMilliseconds(t).toZonedDateTimeISO(q.zone);
    const day = dayNumber(wall.toPlainDate().toString());
    const special = q.availabilityIntervals?.find((s) => s.from <= day && day <= s.to);
    const ofDay = special ? special.hours : q.workHours[wall.dayOfWeek - 1]!;
    const clock = wall.hour * HOUR + wall.minute * MINUTE;
    const fits = ofDay.some((w) => {
      if (clock < w.start || clock >= w.end || (clock - w.start) % (q.step * MINUTE) !== 0) return false;
      const past = firstReaching(wall.toPlainDate(), w.end, q.zone);
      return t >= firstReaching(wall.toPlainDate(), w.start, q.zone) && t + duration <= past;
    });
    const buffer = q.bufferAfter * MINUTE;
    const free = q.busy.every((b) => b.end <= b.start || t >= b.end + buffer || t + duration + buffer <= b.start);
    if (fits && free) out.push({ start: t, end: t + duration });
  }
  return out;
}

/** The first minute whose wall clock shows the time of that date or later, found by walking there. */
function firstReaching(date: Temporal.PlainDate, time: number, zone: string): number {
  const wanted = date.toPlainDateTime().add({ milliseconds: time });
  let t = at(`${wanted.toString()}Z`) - 16 * HOUR;
  const local = (): Temporal.PlainDateTime => Temporal.Instant.fromEpochMilliseconds(t).toZonedDateTimeISO(zone).toPlainDateTime();
  // Whole quarters first: no zone here changes its clock by less than half an hour or off the quarter.
  while (Temporal.PlainDateTime.compare(local(), wanted) < 0) t += 15 * MINUTE;
  t -= 15 * MINUTE;
  while (Temporal.PlainDateTime.compare(local(), wanted) < 0) t += MINUTE;
  return t;
}

describe('slots', () => {
  it('offers each step of the working hours in the host\'s zone', () => {
    const found = slots(query('Europe/Berlin', '2026-11-24T00:00Z', '2026-11-25T00:00Z', { step: 60, duration: 60 }));
    expect(wallTimes(found, 'Europe/Berlin')).toEqual(['09', '10', '11', '12', '13', '14', '15', '16'].map((h) => `2026-11-24T${h}:00+01:00`));
  });

  it('keeps the buffer free after what is busy and after the new meeting', () => {
    const busy = [{ start: at('2026-11-24T11:00Z'), end: at('2026-11-24T11:30Z') }];
    const found = slots(query('UTC', '2026-11-24T00:00Z', '2026-11-25T00:00Z', { workHours: everyDay([10, 13]), busy, bufferAfter: 15 }));
    expect(wallTimes(found, 'UTC').map((t) => t.slice(11, 16))).toEqual(['10:00', '12:00', '12:30']);
  });

  it('waits for the notice, and starts no meeting that the horizon would cut', () => {
    const q = query('UTC', '2026-11-24T09:10Z', '2026-11-24T11:15Z', { notice: 45 });
    expect(wallTimes(slots(q), 'UTC').map((t) => t.slice(11, 16))).toEqual(['10:00', '10:30']);
  });

  it('takes the hours of a named date instead of the week\'s, and nothing where it has none', () => {
    const special = [{ from: dayNumber('2026-11-24'), to: dayNumber('2026-11-24'), hours: hours([20, 21]) }, { from: dayNumber('2026-11-25'), to: dayNumber('2026-11-25'), hours: [] }];
    const found = slots(query('UTC', '2026-11-24T00:00Z', '2026-11-26T00:00Z', { availabilityIntervals: special, duration: 60 }));
    expect(wallTimes(found, 'UTC')).toEqual(['2026-11-24T20:00+00:00']);
  });

  it('adds up the hours of several entries for one date', () => {
    const day = dayNumber('2026-11-24');
    const special = [{ from: day, to: day, hours: hours([8, 9]) }, { from: day - 3, to: day, hours: hours([20, 21]) }];
    const found = slots(query('UTC', '2026-11-24T00:00Z', '2026-11-25T00:00Z', { availabilityIntervals: special, duration: 60, step: 60 }));
    expect(wallTimes(found, 'UTC')).toEqual(['2026-11-24T08:00+00:00', '2026-11-24T20:00+00:00']);
  });

  it('offers a time once where working intervals touch or overlap', () => {
    const found = slots(query('UTC', '2026-11-24T00:00Z', '2026-11-25T00:00Z', { workHours: everyDay([9, 11], [10, 12]), duration: 60, step: 60 }));
    expect(found).toHaveLength(3);
  });

  const changes: [zone: string, date: string, workHours: [number, number], expected: string[]][] = [
    ['Europe/Berlin', '2026-03-29', [1, 4], ['01:00+01:00', '03:00+02:00']],
    ['Europe/Berlin', '2026-10-25', [1, 4], ['01:00+02:00', '02:00+02:00', '02:00+01:00', '03:00+01:00']],
    ['America/New_York', '2026-03-08', [1, 4], ['01:00-05:00', '03:00-04:00']],
    ['America/New_York', '2026-11-01', [0, 3], ['00:00-04:00', '01:00-04:00', '01:00-05:00', '02:00-05:00']],
    // Half an hour: at 02:00 the clocks show 02:30, so the whole hour before 03:00 does not fit.
    ['Australia/Lord_Howe', '2026-10-04', [1, 4], ['01:00+10:30', '03:00+11:00']],
    // The repeated half hour holds no further full hour.
    ['Australia/Lord_Howe', '2026-04-05', [0, 3], ['00:00+11:00', '01:00+11:00', '02:00+10:30']],
    // Midnight itself is left out.
    ['America/Santiago', '2026-09-06', [0, 3], ['01:00-03:00', '02:00-03:00']],
    ['Africa/Cairo', '2026-04-24', [0, 3], ['01:00+03:00', '02:00+03:00']],
    ['Africa/Cairo', '2026-10-29', [22, 24], ['22:00+03:00', '23:00+03:00', '23:00+02:00']],
    ['Pacific/Auckland', '2026-09-27', [1, 4], ['01:00+12:00', '03:00+13:00']],
    ['Asia/Kathmandu', '2026-11-24', [9, 11], ['09:00+05:45', '10:00+05:45']],
  ];
  it.each(changes)('is right in %s on %s', (zone, date, [opens, closes], expected) => {
    const day = dayNumber(date);
    const q = query(zone, '2026-01-01T00:00Z', '2026-12-31T00:00Z', {
      workHours: everyDay(), step: 60, duration: 60, availabilityIntervals: [{ from: day, to: day, hours: hours([opens, closes]) }],
    });
    expect(wallTimes(slots(q), zone).map((t) => t.slice(11))).toEqual(expected);
    expect(slots(q)).toEqual(obvious({ ...q, horizonStart: (day - 2) * DAY, horizonEnd: (day + 3) * DAY }));
  });

  it('finds what a slow and obvious search finds, over zones, hours, changes and calendars', () => {
    const around: [string, string][] = [
      ['Europe/Berlin', '2026-03-28'], ['Europe/Berlin', '2026-10-24'], ['America/New_York', '2026-03-07'], ['America/New_York', '2026-10-31'],
      ['Australia/Lord_Howe', '2026-10-03'], ['Australia/Lord_Howe', '2026-04-04'], ['America/Santiago', '2026-09-05'], ['America/Santiago', '2026-04-04'],
      ['Africa/Cairo', '2026-04-23'], ['Africa/Cairo', '2026-10-29'], ['Pacific/Auckland', '2026-09-26'], ['Asia/Kathmandu', '2026-07-01'],
    ];
    const minutes = (max: number) => fc.integer({ min: 0, max });
    const interval = fc.tuple(minutes(288), minutes(288)).map(([a, b]) => ({ start: Math.min(a, b) * 5 * MINUTE, end: Math.max(a, b) * 5 * MINUTE }));
    // One interval a day, or two that do not touch: what overlaps is joined, which the slow search does not do.
    const day = fc.oneof(fc.tuple(interval), fc.constant([{ start: 0, end: 11 * HOUR }, { start: 13 * HOUR, end: DAY }]), fc.constant([]));
    const cases = fc.record({
      where: fc.constantFrom(...around), week: fc.array(day, { minLength: 7, maxLength: 7 }),
      step: fc.constantFrom(5, 10, 15, 20, 30, 60), duration: fc.integer({ min: 1, max: 36 }).map((n) => n * 5),
      bufferAfter: fc.constantFrom(0, 0, 5, 17), notice: minutes(600),
      busy: fc.array(fc.tuple(minutes(60 * 48), minutes(240)), { maxLength: 6 }), length: fc.integer({ min: 1, max: 48 }),
    });
    fc.assert(fc.property(cases, ({ where: [zone, date], week, busy, length, ...rest }) => {
      const start = at(`${date}T00:00Z`);
      const q: SlotQuery = {
        ...rest, zone, workHours: week, now: start, horizonStart: start, horizonEnd: start + length * HOUR,
        busy: busy.map(([from, long]) => ({ start: start + from * MINUTE, end: start + (from + long) * MINUTE })),
      };
      expect(slots(q)).toEqual(obvious(q));
    }), { numRuns: 60 });
  });
});
