import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { visitor, type Page } from '../support/browser.ts';
import { asIdentity, authorizePath, identityToken, link, mailbox } from '../support/signin.ts';

/**
 * Whether somebody exists is told neither by an answer nor by how long it takes. Both kinds of request
 * take turns, and their medians are held against each other, so that a busy machine slows both alike.
 */
let app: TestApp;
let nth = 0;
beforeAll(async () => {
  app = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => app.close());

/** Each request from a place of its own: the limits for one place are not what is asked here. */
const elsewhere = (): Record<string, string> => ({ 'x-forwarded-for': `198.51.${Math.floor(++nth / 250)}.${(nth % 250) + 1}` });

async function ratioOfMedians(pairs: number, known: (i: number) => Promise<unknown>, unknown: (i: number) => Promise<unknown>): Promise<number> {
  const times: [number[], number[]] = [[], []];
  const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const from = performance.now();
    await work();
    into.push(performance.now() - from);
  };
  await known(-1);
  await unknown(-1);
  for (let i = 0; i < pairs; i++) {
    // Who goes first alternates: the second of a pair may find things warm.
    if (i % 2) await timed(times[1], () => unknown(i));
    await timed(times[0], () => known(i));
    if (!(i % 2)) await timed(times[1], () => unknown(i));
  }
  const [a, b] = times.map((list) => list.sort((x, y) => x - y)[Math.floor(list.length / 2)]!) as [number, number];
  return a / b;
}

describe('nobody learns who exists', () => {
  it('from the sign-in: an unknown address takes the work of a wrong password and gets its answer', async () => {
    await mailbox(app, 'exists@hosted.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const texts = new Set<string>();
    const attempt = async (email: string): Promise<void> => {
      const answer = await app.call('POST', '/v1/auth/signin', { headers: { ...elsewhere(), cookie, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ flow: page.fields.flow!, email, password: 'not the password', action: 'signin' }).toString() });
      expect(answer.status).toBe(401);
      texts.add((answer.body as string).replaceAll(email, 'ADDRESS').replace(/name="flow" value="[^"]*"/, '').replace(/loginHint=[^"&]*/g, ''));
    };
    const ratio = await ratioOfMedians(14, () => attempt('exists@hosted.test'), (i) => attempt(`no-${i}@hosted.test`));
    expect(texts.size).toBe(1);
    // Without the work for nobody the known one takes some twenty times as long.
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  }, 180_000);

  it('from the form, whatever address a link fills in', async () => {
    const forms = new Set<string>();
    for (const loginHint of ['exists@hosted.test', 'nobody@hosted.test', 'nobody@elsewhere.test']) {
      const page: Page = await visitor(app).get(authorizePath({ accountRole: 'primary', loginHint }));
      forms.add(page.html.replaceAll(loginHint, 'ADDRESS').replaceAll(page.fields.flow!, ''));
    }
    expect(forms.size).toBe(1);
  });

  it('from preparing a sign-in: a linked mailbox and an unknown one get a token alike', async () => {
    const { token: linked } = await (async () => {
      await mailbox(app, 'linked@hosted.test');
      return link(app, 'linked@exchange.test', 'linked@hosted.test');
    })();
    const stranger = await identityToken(app, 'stranger@exchange.test');
    const prepare = async (token: string): Promise<void> => {
      const answer = await app.call('POST', '/v1/auth/prepare', { headers: { ...asIdentity(token), ...elsewhere() } });
      expect([answer.status, Object.keys(answer.body)]).toEqual([200, ['token']]);
    };
    const ratio = await ratioOfMedians(40, () => prepare(linked), () => prepare(stranger));
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  it('from a booking: an address with a mailbox here and one without get the same answer in the same time', async () => {
    const { token } = await app.account({ email: 'host@hosted.test' });
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    const workHours = { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '00:00:00', end: '23:45:00' }] })) };
    await app.call('POST', '/v1/book/account/profiles', { as: token, body: { name: 'many', subject: 'Call', durationMinutes: 15, workHours } });
    const { items } = (await app.call('GET', '/v1/book/test-client/many/meeting', { query: { limit: 60 } })).body;
    for (let i = -1; i < 14; i++) await app.account({ email: `guest${i}@hosted.test` });
    let at = 0;
    const shapes = new Set<string>();
    const book = async (email: string): Promise<void> => {
      const answer = await app.call('POST', '/v1/book/test-client/many/meeting', { headers: elsewhere(), body: { time: items[at++], name: 'Guest', email } });
      expect(answer.status).toBe(200);
      shapes.add(Object.keys(answer.body).join());
    };
    const ratio = await ratioOfMedians(14, (i) => book(`guest${i}@hosted.test`), (i) => book(`nobody${i}@hosted.test`));
    expect(shapes.size).toBe(1);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  it('from a code or a token that is wrong: unknown, used, over and somebody else\'s are one answer', async () => {
    const answers = [
      ...await Promise.all(['nothing', 'a'.repeat(43), '0'].map((code) => app.call('POST', `/v1/auth/token/${code}`, { basic: true }))),
    ].map(({ status, body }) => JSON.stringify([status, body.code, body.message]));
    expect(new Set(answers).size).toBe(1);
    const reservations = await Promise.all(['x', 'a'.repeat(24)].map((t) => app.call('GET', `/v1/book/reservations/${t}`)));
    expect(new Set(reservations.map((r) => JSON.stringify([r.status, r.body.message]))).size).toBe(1);
  });
});
