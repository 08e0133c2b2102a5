import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meetingCalendar, readMeetingReply } from '../../server/lib/ical.ts';

const meeting = {
  uid: '1@hosted.test', sequence: 2, start: new Date('2026-11-24T09:00:00Z'), end: new Date('2026-11-24T09:30:00Z'), summary: 'Call', description: 'Notes', location: 'Room',
  organizer: { name: 'Ada', address: 'ada@hosted.test' }, attendees: [{ name: 'Grace', address: 'grace@hosted.test' }], cancelled: false, stamp: new Date('2026-11-20T00:00:00Z'),
};

/** Lines as RFC 5545 section 3.1 reads them: folds joined, each split into name and rest. */
const lines = (text: string): string[] => text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/).filter(Boolean);
const names = (text: string): string[] => lines(text).map((line) => /^[A-Z-]+/.exec(line)?.[0] ?? line);

describe('an iCalendar meeting', () => {
  it('is an invitation that names its UID, version, times in UTC, organizer and attendee', () => {
    const text = meetingCalendar('REQUEST', meeting);
    expect(lines(text)).toEqual(expect.arrayContaining(['METHOD:REQUEST', 'UID:1@hosted.test', 'SEQUENCE:2', 'DTSTART:20261124T090000Z', 'DTEND:20261124T093000Z', 'SUMMARY:Call', 'STATUS:CONFIRMED']));
    expect(text).toMatch(/ORGANIZER;CN="Ada":mailto:ada@hosted\.test/i);
    expect(lines(text).find((l) => l.startsWith('ATTENDEE'))).toMatch(/RSVP=TRUE.*CN="Grace":mailto:grace@hosted\.test/i);
  });

  it('says that it is cancelled', () => {
    expect(lines(meetingCalendar('CANCEL', { ...meeting, cancelled: true }))).toEqual(expect.arrayContaining(['METHOD:CANCEL', 'STATUS:CANCELLED']));
  });

  it('keeps whatever its texts hold inside their properties', () => {
    const plain = names(meetingCalendar('REQUEST', meeting));
    const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\r\nATTENDEE:mailto:evil@x.test', 'x\nEND:VEVENT\nBEGIN:VEVENT', '";X=y:mailto:evil@x.test', 'a\\nb;c,d', 'x\u2028ORGANIZER:y', 'a\rMETHOD:CANCEL', '^n^\''));
    fc.assert(fc.property(hostile, hostile, hostile, hostile, (summary, description, location, name) => {
      const text = meetingCalendar('REQUEST', { ...meeting, summary: `s${summary}`, description: `d${description}`, location: `l${location}`, organizer: { ...meeting.organizer, name }, attendees: [{ ...meeting.attendees[0]!, name }] });
      expect(names(text)).toEqual(plain);
      expect(lines(text).filter((line) => /^(ATTENDEE|ORGANIZER)/.test(line)).map((line) => line.slice(line.toLowerCase().lastIndexOf(':mailto:')).toLowerCase())).toEqual([':mailto:ada@hosted.test', ':mailto:grace@hosted.test']);
    }), { numRuns: 300 });
  });
});

describe('an answer', () => {
  const reply = (...more: string[]): string => ['BEGIN:VCALENDAR', 'METHOD:REPLY', 'BEGIN:VEVENT', 'UID:1@hosted.test', 'SEQUENCE:2', ...more, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');

  it('is read with its folds, parameters and either case', () => {
    expect(readMeetingReply(reply('ATTENDEE;CN="G: H";PARTSTAT=ACC', ' EPTED:MAILTO:Grace@Hosted.test'))).toEqual({ uid: '1@hosted.test', sequence: 2, attendee: 'grace@hosted.test', response: 'accepted' });
  });

  it('is none without one attendee, a known answer and the method', () => {
    expect(readMeetingReply(reply())).toBeUndefined();
    expect(readMeetingReply(reply('ATTENDEE;PARTSTAT=DELEGATED:mailto:a@b.test'))).toBeUndefined();
    expect(readMeetingReply(reply('ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.test', 'ATTENDEE;PARTSTAT=DECLINED:mailto:c@d.test'))).toBeUndefined();
    expect(readMeetingReply(meetingCalendar('REQUEST', meeting))).toBeUndefined();
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => { readMeetingReply(text); }));
  });
});
