import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { isWorking, jitterMinutes, localDate, nextWorking, nextWorkingDay, OFFICE_DAYS, planStep, type WorkingTime } from '../../server/lib/working-time.ts';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Santiago', 'Asia/Kolkata', 'UTC'];
const at = (text: string): number => Temporal.ZonedDateTime.from(text).epochMilliseconds;
const show = (ms: number, zone: string): string => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toString({ smallestUnit: 'minute', timeZoneName: 'never', offset: 'auto' });
const office = (zone: string): WorkingTime => ({ zone, days: OFFICE_DAYS });
const berlin = office('Europe/Berlin');
const minuteOfDay = (ms: number, zone: string): number => {
  const z = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  return z.hour * 60 + z.minute;
};

describe('working time', () => {
  it('begins a step on the day that is so many working days later, within half an hour of the start of work', () => {
    const thursday = at('2026-11-19T13:39[Europe/Berlin]');
    const planned = planStep({ from: thursday, days: 3, workingDays: true, seed: 'x' }, berlin);
    expect(localDate(planned, berlin.zone)).toBe('2026-11-24');
    expect(minuteOfDay(planned, berlin.zone)).toBeGreaterThanOrEqual(9 * 60);
    expect(minuteOfDay(planned, berlin.zone)).toBeLessThan(9 * 60 + 30);
  });

  it('counts calendar days where not told otherwise, and moves a weekend to Monday', () => {
    const thursday = at('2026-11-19T13:39[Europe/Berlin]');
    expect(localDate(planStep({ from: thursday, days: 1, workingDays: false, seed: 'x' }, berlin), berlin.zone)).toBe('2026-11-20');
    expect(localDate(planStep({ from: thursday, days: 2, workingDays: false, seed: 'x' }, berlin), berlin.zone)).toBe('2026-11-23');
  });

  it('takes zero days as now, where it is working time, and as the next morning else', () => {
    const working = at('2026-11-19T13:39[Europe/Berlin]');
    expect(planStep({ from: working, days: 0, workingDays: false, seed: 'x' }, berlin)).toBe(working);
    const evening = at('2026-11-19T21:00[Europe/Berlin]');
    expect(localDate(planStep({ from: evening, days: 0, workingDays: false, seed: 'x' }, berlin), berlin.zone)).toBe('2026-11-20');
  });

  it('keeps nine o\'clock on the wall when the clocks change between the two days', () => {
    const beforeSpring = at('2026-03-27T10:00[Europe/Berlin]');
    const planned = planStep({ from: beforeSpring, days: 3, workingDays: false, seed: 'x' }, berlin);
    expect(show(planned, berlin.zone)).toMatch(/^2026-03-30T09:\d\d\+02:00$/);
    const beforeAutumn = at('2026-10-23T10:00[Europe/Berlin]');
    expect(show(planStep({ from: beforeAutumn, days: 3, workingDays: false, seed: 'x' }, berlin), berlin.zone)).toMatch(/^2026-10-26T09:\d\d\+01:00$/);
  });

  it('passes over working time that a change of the clocks swallowed', () => {
    const night: WorkingTime = { zone: 'Europe/Berlin', days: { 7: [{ start: 120, end: 180 }] } };
    expect(show(nextWorking(at('2026-03-29T00:30[Europe/Berlin]'), night), night.zone)).toBe('2026-04-05T02:00+02:00');
  });

  it('gives the instant back where a schedule has no working time at all', () => {
    const never: WorkingTime = { zone: 'UTC', days: {} };
    expect(nextWorking(1000, never)).toBe(1000);
    expect(planStep({ from: 0, days: 2, workingDays: true, seed: 'x' }, never)).toBe(2 * 86_400_000);
  });

  const schedule = fc.record({
    zone: fc.constantFrom(...ZONES),
    days: fc.array(fc.record({ day: fc.integer({ min: 1, max: 7 }), start: fc.integer({ min: 0, max: 1380 }), length: fc.integer({ min: 60, max: 600 }) }), { minLength: 1, maxLength: 5 })
      .map((list) => Object.fromEntries(list.map(({ day, start, length }) => [day, [{ start, end: Math.min(1440, start + length) }]]))),
  });
  const instant = fc.integer({ min: at('2025-01-01T00:00[UTC]'), max: at('2029-01-01T00:00[UTC]') });

  it('plans every step into working time, not before its day and never backwards, in every zone and over every change of the clocks', () => {
    fc.assert(fc.property(schedule, instant, fc.integer({ min: 0, max: 30 }), fc.boolean(), fc.string(), (time, from, days, workingDays, seed) => {
      const planned = planStep({ from, days, workingDays, seed }, time);
      expect(isWorking(planned, time)).toBe(true);
      expect(planned).toBeGreaterThanOrEqual(from);
      const counted = Temporal.PlainDate.from(localDate(from, time.zone)).until(localDate(planned, time.zone)).days;
      expect(counted).toBeGreaterThanOrEqual(days);
      expect(planStep({ from, days, workingDays, seed }, time)).toBe(planned);
    }), { numRuns: 500 });
  });

  it('agrees with a minute-by-minute walk on where working time begins', () => {
    fc.assert(fc.property(fc.constantFrom(...ZONES), instant, (zone, from) => {
      const time = office(zone);
      const minute = Math.ceil(from / 60_000) * 60_000;
      let slow = minute;
      while (!officeByTheWall(slow, zone)) slow += 60_000;
      expect(nextWorking(minute, time)).toBe(slow);
    }), { numRuns: 60 });
  });

  it('puts the next working day on a later date', () => {
    fc.assert(fc.property(schedule, instant, (time, from) => {
      const next = nextWorkingDay(from, time, 's');
      expect(localDate(next, time.zone) > localDate(from, time.zone)).toBe(true);
      expect(isWorking(next, time)).toBe(true);
    }));
  });

  it('spreads conversations over the half hour', () => {
    const minutes = new Set(Array.from({ length: 300 }, (_, i) => jitterMinutes(`${i}:1`)));
    expect(minutes.size).toBeGreaterThan(25);
    expect([...minutes].every((m) => m >= 0 && m < 30)).toBe(true);
  });
});

function officeByTheWall(ms: number, zone: string): boolean {
  const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  return wall.dayOfWeek <= 5 && wall.hour >= 9 && wall.hour < 17;
}
