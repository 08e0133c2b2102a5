import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { hostile } from '../support/hostile.ts';
import { addressesIn, leaves, readBytes, type BytePart } from '../support/mail-bytes.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const DAY = 86_400_000;
/** Variables that an object has without anybody having given them a value, beside honest ones. */
const SUBJECT = 'Call {{name}}: {{topic}} {{__proto__}}{{constructor}}{{toString}}';
const DESCRIPTION = 'Notes: {{notes}}\n{{hasOwnProperty}}{{valueOf}}';
const HEADERS = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type', 'content-transfer-encoding', 'auto-submitted', 'x-auto-response-suppress', 'received', 'return-path', 'authentication-results', 'reply-to'];
const ELEMENTS = ['div', 'p', 'b', 'br', 'a', '#text'];

let app: TestApp;
let sink: SmtpSink;
let token: string;
let email: string;
let profile: { id: number; name: string };
let visitors = 0;

beforeAll(async () => {
  sink = await startSmtpSink();
  app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url } });
  const host = await app.account({ name: 'Ada Host', timezone: 'UTC' });
  [token, email] = [host.token, host.account.email];
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const workHours = { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '00:00:00', end: '23:30:00' }] })) };
  const made = await app.call('POST', '/v1/book/account/profiles', { as: token, body: { name: 'hostile', durationMinutes: 5, availabilityStep: 5, subject: SUBJECT, description: DESCRIPTION, workHours } });
  expect(made.status).toBe(200);
  profile = made.body;
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const freeTimes = async (): Promise<{ start: string; end: string }[]> =>
  (await app.call('GET', `/v1/book/test-client/${profile.name}/meeting`, { query: { fromDate: new Date(app.clock.now().getTime() + 2 * DAY).toISOString().slice(0, 10) } })).body.items;

/** The calendar file in a message: content lines, unfolded, by the letter of RFC 5545, 3.1. */
function calendarLines(text: string): string[] {
  for (const line of text.split('\r\n')) {
    expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);
    // eslint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f]/);
  }
  return text.replace(/\r\n[ \t]/g, '').split('\r\n').filter(Boolean);
}

const bodyOf = (part: BytePart): string => {
  const encoding = part.headers.find((h) => h.name === 'content-transfer-encoding')?.value.toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString();
  if (encoding !== 'quoted-printable') return part.body;
  return Buffer.from(part.body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString();
};

interface Node { readonly nodeName: string; readonly attrs?: readonly { readonly name: string; readonly value: string }[]; readonly childNodes?: readonly Node[] }
const nodesOf = (node: Node): Node[] => [node, ...(node.childNodes ?? []).flatMap(nodesOf)];

/** Everything in a message of a booking is what we put there, and of the kind that we put there. */
function expectOwnShape(raw: string, to: string): { calendar: string[]; html: string; text: string } {
  const read = readBytes(raw);
  const names = read.headers.map((h) => h.name);
  expect(names.filter((name) => !HEADERS.includes(name))).toEqual([]);
  for (const name of ['from', 'to', 'subject', 'date', 'message-id']) expect(names.filter((n) => n === name)).toHaveLength(1);
  const value = (name: string): string => read.headers.find((h) => h.name === name)!.value;
  expect(addressesIn(value('to'))).toEqual([to]);
  expect(addressesIn(value('from'))).toEqual([email]);
  let [html, text, calendar] = ['', '', [] as string[]];
  for (const part of leaves(read)) {
    const type = /^[\w/]+/.exec(part.headers.find((h) => h.name === 'content-type')!.value)![0];
    if (type === 'text/html') {
      html = bodyOf(part);
      for (const node of nodesOf(parseFragment(html) as unknown as Node).slice(1)) {
        expect(ELEMENTS).toContain(node.nodeName);
        for (const { name, value: set } of node.attrs ?? []) {
          expect(['style', 'href']).toContain(name);
          if (name === 'href') expect(set).toMatch(/^https?:\/\//);
        }
      }
    } else if (type === 'text/calendar') {
      calendar = calendarLines(bodyOf(part));
    } else if (type === 'text/plain') text = bodyOf(part);
    else expect(type).toBe('application/ics');
  }
  if (calendar.length) {
    const properties = calendar.map((line) => /^[A-Z-]+/.exec(line)?.[0]);
    for (const one of ['BEGIN', 'END']) expect(properties.filter((p) => p === one)).toHaveLength(2);
    for (const one of ['METHOD', 'UID', 'DTSTART', 'DTEND', 'ORGANIZER', 'ATTENDEE', 'SUMMARY', 'STATUS']) expect(properties.filter((p) => p === one), one).toHaveLength(1);
    expect(properties.filter((p) => !['BEGIN', 'END', 'VERSION', 'PRODID', 'METHOD', 'UID', 'SEQUENCE', 'DTSTAMP', 'DTSTART', 'DTEND', 'SUMMARY', 'DESCRIPTION', 'LOCATION', 'ORGANIZER', 'ATTENDEE', 'STATUS', 'TRANSP', 'X-MICROSOFT-CDO-BUSYSTATUS', 'NAME', 'X-WR-CALNAME'].includes(p ?? ''))).toEqual([]);
    expect(calendar.find((line) => line.startsWith('ATTENDEE'))!.toLowerCase().endsWith(`:mailto:${to}`)).toBe(true);
  }
  return { calendar, html, text };
}

const values = fc.record({ name: hostile, topic: hostile, notes: hostile, odd: hostile });
/** Written as JSON text: in an object literal `__proto__` would be no key. */
const bodyFor = (time: unknown, v: { name: string; topic: string; notes: string; odd: string }, to: string): string => {
  const field = (name: string, value: string): string => `${JSON.stringify(name)}:${JSON.stringify(value.slice(0, 2000))}`;
  const given = [field('topic', v.topic), field('notes', v.notes), field('__proto__', v.odd), field('constructor', v.odd), field('prototype', v.odd), field('email', 'evil@x.test'), field('rescheduleToken', v.odd), field('openMeetingUrl', 'https://evil.test/')].join(',');
  return `{"time":${JSON.stringify(time)},"name":${JSON.stringify(v.name.slice(0, 200))},"email":"${to}","substitutionData":{${given}}}`;
};

describe('whatever a visitor writes into a booking', () => {
  it('mail to an address that nobody has proven says nothing of it, and the host\'s has the headers, recipients and text that it was meant to have', async () => {
    const times = await freeTimes();
    let went = 0;
    await fc.assert(fc.asyncProperty(values, async (v) => {
      sink.taken.length = 0;
      const to = `v${++visitors}@away.example`;
      const answer = await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: bodyFor(times.shift(), v, to) });
      expect([200, 400], JSON.stringify(answer.body)).toContain(answer.status);
      await app.drain();
      if (answer.status === 400) {
        expect(sink.taken).toEqual([]);
        return;
      }
      went++;
      expect(sink.taken.map((t) => [t.from, t.to])).toEqual([['', to]]);
      const told = expectOwnShape(sink.taken[0]!.data, to);
      // Nothing in the fixed text depends on the visitor: two bookings differ in nothing but time and ids.
      expect(told.calendar.find((line) => line.startsWith('SUMMARY'))).toBe('SUMMARY:Hostile');
      expect(told.html).not.toMatch(/evil|alert\(|Notes:/);

      const [newest] = (await app.call('GET', '/v1/email/messages', { as: token, query: { limit: 1 } })).body.records;
      const raw = await fetch(`${app.url}/v1/email/messages/${newest.id}/raw`, { headers: { authorization: `Bearer ${token}` } });
      const { text } = expectOwnShape(Buffer.from(await raw.arrayBuffer()).toString('latin1'), email);
      expect(text).toContain(to);
      // The host reads lines that are ours; the visitor's are one line in them.
      expect(text.split(/\r?\n/).length).toBeLessThanOrEqual(9);
      expect(text).not.toContain('[object');
      expect(text).not.toContain('native code');
    }), { numRuns: 25 });
    expect(went).toBeGreaterThan(8);
    expect(({} as Record<string, unknown>).odd).toBeUndefined();
  }, 120_000);

  it('an invitation by the host\'s own client carries it as text: in HTML, in the calendar and in the subject', async () => {
    const times = await freeTimes();
    let went = 0;
    await fc.assert(fc.asyncProperty(values, async (v) => {
      sink.taken.length = 0;
      const to = `w${++visitors}@away.example`;
      const answer = await app.call('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { as: token, body: bodyFor(times.shift(), v, to) });
      expect([200, 400], JSON.stringify(answer.body)).toContain(answer.status);
      await app.drain();
      if (answer.status === 400) {
        expect(sink.taken).toEqual([]);
        return;
      }
      went++;
      expect(sink.taken.map((t) => t.to)).toEqual([to]);
      const { calendar, html } = expectOwnShape(sink.taken[0]!.data, to);
      // A value is filled in once: what reads like a variable in it stays what it is.
      for (const text of [html, calendar.join('\n')]) {
        expect(text).not.toContain('[object');
        expect(text).not.toContain('native code');
      }
      if (v.notes === '{{name}}') expect(html).toContain('Notes: {{name}}');
    }), { numRuns: 40, examples: [[{ name: 'Grace', topic: '{{email}}', notes: '{{name}}', odd: '{{name}}' }]] });
    expect(went).toBeGreaterThan(8);
  }, 120_000);

  it('is refused where it is without bounds', async () => {
    const [time] = await freeTimes();
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, 'x']));
    expect((await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'x', substitutionData: many } })).body).toMatchObject({ code: 'request.invalid', field: 'substitutionData' });
    expect((await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'x', substitutionData: { a: 'x'.repeat(2001) } } })).status).toBe(400);
  });

  it('cannot turn its words around in the host\'s inbox: marks of direction are left out', async () => {
    const [time] = await freeTimes();
    await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time, name: 'Bea \u202etxt.exe\u2066', email: 'bidi@away.example', substitutionData: { topic: '\u202dx', notes: 'y' } } });
    await app.drain();
    const [newest] = (await app.call('GET', '/v1/email/messages', { as: token, query: { limit: 1 } })).body.records;
    expect(newest.subject).toBe('New booking: Call Bea txt.exe: x');
  });
});
