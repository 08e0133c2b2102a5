import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, clock, dayAndTime, dayOf, longDay, monthName, sameClock, sameDayIn, weekday, weeksOf, zonesByRegion } from '../../addin/scheduler/dates.ts';
import { addressOf, fieldLabel, nearest, wishesOf } from '../../addin/scheduler/page.ts';

describe('the booking page\'s calendar', () => {
  it('has whole weeks from Monday, each day of the month once', () => {
    fc.assert(fc.property(fc.integer({ min: 2020, max: 2040 }), fc.integer({ min: 1, max: 12 }), (year, number) => {
      const month = `${year}-${String(number).padStart(2, '0')}`;
      const weeks = weeksOf(month);
      const days = weeks.flat().filter((d) => d !== null);
      expect(weeks.every((week) => week.length === 7)).toBe(true);
      expect(days).toHaveLength(new Date(Date.UTC(year, number, 0)).getUTCDate());
      expect(days[0]).toBe(`${month}-01`);
      for (const week of weeks) for (const [at, day] of week.entries()) if (day) expect(weekday(day)).toBe(at);
    }));
  });

  it('steps over the ends of months and years', () => {
    expect([addDays('2026-12-31', 1), addDays('2028-03-01', -1), addMonths('2026-12', 1), addMonths('2026-01', -1)]).toEqual(['2027-01-01', '2028-02-29', '2027-01', '2025-12']);
    expect([sameDayIn('2026-01-31', '2026-02'), sameDayIn('2026-01-15', '2026-02')]).toEqual(['2026-02-28', '2026-02-15']);
  });

  it('shows an instant as the zone\'s day and clock', () => {
    const instant = '2026-11-24T23:30:00Z';
    expect([dayOf(instant, 'Europe/Berlin'), dayOf(instant, 'America/New_York')]).toEqual(['2026-11-25', '2026-11-24']);
    expect([clock(instant, 'Europe/Berlin', false), clock(instant, 'America/New_York', true)]).toEqual(['00:30', '6:30 pm']);
    expect(dayAndTime(instant, 'Europe/Berlin', false)).toBe('Wed 25 Nov, 00:30');
    expect([longDay('2026-11-24'), monthName('2026-11')]).toEqual(['Tuesday 24 November', 'November 2026']);
    expect(sameClock(instant, 'Europe/Berlin', 'Europe/Paris')).toBe(true);
    expect(sameClock(instant, 'Europe/Berlin', 'Europe/London')).toBe(false);
  });

  it('lists zones under the names that people know, the asked ones among them', () => {
    const zones = zonesByRegion('Europe/Berlin', 'Asia/Calcutta').flatMap(([, list]) => list);
    expect(zones).toEqual(expect.arrayContaining(['Europe/Berlin', 'Asia/Kolkata', 'UTC']));
    expect(zones).not.toContain('Asia/Calcutta');
    expect(new Set(zones).size).toBe(zones.length);
  });
});

describe('the booking page\'s address', () => {
  it('names the page, and what the link wishes for', () => {
    expect(addressOf('/book/a%20b/product-call')).toEqual({ aurinkoClientId: 'a b', name: 'product-call' });
    expect(wishesOf({ search: '?start=2026-11-24T10:00:00%2B01:00&zone=Asia/Tokyo&hold=h&name=G', hash: '' })).toMatchObject({ start: '2026-11-24T09:00:00.000Z', zone: 'Asia/Tokyo', hold: 'h', name: 'G', reservation: undefined });
    expect(wishesOf({ search: '?start=nonsense&date=x&zone=Mars', hash: '#reservation=t%2B1' })).toMatchObject({ start: undefined, date: undefined, reservation: 't+1' });
  });

  it('turns variable names into labels', () => {
    expect(['company', 'companyName', 'company_name', 'VAT.id'].map(fieldLabel)).toEqual(['Company', 'Company name', 'Company name', 'Vat id']);
  });

  it('offers the three nearest times in their order', () => {
    const slots = ['07:00', '09:00', '10:30', '12:00', '13:00'].map((t) => ({ start: `2026-11-24T${t}:00.000Z`, end: '' }));
    expect(nearest(slots, '2026-11-24T10:00:00.000Z').map((s) => s.start.slice(11, 16))).toEqual(['09:00', '10:30', '12:00']);
  });
});
