import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { decoded } from '../support/mime-text.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let app: TestApp;
let host: Awaited<ReturnType<TestApp['account']>>;
let nth = 0;

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  host = await app.account({ name: 'Ada Host', timezone: 'Europe/Berlin' });
});

const everyDay = { timezone: 'UTC', daySchedules: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) };

async function profile(values: Record<string, unknown> = {}) {
  const answer = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body: { name: `call-${++nth}`, workHours: everyDay, ...values } });
  expect(answer.status).toBe(200);
  return answer.body;
}

async function times(id: number, query: Record<string, string | number> = {}) {
  const answer = await app.call('GET', `/v1/book/account/profiles/${id}/meeting`, { as: host.token, query });
  expect(answer.status).toBe(200);
  return answer.body;
}

const meet = (id: number, body: unknown, query: Record<string, number> = {}) =>
  app.call('POST', `/v1/book/account/profiles/${id}/meeting`, { as: host.token, body, query });

const eventsOf = async (token: string) => {
  const query = { timeMin: new Date(app.clock.now().getTime() - DAY).toISOString(), timeMax: new Date(app.clock.now().getTime() + 60 * DAY).toISOString() };
  return (await app.call('GET', '/v1/calendars/primary/events/range', { as: token, query })).body.records;
};

describe('booking profiles', () => {
  it('come back with every default that was left out', async () => {
    const created = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body: {} });
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      durationMinutes: 30, bufferBetweenMinutes: 0, availabilityStep: 30, startAfterMinutes: 60, timeAvailableFor: 'P4W', active: true,
      workHours: { timezone: 'Europe/Berlin', daySchedules: [{ dayOfWeek: 'monday', workingIntervals: [{ start: '09:00:00', end: '17:00:00' }] }, {}, {}, {}, {}] },
    });
    expect(created.body.bookingUrl).toBe(`${app.deps.config.publicUrl}/book/test-client/${created.body.name}`);
    expect((await app.call('GET', `/v1/book/account/profiles/${created.body.id}`, { as: host.token })).body).toEqual(created.body);
    expect((await app.call('GET', '/v1/book/account/workHours', { as: host.token })).body).toEqual(created.body.workHours);
  });

  it('are listed in pages, changed in parts and deleted', async () => {
    const a = await profile({ subject: 'A', context: 'mine' });
    const b = await profile();
    const page = await app.call('GET', '/v1/book/account/profiles', { as: host.token, query: { limit: 1, offset: 1 } });
    expect(page.body).toMatchObject({ offset: 1, totalSize: 2, done: true, records: [{ id: b.id }] });
    expect((await app.call('PATCH', `/v1/book/account/profiles/${a.id}`, { as: host.token, body: { durationMinutes: 45, subject: null } })).body).toEqual({ status: 'Ok' });
    expect((await app.call('GET', `/v1/book/account/profiles/${a.id}`, { as: host.token })).body).toEqual({ ...a, durationMinutes: 45 });
    expect((await app.call('DELETE', `/v1/book/account/profiles/${a.id}`, { as: host.token })).body).toEqual({ status: 'Ok' });
    expect((await app.call('GET', `/v1/book/account/profiles/${a.id}`, { as: host.token })).status).toBe(404);
  });

  it('cannot share a name within the application, whatever its case', async () => {
    const { name } = await profile();
    const other = await app.account();
    const taken = await app.call('POST', '/v1/book/account/profiles', { as: other.token, body: { name: name.toUpperCase() } });
    expect(taken).toMatchObject({ status: 409, body: { code: 'name.taken' } });
    const mine = await profile();
    expect((await app.call('PATCH', `/v1/book/account/profiles/${mine.id}`, { as: host.token, body: { name } })).status).toBe(409);
  });

  it.each([
    [{ availabilityStep: 7 }, 'availabilityStep'], [{ durationMinutes: 0 }, 'durationMinutes'], [{ timeAvailableFor: 'soon' }, 'timeAvailableFor'],
    [{ timeAvailableFor: 'P9Y' }, 'timeAvailableFor'], [{ name: 'a/b' }, 'name'], [{ startTime: '2026-01-01T10:00:00' }, 'startTime'],
    [{ workHours: { timezone: 'Mars/Base' } }, 'workHours.timezone'],
    [{ workHours: { daySchedules: [{ dayOfWeek: 'monday', workingIntervals: [{ start: '10:00:00', end: '09:00:00' }] }] } }, 'workHours.daySchedules[0].workingIntervals[0].end'],
  ])('refuse %j and name the field', async (body, field) => {
    const answer = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(answer.body.message).toContain(field);
  });

  it('are seen by nobody else, and need a calendar scope', async () => {
    const mine = await profile();
    const other = await app.account();
    const mailOnly = await app.account({ scopes: ['Mail.Read'] });
    const reader = await app.account({ scopes: ['Calendar.Read'] });
    const path = `/v1/book/account/profiles/${mine.id}`;
    for (const [method, at, body] of [['GET', path, undefined], ['PATCH', path, {}], ['DELETE', path, undefined], ['GET', `${path}/meeting`, undefined], ['POST', `${path}/meeting`, {}]] as const) {
      expect((await app.call(method, at, { as: other.token, body })).status).toBe(404);
      expect((await app.call(method, at, { body })).status).toBe(401);
      expect((await app.call(method, at, { as: mailOnly.token, body })).status).toBe(403);
    }
    expect((await app.call('GET', '/v1/book/account/profiles', { as: reader.token })).status).toBe(200);
    expect((await app.call('POST', '/v1/book/account/profiles', { as: reader.token, body: {} })).status).toBe(403);
  });
});

describe('times', () => {
  it('lie in the working hours, on the step, after the notice and before the end of the period', async () => {
    const { id } = await profile({ durationMinutes: 60, availabilityStep: 60, startAfterMinutes: 120, timeAvailableFor: 'P2D' });
    const { items, ...page } = await times(id);
    const now = app.clock.now().getTime();
    expect(items.length).toBeGreaterThan(8);
    for (const { start, end } of items) {
      const at = new Date(start);
      expect(at.getTime()).toBeGreaterThanOrEqual(now + 2 * HOUR);
      expect(new Date(end).getTime()).toBeLessThanOrEqual(now + 2 * DAY + 1000);
      expect([at.getUTCMinutes(), new Date(end).getTime() - at.getTime()]).toEqual([0, HOUR]);
      expect(at.getUTCHours()).toSatisfy((h: number) => h >= 8 && h <= 17);
    }
    expect(page).toMatchObject({ durationMinutes: 60, availabilityStep: 60, timeAvailableFor: 'P2D', timezone: 'UTC', hostName: 'Ada Host', active: true });
  });

  it('leave out what the calendar has, with the buffer behind it', async () => {
    const { id } = await profile({ bufferBetweenMinutes: 15, startAfterMinutes: 0 });
    const before: { start: string }[] = (await times(id)).items;
    const taken = before[20]!.start;
    const end = new Date(Date.parse(taken) + HOUR / 2).toISOString();
    const event = await app.call('POST', '/v1/calendars/primary/events', { as: host.token, body: { subject: 'Dentist', start: { dateTime: taken, timezone: 'Europe/Berlin' }, end: { dateTime: end } } });
    expect(event.status).toBe(201);
    const after = new Set((await times(id)).items.map((i: { start: string }) => i.start));
    const gone = before.map((i) => i.start).filter((start) => !after.has(start));
    const around = [-0.5, 0, 0.5].map((h) => new Date(Date.parse(taken) + h * HOUR).toISOString());
    expect(gone).toEqual(around.filter((start) => before.some((i) => i.start === start)));
  });

  it('end with endTime and begin now where startTime has passed', async () => {
    const past = new Date(app.clock.now().getTime() - DAY).toISOString();
    expect((await times((await profile({ endTime: past })).id)).items).toEqual([]);
    const begun = await profile({ startTime: past, startAfterMinutes: 0 });
    const { items, startTime } = await times(begun.id);
    expect(Math.abs(Date.parse(startTime) - app.clock.now().getTime())).toBeLessThan(5000);
    expect(Date.parse(items[0].start)).toBeGreaterThan(app.clock.now().getTime() - 1000);
  });

  it('come in intervals and pages that together give the whole, and refuse a mangled token', async () => {
    const { id } = await profile({ timeAvailableFor: 'P10D' });
    const whole = (await times(id)).items;
    const parts: unknown[] = [];
    for (let fromDate: string | undefined = app.clock.now().toISOString().slice(0, 10); fromDate;) {
      let page = await times(id, { fromDate, intervalLength: 'P3D', limit: 7 });
      parts.push(...page.items);
      const next: string | undefined = page.nextFromDate;
      while (page.nextPageToken) {
        expect(page.items).toHaveLength(7);
        page = await times(id, { pageToken: page.nextPageToken });
        parts.push(...page.items);
      }
      fromDate = next;
    }
    expect(parts).toEqual(whole);
    expect((await app.call('GET', `/v1/book/account/profiles/${id}/meeting`, { as: host.token, query: { pageToken: 'x.y' } }))).toMatchObject({ status: 400, body: { code: 'page.invalid' } });
  });

  it('name the fields that the texts ask for, and none that are built in', async () => {
    const { id } = await profile({ subject: '{{topic}} with {{name}}', description: 'Join {{openMeetingUrl}}, change {{rescheduleToken}}, {{ company }} {{topic}} {{email}}' });
    expect((await times(id)).additionalFields).toEqual([{ name: 'topic', type: 'string', default: '' }, { name: 'company', type: 'string', default: '' }]);
  });

  it('follow dates with hours of their own', async () => {
    const date = new Date(app.clock.now().getTime() + 3 * DAY).toISOString().slice(0, 10);
    const off = new Date(app.clock.now().getTime() + 4 * DAY).toISOString().slice(0, 10);
    const { id } = await profile({ availabilityIntervals: { intervals: [{ dateStartInclusive: date, dateEndInclusive: date, hours: [{ start: '20:00:00', end: '20:30:00' }] }, { dateStartInclusive: off, dateEndInclusive: off }] } });
    expect((await times(id, { fromDate: date, intervalLength: 'P2D' })).items.map((i: { start: string }) => i.start)).toEqual([`${date}T20:00:00.000Z`]);
  });
});

describe('meetings', () => {
  it('become an event with the texts filled in, and an invitation', async () => {
    const { id } = await profile({ subject: '{{topic}} with {{name}}', description: 'At {{openMeetingUrl}}. Token {{rescheduleToken}}.', openMeetingUrl: 'https://meet.test/x', location: 'Room 1' });
    const [slot] = (await times(id)).items;
    const guest = await app.account({ email: `guest${++nth}@hosted.test` });
    const answer = await meet(id, { time: slot, name: 'ignored', email: 'ignored@hosted.test', schedulerInfo: { name: 'Grace', email: guest.account.email }, substitutionData: { topic: 'Pricing', openMeetingUrl: 'https://evil.test' } });
    expect(answer).toMatchObject({ status: 200, body: { created: true, ReservationId: expect.any(Number) } });
    expect(answer.body.reservationId).toBe(answer.body.ReservationId);
    const [event] = await eventsOf(host.token);
    expect(event).toMatchObject({
      id: answer.body.id, subject: 'Pricing with Grace', location: 'Room 1', description: `At https://meet.test/x. Token ${answer.body.rescheduleToken}.`,
      start: { dateTime: slot.start }, organizer: { emailAddress: { address: host.account.email } },
      meetingInfo: { attendees: [{ emailAddress: { name: 'Grace', address: guest.account.email } }] },
    });
    const raw = await invitationOf(host.token);
    expect(raw).toMatch(/METHOD:REQUEST/);
    expect(raw).toContain(`UID:${event.iCalUid}`);
    expect((await times(id)).items).not.toContainEqual(slot);
  });

  it('without an e-mail have no attendee and send nothing; a field left empty leaves no gap in the title', async () => {
    const { id } = await profile({ subject: 'Call {{topic}} with {{name}}' });
    const [slot] = (await times(id)).items;
    expect((await meet(id, { time: { start: slot.start }, name: 'Grace' })).body.created).toBe(true);
    expect((await eventsOf(host.token))[0]).toMatchObject({ subject: 'Call with Grace', meetingInfo: { attendees: [] } });
    expect(await sentCount(host.token)).toBe(0);
  });

  it('cannot take a time twice: the second gets 409 with the nearest free times', async () => {
    const { id } = await profile();
    const [slot, next] = (await times(id)).items;
    await meet(id, { time: slot });
    const lost = await meet(id, { time: slot });
    expect(lost).toMatchObject({ status: 409, body: { code: 'slot.taken', created: false } });
    expect(lost.body.items).toContainEqual(next);
    expect(lost.body.items).not.toContainEqual(slot);
    // Nor over another profile of the same host.
    expect((await meet((await profile()).id, { time: slot })).status).toBe(409);
  });

  it('cannot overlap for one host even where no code looks: the database refuses it', async () => {
    const { id } = await profile();
    const other = await app.account();
    const write = (accountId: number, from: string, to: string, status: 'confirmed' | 'cancelled') => app.deps.db.insertInto('booking_reservations').values({
      profile_id: id, account_id: accountId, status, starts_at: new Date(from), ends_at: new Date(to), hold_until: null, event_id: null, attendee_name: null,
      attendee_email: null, source: 'account', token_hash: `${++nth}`, ip_hash: null, made_at: app.clock.real(),
    }).execute().then(() => 'written', (error: { code: string }) => error.code);
    expect(await write(host.account.id, '2027-01-04T10:00:00Z', '2027-01-04T10:30:00Z', 'confirmed')).toBe('written');
    expect(await write(host.account.id, '2027-01-04T10:29:00Z', '2027-01-04T11:00:00Z', 'confirmed')).toBe('23P01');
    expect(await write(host.account.id, '2027-01-04T10:30:00Z', '2027-01-04T11:00:00Z', 'confirmed')).toBe('written');
    expect(await write(host.account.id, '2027-01-04T10:00:00Z', '2027-01-04T10:30:00Z', 'cancelled')).toBe('written');
    expect(await write(other.account.id, '2027-01-04T10:00:00Z', '2027-01-04T10:30:00Z', 'confirmed')).toBe('written');
  });

  it('are refused at a time that the profile never offers', async () => {
    const { id } = await profile();
    const [slot] = (await times(id)).items;
    const off = new Date(Date.parse(slot.start) + 7 * 60_000).toISOString();
    expect(await meet(id, { time: { start: off } })).toMatchObject({ status: 400, body: { field: 'time.start' } });
    expect(await meet(id, { time: { start: slot.start, end: new Date(Date.parse(slot.end) + 60_000).toISOString() } })).toMatchObject({ status: 400, body: { field: 'time.end' } });
    expect(await meet(id, {})).toMatchObject({ status: 400, body: { field: 'time.start' } });
  });
});

describe('reservations', () => {
  it('hold a time without a meeting, until they are confirmed', async () => {
    const { id } = await profile({ subject: 'With {{name}}' });
    const [slot] = (await times(id)).items;
    const guest = await app.account();
    const held = await meet(id, { time: slot, name: 'Grace', email: guest.account.email }, { reserveForMinutes: 30 });
    expect(held.body).toMatchObject({ created: false, id: String(held.body.ReservationId) });
    expect(await eventsOf(host.token)).toEqual([]);
    expect((await times(id)).items).not.toContainEqual(slot);
    const confirmed = await app.call('POST', `/v1/book/account/reservations/${held.body.ReservationId}/confirm`, { as: host.token });
    expect(confirmed.status).toBe(200);
    expect(await eventsOf(host.token)).toMatchObject([{ id: confirmed.body.id, subject: 'With Grace' }]);
    expect((await app.call('POST', `/v1/book/account/reservations/${held.body.ReservationId}/confirm`, { as: host.token })).body.id).toBe(confirmed.body.id);
    expect(await sentCount(host.token)).toBe(1);
  });

  it('give the time back when they end or are deleted', async () => {
    const { id } = await profile();
    const [, , , slot, other] = (await times(id)).items;
    const held = await meet(id, { time: slot }, { reserveForMinutes: 10 });
    const path = `/v1/book/account/reservations/${held.body.ReservationId}`;
    app.clock.advance(10 * 60_000);
    expect((await times(id)).items).toContainEqual(slot);
    expect((await app.call('POST', `${path}/confirm`, { as: host.token })).status).toBe(404);
    expect((await meet(id, { time: slot })).body.created).toBe(true);
    const second = await meet(id, { time: other }, { reserveForMinutes: 10 });
    expect((await app.call('DELETE', `/v1/book/account/reservations/${second.body.ReservationId}`, { as: (await app.account()).token })).status).toBe(404);
    expect((await app.call('DELETE', `/v1/book/account/reservations/${second.body.ReservationId}`, { as: host.token })).body).toEqual({ status: 'Ok' });
    expect((await times(id)).items).toContainEqual(other);
  });
});

async function sentCount(token: string): Promise<number> {
  return (await app.call('GET', '/v1/email/messages', { as: token, query: { q: `from:${host.account.email}` } })).body.records.length;
}

async function invitationOf(token: string): Promise<string> {
  const { records } = (await app.call('GET', '/v1/email/messages', { as: token, query: { q: `from:${host.account.email}` } })).body;
  expect(records).toHaveLength(1);
  const raw = await app.call('GET', `/v1/email/messages/${records[0].id}/raw`, { as: token });
  return decoded(raw.body);
}
