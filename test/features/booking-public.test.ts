import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw } from '../support/mail.ts';
import { decoded } from '../support/mime-text.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let app: TestApp;
let host: Awaited<ReturnType<TestApp['account']>>;
let profile: { id: number; name: string };
let path: string;
let nth = 0;

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  host = await app.account({ name: 'Ada Host', timezone: 'Europe/Berlin' });
  await newProfile({ subject: 'Product call', location: 'Video' });
});

async function newProfile(values: Record<string, unknown>): Promise<void> {
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const workHours = { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) };
  const answer = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body: { name: `public-${++nth}`, workHours, ...values } });
  expect(answer.status).toBe(200);
  profile = answer.body;
  path = `/v1/book/test-client/${profile.name}/meeting`;
}

/** From the day after tomorrow on, so that what lies next to what does not depend on the hour of the run. */
const free = async (): Promise<{ start: string; end: string }[]> =>
  (await app.call('GET', path, { query: { fromDate: new Date(app.clock.now().getTime() + 2 * DAY).toISOString().slice(0, 10) } })).body.items;
const book = (body: unknown, query: Record<string, number> = {}) => app.call('POST', path, { body, query });
const events = async () => {
  const now = app.clock.now().getTime();
  const query = { timeMin: new Date(now - DAY).toISOString(), timeMax: new Date(now + 60 * DAY).toISOString() };
  return (await app.call('GET', '/v1/calendars/primary/events/range', { as: host.token, query })).body.records;
};
const happened = async (type: string) => {
  const rows = await app.deps.db.selectFrom('outbox').select('payload').where('account_id', '=', host.account.id).where('type', '=', type).orderBy('id').execute();
  return rows.map((row) => row.payload as Record<string, unknown>);
};

describe('the public page\'s operations', () => {
  it('offer times and take a booking without any credentials', async () => {
    const page = await app.call('GET', path);
    expect(page).toMatchObject({ status: 200, body: { title: 'Product call', hostName: 'Ada Host', location: 'Video', durationMinutes: 30, timezone: 'UTC', active: true } });
    const [time] = page.body.items;
    const made = await book({ time, name: 'Grace', email: 'grace@hosted.test' });
    expect(made).toMatchObject({ status: 200, body: { created: true, rescheduleToken: expect.any(String) } });
    expect(await events()).toMatchObject([{ start: { dateTime: time.start }, meetingInfo: { attendees: [{ emailAddress: { address: 'grace@hosted.test', name: 'Grace' } }] } }]);
    expect(await happened('MeetingBooked')).toMatchObject([{ profileId: profile.id, start: time.start, attendeeEmail: 'grace@hosted.test' }]);
    expect(await happened('MailSent')).toMatchObject([{ recipients: ['grace@hosted.test'], automatic: true }, { recipients: [host.account.email], automatic: true }]);
  });

  it('tell the host by mail who booked what and when', async () => {
    const [time] = await free();
    await book({ time, name: 'Grace', email: 'grace@hosted.test' });
    await app.drain();
    const [message] = (await app.call('GET', '/v1/email/messages', { as: host.token, query: { q: 'in:inbox subject:booking' } })).body.records;
    expect(message.subject).toBe('New booking: Product call');
    const { body } = (await app.call('GET', `/v1/email/messages/${message.id}`, { as: host.token, query: { bodyType: 'text' } })).body;
    for (const fact of ['Grace', 'grace@hosted.test', 'Video', '(UTC)']) expect(body).toContain(fact);
  });

  it('find the page whatever the case of its name, and answer alike for an unknown client and name', async () => {
    expect((await app.call('GET', path.replace('public', 'PUBLIC'))).status).toBe(200);
    const unknownName = await app.call('GET', '/v1/book/test-client/nobody/meeting');
    const unknownClient = await app.call('GET', `/v1/book/other-client/${profile.name}/meeting`);
    for (const answer of [unknownName, unknownClient]) expect(answer).toMatchObject({ status: 404, body: { code: 'notFound', message: unknownName.body.message } });
  });

  it('give one time to one of 200 who want it at once: one meeting, one event, one invitation', async () => {
    const [time] = await free();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => book({ time, name: `Guest ${i}`, email: `guest${i}@hosted.test` })));
    const won = answers.filter((a) => a.status === 200);
    const lost = answers.filter((a) => a.status === 409);
    expect([won.length, lost.length]).toEqual([1, 199]);
    for (const { body } of lost) {
      expect(body).toMatchObject({ code: 'slot.taken', created: false });
      expect(body.items.length).toBeGreaterThan(0);
      expect(body.items).not.toContainEqual(time);
    }
    expect(await events()).toHaveLength(1);
    expect(await happened('MeetingBooked')).toHaveLength(1);
    expect((await happened('MailSent')).map((m) => m.recipients)).toEqual([[expect.stringMatching(/^guest/)], [host.account.email]]);
  });

  it('write nothing of the visitor into mail to an address that nobody has proven', async () => {
    await newProfile({ subject: '{{topic}} with {{name}}', description: 'About {{topic}}' });
    const [time] = await free();
    await book({ time, name: 'BUY-NOW', email: 'victim@hosted.test', substitutionData: { topic: 'http://spam.example' } });
    const [event] = await events();
    expect(event.subject).toBe('http://spam.example with BUY-NOW');
    const [sent] = await happened('MailSent');
    expect(sent!.subject).not.toMatch(/spam|BUY-NOW/);
    const raw = await app.call('GET', `/v1/email/messages/${String(sent!.messageId)}/raw`, { as: host.token });
    expect(raw.status).toBe(200);
    expect(decoded(raw.body)).toMatch(/METHOD:REQUEST/);
    expect(decoded(raw.body)).not.toMatch(/spam\.example|BUY-NOW/);
  });

  it('let nobody book in another\'s name without end: ten a day for one address', async () => {
    const times = await free();
    const answers = [];
    for (let i = 0; i < 11; i++) answers.push(await book({ time: times[i], email: i % 2 ? 'pestered@hosted.test' : 'Pestered@hosted.test' }));
    expect(answers.map((a) => a.status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(answers[10]!.headers.get('retry-after')).toBeTruthy();
    expect(await events()).toHaveLength(10);
    expect((await book({ time: times[14], email: 'another@hosted.test' })).status).toBe(200);
  });

  it('hold a time for fifteen minutes at most, and only a few at once', async () => {
    const times = await free();
    expect(await book({ time: times[0] }, { reserveForMinutes: 16 })).toMatchObject({ status: 400, body: { field: 'reserveForMinutes' } });
    const held = [];
    for (let i = 0; i < 6; i++) held.push((await book({ time: times[i] }, { reserveForMinutes: 15 })).status);
    expect(held).toEqual([200, 200, 200, 200, 200, 429]);
    app.clock.advance(15 * MINUTE);
    expect(await free()).toContainEqual(times[5]);
    expect((await book({ time: times[5] }, { reserveForMinutes: 15 })).status).toBe(200);
  });

  it('turn the host\'s hold into the meeting for whoever has its token, and nobody else', async () => {
    const times = await free();
    const time = times[4];
    const held = await app.call('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { as: host.token, body: { time }, query: { reserveForMinutes: 600 } });
    expect((await book({ time, email: 'other@hosted.test' })).status).toBe(409);
    expect((await book({ time, email: 'other@hosted.test', reservationToken: 'guessed' })).status).toBe(409);
    const made = await book({ time, email: 'grace@hosted.test', reservationToken: held.body.rescheduleToken });
    expect(made.body).toMatchObject({ created: true, ReservationId: held.body.ReservationId });
    expect((await app.call('GET', `/v1/book/reservations/${held.body.rescheduleToken}`)).status).toBe(404);
  });

  it('take nothing while the page is off', async () => {
    const [time] = await free();
    await app.call('PATCH', `/v1/book/account/profiles/${profile.id}`, { as: host.token, body: { active: false } });
    expect((await app.call('GET', path)).body).toMatchObject({ active: false, items: [] });
    expect(await book({ time })).toMatchObject({ status: 403, body: { code: 'policy.denied' } });
  });

  it('refuse an address that is none, and a body that is no JSON', async () => {
    const [time] = await free();
    expect(await book({ time, email: 'no address' })).toMatchObject({ status: 400, body: { field: 'email' } });
    expect((await app.call('POST', path, { body: '{', headers: { 'content-type': 'application/json' } })).status).toBe(400);
  });
});

describe('an answer to the invitation', () => {
  const answer = (uid: string, sequence: number, attendee: string, partstat: string, from = attendee): string => [
    `From: ${from}`, `To: ${host.account.email}`, 'Subject: Answer', `Message-ID: <answer${++nth}@elsewhere.test>`, 'MIME-Version: 1.0',
    'Content-Type: text/calendar; method=REPLY; charset=utf-8', '',
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REPLY', 'BEGIN:VEVENT', `UID:${uid}`, `SEQUENCE:${sequence}`,
    `ATTENDEE;PARTSTAT=${partstat};CN="Grace; Hopper":mailto:${attendee}`, 'END:VEVENT', 'END:VCALENDAR', '',
  ].join('\r\n');
  const response = async () => (await events())[0].meetingInfo.attendees[0].response;

  it('shows in the host\'s event, if it comes from the attendee and to this version of the meeting', async () => {
    const [time, , other] = await free();
    const guest = `guest${++nth}@elsewhere.test`;
    const { body } = await book({ time, email: guest });
    const [{ iCalUid }] = await events();
    const arrives = async (raw: string) => {
      await deliverRaw(app, host.account.email, raw, guest);
      await app.drain();
    };
    expect(await response()).toBeUndefined();
    await arrives(answer(iCalUid, 0, guest, 'DECLINED', 'rival@elsewhere.test'));
    expect(await response()).toBeUndefined();
    await arrives(answer(iCalUid, 0, guest, 'TENTATIVE'));
    expect(await response()).toBe('tentitive');
    await arrives(answer(iCalUid, 0, guest.toUpperCase(), 'ACCEPTED'));
    expect(await response()).toBe('accepted');
    await app.call('POST', `/v1/book/reservations/${body.rescheduleToken}/reschedule`, { body: { time: other } });
    expect(await response()).toBeUndefined();
    await arrives(answer(iCalUid, 0, guest, 'ACCEPTED'));
    expect(await response()).toBeUndefined();
  });
});

describe('the visitor\'s token', () => {
  const booked = async (at = 0) => {
    const time = (await free())[at]!;
    const email = `grace${++nth}@hosted.test`;
    const { body } = await book({ time, name: 'Grace', email });
    return { time, email, token: body.rescheduleToken as string, of: `/v1/book/reservations/${body.rescheduleToken}` };
  };

  it('shows the meeting and gives it as a calendar file, and changes nothing by GET', async () => {
    const { time, of } = await booked();
    expect((await app.call('GET', of)).body).toMatchObject({ status: 'confirmed', start: time.start, end: time.end, title: 'Product call', hostName: 'Ada Host', profileName: profile.name, clientId: 'test-client' });
    const file = await app.call('GET', `${of}/calendar.ics`);
    expect(file.headers.get('content-type')).toMatch(/^text\/calendar/);
    expect(file.body).toMatch(/METHOD:PUBLISH[^]*SUMMARY:Product call/);
    expect(decoded(file.body)).toContain(`/book/test-client/${profile.name}#reservation=`);
    expect(file.body).toContain(`DTSTART:${time.start.replace(/[-:]|\.000/g, '')}`);
    expect((await app.call('GET', `${of}/cancel`)).status).toBe(404);
    expect(await events()).toHaveLength(1);
  });

  it('cancels once: the event goes, the attendee and the host are told, the time is free again', async () => {
    const { time, of, email } = await booked();
    expect((await app.call('POST', `${of}/cancel`)).body).toEqual({ status: 'Ok' });
    expect((await app.call('POST', `${of}/cancel`)).body).toEqual({ status: 'Ok' });
    expect(await events()).toEqual([]);
    expect(await happened('MeetingCancelled')).toHaveLength(1);
    const mails = await happened('MailSent');
    expect(mails.map((m) => m.recipients)).toEqual([[email], [host.account.email], [email], [host.account.email]]);
    const raw = await app.call('GET', `/v1/email/messages/${String(mails[2]!.messageId)}/raw`, { as: host.token });
    expect(decoded(raw.body)).toMatch(/METHOD:CANCEL[^]*SEQUENCE:1[^]*STATUS:CANCELLED/);
    expect(await free()).toContainEqual(time);
    expect((await app.call('GET', of)).body.status).toBe('cancelled');
  });

  it('moves the meeting to a free time under the same UID with a higher sequence', async () => {
    const { time, of } = await booked();
    const [event] = await events();
    const other = (await free())[5]!;
    const moved = await app.call('POST', `${of}/reschedule`, { body: { time: other } });
    expect(moved.body).toMatchObject({ status: 'confirmed', start: other.start });
    expect(await events()).toMatchObject([{ id: event.id, iCalUid: event.iCalUid, start: { dateTime: other.start } }]);
    const now = await free();
    expect(now).toContainEqual(time);
    expect(now).not.toContainEqual(other);
    const mails = await happened('MailSent');
    const raw = await app.call('GET', `/v1/email/messages/${String(mails[2]!.messageId)}/raw`, { as: host.token });
    expect(decoded(raw.body)).toMatch(new RegExp(`UID:${event.iCalUid.slice(0, 30)}[^]*SEQUENCE:1`));
  });

  it('cannot move it onto another meeting, and may overlap its own old time', async () => {
    await newProfile({ subject: 'Long', durationMinutes: 60, availabilityStep: 30 });
    const { of } = await booked(2);
    const taken = await booked(6);
    expect(await app.call('POST', `${of}/reschedule`, { body: { time: taken.time } })).toMatchObject({ status: 409, body: { code: 'slot.taken', created: false } });
    const [event] = await events();
    const half = new Date(Date.parse(event.start.dateTime) + 30 * MINUTE).toISOString();
    expect((await app.call('POST', `${of}/reschedule`, { body: { time: { start: half } } })).status).toBe(200);
  });

  it('opens nothing when it is wrong', async () => {
    for (const [method, suffix, body] of [['GET', '', undefined], ['GET', '/calendar.ics', undefined], ['POST', '/cancel', undefined], ['POST', '/reschedule', { time: { start: '2027-01-01T10:00:00Z' } }]] as const) {
      expect((await app.call(method, `/v1/book/reservations/guessed${suffix}`, { body })).status).toBe(404);
    }
  });
});
