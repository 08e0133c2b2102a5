import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepContent, templateContent, variables } from '../../server/features/followup/content.ts';
import { planSequence, workingTimeOf } from '../../server/features/followup/schedule.ts';
import { isWorking, localDate, OFFICE_DAYS } from '../../server/lib/working-time.ts';
import { isZone } from '../../server/lib/zone.ts';

const account = { timezone: 'Europe/Berlin', work_hours: null };
const at = Date.parse('2026-03-25T10:00:00Z');

describe('the plan of a sequence', () => {
  it('puts every step into working time, each on a later day than the one before, whatever the intervals', () => {
    const actions = fc.array(fc.record({ intervalDays: fc.integer({ min: 0, max: 20 }) }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(actions, fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Tokyo'), fc.integer({ min: at, max: at + 4e10 }), fc.boolean(), fc.string(), (list, zone, from, working_days, seed) => {
      const time = { zone, days: OFFICE_DAYS };
      const planned = planSequence({ rule: { actions: list, working_days }, time, num: 1, from, afterDays: null, workingDays: null, seed });
      expect(planned).toHaveLength(list.length);
      const days = planned.map((p) => localDate(p, zone));
      expect([...new Set(days)].sort()).toEqual(days);
      expect(planned.every((p) => p >= from && isWorking(p, time))).toBe(true);
    }), { numRuns: 300 });
  });

  it('takes work hours as the contract writes them, several intervals a day, in their own zone', () => {
    const time = workingTimeOf({ ...account, work_hours: { timezone: 'Asia/Tokyo', daySchedules: [{ dayOfWeek: 'monday', workingIntervals: [{ start: '13:00:00', end: '17:30:00' }, { start: '08:00:00', end: '12:00:00' }] }] } }, null);
    expect(time).toEqual({ zone: 'Asia/Tokyo', days: { 1: [{ start: 480, end: 720 }, { start: 780, end: 1050 }] } });
    expect(workingTimeOf({ ...account, work_hours: time }, 'UTC').zone).toBe('UTC');
  });

  it('falls back to office hours where the week has no working time, or a sequence would never go on', () => {
    for (const work_hours of [null, {}, { daySchedules: [] }, { daySchedules: [{ dayOfWeek: 'monday', workingIntervals: [{ start: '12:00:00', end: '09:00:00' }] }] }]) {
      expect(workingTimeOf({ ...account, work_hours }, null)).toEqual({ zone: 'Europe/Berlin', days: OFFICE_DAYS });
    }
  });

  it('knows IANA zones from everything else', () => {
    expect(isZone('Europe/Berlin')).toBe(true);
    for (const wrong of ['Mars/Base', '+02:00', '', 'Europe/Berlin\u0000']) expect(isZone(wrong)).toBe(false);
  });
});

describe('what a step says', () => {
  const people = (names: Record<string, string>, targets = Object.keys(names)) => ({ targets, names, sender: { email: 'alice@a.test', name: '' }, subject: 'RE: re: Offer' });

  it('takes first names from both ways of writing a name', () => {
    expect(variables(people({ 'a@x.test': 'Jane Ann Doe' }), {}).firstName).toBe('Jane');
    expect(variables(people({ 'a@x.test': 'Doe, Jane Ann' }), {}).firstName).toBe('Jane');
    expect(variables(people({ 'a@x.test': 'Jane Doe', 'b@x.test': 'Bob' }), {})).toMatchObject({ firstName: 'Jane, Bob', name: 'Jane Doe, Bob', email: 'a@x.test, b@x.test' });
  });

  it('guesses no name from an address', () => {
    expect(variables(people({}, ['jane.doe@x.test']), {})).not.toHaveProperty('firstName');
    expect(variables(people({ 'a@x.test': 'a@x.test' }), {})).not.toHaveProperty('name');
    expect(variables(people({ 'a@x.test': 'Jane' }, ['a@x.test', 'b@x.test']), {})).not.toHaveProperty('firstName');
  });

  it('lets the client\'s own values go before, and names the sender by his address where he has no name', () => {
    expect(variables(people({ 'a@x.test': 'Jane' }), { firstName: 'Janie' })).toMatchObject({ firstName: 'Janie', senderName: 'alice@a.test', subject: 'Offer' });
  });

  it('answers with one Re:, and takes the template where a step has no text of its own', () => {
    const rule = { actions: [{}, { message: 'own' }], template_body: 'template', template_subject: null };
    expect(stepContent(rule, 1, 'RE: Re: Offer', {})).toEqual({ subject: 'Re: Offer', html: 'template', missing: [] });
    expect(stepContent(rule, 2, 'Offer', {})!.html).toBe('own');
    expect(stepContent({ ...rule, template_body: null }, 1, 'Offer', {})).toBeUndefined();
    expect(templateContent({ ...rule, template_body: null }, {})).toBeUndefined();
  });
});
