import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const appointment = (start: string, end: string, more: object = {}) => ({ subject: 'Work', start: { dateTime: start, timezone: 'Europe/Berlin' }, end: { dateTime: end, timezone: 'Europe/Berlin' }, ...more });
const add = (token: string, body: object) => app.call('POST', '/v1/calendars/primary/events', { as: token, body });
const range = (token: string, timeMin: string, timeMax: string, calendar = 'primary') => app.call('GET', `/v1/calendars/${calendar}/events/range`, { as: token, query: { timeMin, timeMax } });

describe('the hosted calendar', () => {
  it('is the account\'s one, primary calendar', async () => {
    const { token } = await app.account();
    const list = await app.call('GET', '/v1/calendars', { as: token });
    expect(list.body).toMatchObject({ length: 1, records: [{ primary: true, accessRole: 'owner' }] });
    const { id } = list.body.records[0];
    expect((await app.call('GET', `/v1/calendars/${id}`, { as: token })).body).toEqual(list.body.records[0]);
    expect((await app.call('GET', '/v1/calendars/primary', { as: token })).body.id).toBe(id);
    const other = await app.account();
    await app.call('GET', '/v1/calendars', { as: other.token });
    expect((await app.call('GET', `/v1/calendars/${id}`, { as: other.token })).status).toBe(404);
  });

  it('keeps an appointment with its zone and gives it back by range and id', async () => {
    const { token } = await app.account();
    const made = await add(token, appointment('2027-03-28T08:00:00+02:00', '2027-03-28T09:00:00+02:00', { location: 'Here', description: 'Notes' }));
    expect(made).toMatchObject({ status: 201, body: { record: { subject: 'Work', location: 'Here', description: 'Notes', recurrenceType: 'single', showAs: 'busy', start: { dateTime: '2027-03-28T06:00:00.000Z', timezone: 'Europe/Berlin' } } } });
    expect((await app.call('GET', `/v1/calendars/primary/events/${made.body.id}`, { as: token })).body).toEqual(made.body.record);
    expect((await range(token, '2027-03-28T00:00:00Z', '2027-03-29T00:00:00Z')).body.records).toEqual([made.body.record]);
    // Both bounds are exclusive.
    expect((await range(token, '2027-03-28T07:00:00Z', '2027-03-29T00:00:00Z')).body.records).toEqual([]);
    expect((await range(token, '2027-03-27T00:00:00Z', '2027-03-28T06:00:00Z')).body.records).toEqual([]);
  });

  it('takes an all-day event by its dates', async () => {
    const { token } = await app.account();
    const made = await add(token, { subject: 'Holiday', start: { dateOnly: '2027-05-01' }, end: { dateOnly: '2027-05-02' } });
    expect(made.body.record).toMatchObject({ start: { dateOnly: '2027-05-01' }, end: { dateOnly: '2027-05-02' } });
    const busy = await app.call('POST', '/v1/calendars/freeBusy', { as: token, body: { timeMin: '2027-05-01T00:00:00Z', timeMax: '2027-05-02T00:00:00Z' } });
    expect(busy.body.records[0].items).toEqual([{ start: '2027-04-30T22:00:00.000Z', end: '2027-05-01T22:00:00.000Z', status: 'busy' }]);
  });

  it('tells one\'s own busy times, and the same about every other address', async () => {
    const { token, account } = await app.account();
    const other = await app.account();
    await add(token, appointment('2027-06-01T10:00:00Z', '2027-06-01T11:00:00Z', { showAs: 'tentative' }));
    await add(token, appointment('2027-06-01T12:00:00Z', '2027-06-01T13:00:00Z', { showAs: 'free' }));
    const body = { timeMin: '2027-06-01T00:00:00Z', timeMax: '2027-06-02T00:00:00Z', emails: [account.email, other.account.email, 'nobody@hosted.test'] };
    const [own, known, unknown] = (await app.call('POST', '/v1/calendars/freeBusy', { as: token, body })).body.records;
    expect(own).toMatchObject({ items: [{ start: '2027-06-01T10:00:00.000Z', end: '2027-06-01T11:00:00.000Z', status: 'tentative' }], workHours: { timezone: 'Europe/Berlin' } });
    expect(known.error).toBe(unknown.error);
    expect(known.items).toBeUndefined();
  });

  it('pages a long range by tokens that only this range takes', async () => {
    const { token } = await app.account();
    for (let i = 0; i < 101; i++) await add(token, appointment('2027-07-01T10:00:00Z', '2027-07-01T10:30:00Z', { subject: String(i) }));
    const first = await range(token, '2027-07-01T00:00:00Z', '2027-07-02T00:00:00Z');
    expect(first.body.length).toBe(100);
    const next = (timeMax: string) => app.call('GET', '/v1/calendars/primary/events/range', { as: token, query: { timeMin: '2027-07-01T00:00:00Z', timeMax, pageToken: first.body.nextPageToken } });
    expect((await next('2027-07-02T00:00:00Z')).body).toMatchObject({ length: 1, records: [{ subject: '100' }] });
    expect((await next('2027-07-03T00:00:00Z'))).toMatchObject({ status: 400, body: { code: 'page.invalid' } });
  });

  it('says what it cannot do yet, and what is wrong', async () => {
    const { token } = await app.account();
    const base = appointment('2027-08-01T10:00:00Z', '2027-08-01T11:00:00Z');
    expect(await add(token, { ...base, recurrence: { ical: { rules: ['RRULE:FREQ=DAILY'] } } })).toMatchObject({ status: 400, body: { code: 'notSupportedYet' } });
    expect(await add(token, { ...base, meetingInfo: { attendees: [{ emailAddress: { address: 'a@b.test' } }] } })).toMatchObject({ status: 400, body: { code: 'notSupportedYet' } });
    expect(await add(token, appointment('2027-08-01T11:00:00Z', '2027-08-01T10:00:00Z'))).toMatchObject({ status: 400, body: { field: 'end' } });
    expect((await range(token, '2027-08-02T00:00:00Z', '2027-08-01T00:00:00Z')).status).toBe(400);
    expect((await range(token, '2020-01-01T00:00:00Z', '2027-08-01T00:00:00Z')).status).toBe(400);
  });

  it('asks for credentials and the right scope, and hides what is another\'s', async () => {
    const { token } = await app.account();
    const made = await add(token, appointment('2027-09-01T10:00:00Z', '2027-09-01T11:00:00Z'));
    const other = await app.account();
    expect((await app.call('GET', `/v1/calendars/primary/events/${made.body.id}`, { as: other.token })).status).toBe(404);
    expect((await app.call('GET', '/v1/calendars/primary/events/nonsense', { as: token })).status).toBe(404);
    expect((await app.call('GET', '/v1/calendars')).status).toBe(401);
    const mail = await app.account({ scopes: ['Mail.Read'] });
    const reader = await app.account({ scopes: ['Calendar.Read'] });
    expect((await app.call('GET', '/v1/calendars', { as: mail.token })).status).toBe(403);
    expect((await add(reader.token, appointment('2027-09-01T10:00:00Z', '2027-09-01T11:00:00Z'))).status).toBe(403);
  });
});
