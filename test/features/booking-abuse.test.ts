import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { subscriberOf } from '../../server/lib/subscriber.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { visitor } from '../support/browser.ts';
import { authorizePath } from '../support/signin.ts';

/** The public page as a way to pester somebody, to block a host, or to send what one likes. */
let app: TestApp;
let host: Awaited<ReturnType<TestApp['account']>>;
let path: string;
let times: { start: string; end: string }[];
let nth = 0;

beforeAll(async () => {
  app = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => app.close());
beforeEach(async () => {
  host = await app.account({ name: 'Ada Host' });
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const workHours = { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) };
  const { body } = await app.call('POST', '/v1/book/account/profiles', { as: host.token, body: { name: `abuse-${++nth}`, subject: 'Call', durationMinutes: 30, availabilityStep: 30, workHours } });
  path = `/v1/book/test-client/${body.name}/meeting`;
  times = (await app.call('GET', path, { query: { limit: 100 } })).body.items;
});

const from = (ip: string) => ({ 'x-forwarded-for': ip });
const anywhere = () => from(`203.0.113.${(++nth % 250) + 1}`);
const book = (body: unknown, headers: Record<string, string> = anywhere(), query: Record<string, number> = {}) => app.call('POST', path, { body, headers, query });
const mailsTo = async (match: RegExp): Promise<number> => {
  const rows = await app.deps.db.selectFrom('outbox').select('payload').where('account_id', '=', host.account.id).where('type', '=', 'MailSent').execute();
  return rows.filter(({ payload }) => (payload as { recipients: string[] }).recipients.some((r) => match.test(r))).length;
};

describe('one person', () => {
  it('gets no more than ten bookings a day, however the address is written', async () => {
    const ways = ['victim@elsewhere.test', 'Victim@Elsewhere.test', 'victim+1@elsewhere.test', 'VICTIM+spam@elsewhere.test', 'victim+a+b@elsewhere.test'];
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push((await book({ time: times[i], email: ways[i % ways.length] })).status);
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 200), 429, 429]);
    expect(await mailsTo(/^victim/i)).toBe(10);
  });

  it('gets no more than some thirty mails a day by moving and cancelling', async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 6; i++) {
      const { status, body } = await book({ time: times[i], email: 'moved@elsewhere.test' });
      statuses.add(status);
      if (status !== 200) continue;
      for (let move = 0; move < 11; move++) statuses.add((await app.call('POST', `/v1/book/reservations/${body.rescheduleToken}/reschedule`, { body: { time: times[20 + i * 12 + (move % 2)] }, headers: anywhere() })).status);
    }
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(await mailsTo(/^moved/)).toBeLessThanOrEqual(31);
  });

  it('gets one mail where the request is repeated with its Idempotency-Key', async () => {
    const headers = { ...anywhere(), 'idempotency-key': 'again' };
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(JSON.stringify((await book({ time: times[0], email: 'once@elsewhere.test' }, headers)).body));
    expect(new Set(answers).size).toBe(1);
    expect(await mailsTo(/^once/)).toBe(1);
  });
});

describe('one visitor', () => {
  it('is one by the network that he is given: of an IPv6 /64, five holds', async () => {
    const held = [];
    for (let i = 0; i < 7; i++) held.push((await book({ time: times[i] }, from(`2001:db8:1:2:${(i + 1) * 111}::${i + 1}`), { reserveForMinutes: 15 })).status);
    expect(held).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await book({ time: times[8] }, from('2001:db8:1:3::1'), { reserveForMinutes: 15 })).status).toBe(200);
  });

  it('cannot take a whole page by holds from many places: twenty at once', async () => {
    const held = [];
    for (let i = 0; i < 22; i++) held.push((await book({ time: times[i] }, from(`198.51.100.${i + 1}`), { reserveForMinutes: 15 })).status);
    expect(held.filter((s) => s === 200)).toHaveLength(20);
    expect(held.slice(20)).toEqual([429, 429]);
  });

  it('guesses no faster by changing addresses within it', async () => {
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      statuses.push((await app.call('POST', '/v1/auth/signin', { headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...from(`2001:db8:9:9::${i + 1}`) }, body: new URLSearchParams({ flow: page.fields.flow!, email: 'guessed@hosted.test', password: `guess number ${i}`, action: 'signin' }).toString() })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  });

  it('does nothing by looking: GET, HEAD and OPTIONS book, hold, move and cancel nothing', async () => {
    const { body } = await book({ time: times[0], email: 'looked@elsewhere.test' });
    const of = `/v1/book/reservations/${body.rescheduleToken}`;
    const before = await app.deps.db.selectFrom('booking_reservations').select(['id', 'status', 'starts_at']).execute();
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      for (const at of [path, `${path}?reserveForMinutes=15&time=${times[3]!.start}&email=a@b.test`, of, `${of}/cancel`, `${of}/reschedule`, `${of}/calendar.ics`]) await app.call(method, at, { headers: { ...anywhere(), 'x-http-method-override': 'POST' } });
    }
    expect(await app.deps.db.selectFrom('booking_reservations').select(['id', 'status', 'starts_at']).execute()).toEqual(before);
  });
});

describe('whom a limit counts as one', () => {
  it('is an IPv4 address, mapped or not, and the first half of an IPv6 address', () => {
    expect(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::', 'nonsense', ''].map(subscriberOf)).toEqual(['192.0.2.1', '192.0.2.1', '2001:db8:1:2::/64', '2001:db8:1:2::/64', 'nonsense', '']);
    fc.assert(fc.property(fc.ipV6(), fc.ipV6(), (a, b) => {
      expect(subscriberOf(a)).toBe(subscriberOf(a.toUpperCase()));
      expect(typeof subscriberOf(b)).toBe('string');
    }));
  });
});
