import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CLIENT, startFaulty, type Faulty } from '../support/faulty.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sundial-booking-'));
let server: Faulty;
afterAll(async () => {
  await server?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

it('a booking that is killed before or after its commit is one meeting with one invitation, and whoever asks again with his key gets the one answer', async () => {
  server = await startFaulty({ DATA_DIR: dataDir });
  const host = await server.account('host@hosted.test');
  const guest = await server.account('guest@hosted.test');
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  await server.call('POST', '/v1/book/account/profiles', { as: host.token, body: { name: 'call', subject: 'Call', workHours: { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) } } });
  const path = `/v1/book/${CLIENT.id}/call/meeting`;
  const times: { start: string; end: string }[] = (await server.call('GET', `${path}?fromDate=${inDays(2).slice(0, 10)}`)).body.items;

  const invitations = async () => {
    const { body } = await server.call('GET', '/v1/email/messages?q=in%3Ainbox', { as: guest.token });
    return body.records.map((m: { subject: string }) => m.subject).filter((s: string) => s.startsWith('Booked: '));
  };

  const rounds = ['booking.beforeCommit', 'booking.afterCommit', 'booking.beforeCommit', 'booking.afterCommit'] as const;
  for (const [i, point] of rounds.entries()) {
    const ask = () => server.call('POST', path, { body: { time: times[i * 3], name: 'Grace', email: 'guest@hosted.test' }, headers: { 'idempotency-key': `booking-${i}` } });
    await server.arm(point, 'kill');
    await expect(ask(), 'no answer is heard').rejects.toThrow();
    expect(await server.ended).toBe('SIGKILL');
    server = await startFaulty({ DATA_DIR: dataDir });
    const answers = [await ask(), await ask()];
    expect(answers[0], point).toMatchObject({ status: 200, body: { created: true, rescheduleToken: expect.any(String) } });
    expect(answers[1]!.body).toEqual(answers[0]!.body);
    // What had been committed answers as it would have; what had not is done now.
    expect(answers[0]!.headers.get('idempotency-replayed'), point).toBe(point === 'booking.afterCommit' ? 'true' : null);
    // A mail in flight at two kills would be taken for what ended the process, and wait for minutes.
    await expect.poll(async () => (await invitations()).length, { timeout: 60_000, interval: 200 }).toBe(i + 1);
  }

  const range = `timeMin=${encodeURIComponent(inDays(0))}&timeMax=${encodeURIComponent(inDays(60))}`;
  const { body: calendar } = await server.call('GET', `/v1/calendars/primary/events/range?${range}`, { as: host.token });
  const booked = rounds.map((_, i) => Date.parse(times[i * 3]!.start)).sort((a, b) => a - b);
  expect(calendar.records.map((e: { start: { dateTime: string } }) => Date.parse(e.start.dateTime)).sort((a: number, b: number) => a - b)).toEqual(booked);
  expect(new Set(await invitations()).size).toBe(rounds.length);
});
