import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { operations } from '../../server/contract.ts';
import { transaction } from '../../server/db/db.ts';
import { createIdempotency, forgetIdempotencyKeys } from '../../server/http/idempotency.ts';
import { noKey, type Call, type Operation } from '../../server/http/operation.ts';
import { createTestApp, type Answer, type CallOptions, type TestApp } from '../support/app.ts';

type Someone = Awaited<ReturnType<TestApp['account']>>;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let app: TestApp;
let alice: Someone;
let bob: Someone;
/** How far the wall clock is ahead. */
let ahead = 0;
let nth = 0;

beforeAll(async () => {
  app = await createTestApp({ realTime: () => new Date(Date.now() + ahead) });
});
afterAll(() => app.close());
beforeEach(async () => {
  ahead = 0;
  alice = await app.account({ name: 'Alice' });
  bob = await app.account({ name: 'Bob' });
});

const post = (key: string | undefined, path: string, options: CallOptions): Promise<Answer> =>
  app.call('POST', path, { ...options, headers: { ...options.headers, ...(key === undefined ? {} : { 'idempotency-key': key }) } });
const newKey = (): string => `key-${++nth}`;
const mail = (subject = 'Once') => ({ to: [{ address: bob.account.email }], subject, body: '<p>Hello</p>' });
const send = (key: string, body: unknown = mail(), who: Someone = alice): Promise<Answer> => post(key, '/v1/email/messages', { as: who.token, body });
const messagesOf = async (who: Someone): Promise<number> => (await app.call('GET', '/v1/email/messages', { as: who.token })).body.records.length;
const mailboxes = () => app.deps.providers.of('Hosted').mail;

async function bookingPage(): Promise<{ id: number; name: string; times: { start: string; end: string }[] }> {
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const workHours = { timezone: 'UTC', daySchedules: days.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) };
  const { body: { id, name } } = await app.call('POST', '/v1/book/account/profiles', { as: alice.token, body: { name: `once-${++nth}`, workHours } });
  const fromDate = new Date(app.clock.now().getTime() + 2 * DAY).toISOString().slice(0, 10);
  return { id, name, times: (await app.call('GET', `/v1/book/test-client/${name}/meeting`, { query: { fromDate } })).body.items };
}

/** A request of each operation that takes the header. */
const requests: Record<string, () => Promise<{ path: string } & CallOptions>> = {
  send: async () => ({ path: '/v1/email/messages', as: alice.token, body: mail() }),
  reply: async () => ({ path: `/v1/email/messages/${(await send(newKey())).body.id}/reply`, as: alice.token, body: { body: 'Again' } }),
  createDraft: async () => ({ path: '/v1/email/drafts', as: alice.token, body: mail() }),
  sendDraft: async () => {
    const { body: { id } } = await app.call('POST', '/v1/email/drafts', { as: alice.token, body: mail() });
    return { path: `/v1/email/drafts/${id}/send`, as: alice.token };
  },
  createFolder: async () => ({ path: '/v1/email/folders', as: alice.token, body: { name: `Folder ${++nth}` } }),
  createRule: async () => ({ path: '/v1/followup/rules', as: alice.token, body: { name: 'Nudge', templateBody: 'Hello' } }),
  importTemplates: async () => ({ path: '/v1/followup/rules/import', as: alice.token, body: { format: 'sundial-templates', version: 1, rules: [{ name: `Imported ${++nth}`, templateBody: 'Hello' }] } }),
  create: async () => ({ path: '/v1/book/account/profiles', as: alice.token, body: { name: `once-${++nth}` } }),
  bookingAccountCreateMeeting: async () => {
    const { id, times: [time] } = await bookingPage();
    return { path: `/v1/book/account/profiles/${id}/meeting`, as: alice.token, body: { time, name: 'Guest' } };
  },
  bookingAccountReservationConfirm: async () => {
    const { id, times: [time] } = await bookingPage();
    const { body } = await app.call('POST', `/v1/book/account/profiles/${id}/meeting`, { as: alice.token, body: { time }, query: { reserveForMinutes: 10 } });
    return { path: `/v1/book/account/reservations/${body.reservationId}/confirm`, as: alice.token };
  },
  createMeeting: async () => {
    const { name, times: [time] } = await bookingPage();
    return { path: `/v1/book/test-client/${name}/meeting`, body: { time, name: 'Guest', email: bob.account.email } };
  },
  rescheduleReservation: async () => {
    const { name, times: [time, later] } = await bookingPage();
    const { body } = await app.call('POST', `/v1/book/test-client/${name}/meeting`, { body: { time } });
    return { path: `/v1/book/reservations/${body.rescheduleToken}/reschedule`, body: { time: later } };
  },
  upsertPersonal: async () => ({ path: '/v1/am/accounts', basic: true, body: { serviceType: 'Hosted', email: `new${++nth}@hosted.test`, password: 'correct horse battery', active: true } }),
  copyAsManaged: async () => {
    const { path, ...options } = await requests.upsertPersonal!();
    const { body: { accountId, userSession } } = await app.call('POST', path, { ...options, query: { userAccount: 'primary' } });
    return { path: `/v1/user/accounts/${accountId}/managed`, headers: { 'x-aurinko-session': userSession } };
  },
  createEvent: async () => ({ path: '/v1/calendars/primary/events', as: alice.token, body: { subject: 'Lunch', start: { dateTime: '2030-01-02T12:00:00Z' }, end: { dateTime: '2030-01-02T13:00:00Z' } } }),
};

describe('a request with an Idempotency-Key', () => {
  const idempotent: readonly Operation[] = operations.filter((op: Operation) => op.idempotent);

  it.each(idempotent.map((op) => [op.operationId, op] as const))('is answered the same when it is repeated, and has happened once: %s', async (id, op) => {
    const { path, ...options } = await requests[id]!();
    const key = newKey();
    const before = await count();
    const first = await post(key, path, options);
    expect(first.status).toBe(op.response.kind === 'json' ? op.response.status : undefined);
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    const after = await count();
    expect(after).not.toEqual(before);

    const second = await post(key, path, options);
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await count()).toEqual(after);
  });

  /** What the operations leave behind. */
  const count = async () => ({
    messages: await rows('mail_messages'), events: await rows('calendar_events'), rules: await rows('followup_rules'), tokens: await rows('account_tokens'),
    profiles: await rows('booking_profiles'), accounts: await rows('accounts'), folders: await rows('mail_folders'), outbox: await rows('outbox'),
  });
  const rows = async (table: 'mail_messages' | 'calendar_events' | 'followup_rules' | 'account_tokens' | 'booking_profiles' | 'accounts' | 'mail_folders' | 'outbox'): Promise<number> =>
    (await app.deps.db.selectFrom(table).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;

  it('is refused with 422 when its body, query or path is another', async () => {
    const key = newKey();
    const { body: { id } } = await send(key);
    expect(await send(key, mail('Other'))).toMatchObject({ status: 422, body: { code: 'idempotency.mismatch' } });
    expect(await post(key, '/v1/email/messages', { as: alice.token, body: mail(), query: { bodyType: 'text' } })).toMatchObject({ status: 422 });

    const replyKey = newKey();
    const { body: { id: other } } = await send(newKey());
    expect((await post(replyKey, `/v1/email/messages/${id}/reply`, { as: alice.token, body: { body: 'x' } })).status).toBe(200);
    expect((await post(replyKey, `/v1/email/messages/${other}/reply`, { as: alice.token, body: { body: 'x' } })).status).toBe(422);
    expect(await messagesOf(alice)).toBe(3);
  });

  it('shares its key with no other account, operation or booking page', async () => {
    const key = newKey();
    const first = await send(key);
    const others = [await send(key, mail(), bob), await post(key, '/v1/email/drafts', { as: alice.token, body: mail() })];
    expect(others.map((a) => a.status)).toEqual([201, 200]);
    for (const { headers } of [first, ...others]) expect(headers.has('idempotency-replayed')).toBe(false);
    expect([await messagesOf(alice), await messagesOf(bob)]).toEqual([1, 1]);

    for (const nth of [0, 1]) {
      const { name, times } = await bookingPage();
      const made = await post(key, `/v1/book/test-client/${name}/meeting`, { body: { time: times[nth] } });
      expect([made.status, made.headers.has('idempotency-replayed')]).toEqual([200, false]);
    }
  });

  it('gives its answer to nobody who may not ask', async () => {
    const key = newKey();
    await send(key);
    const reader = await app.account({ scopes: ['Mail.Read'] });
    expect((await post(key, '/v1/email/messages', { body: mail() })).status).toBe(401);
    expect((await send(key, mail(), reader)).status).toBe(403);
  });

  it('has one effect when it comes twenty times at once', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(key)));
    const answered = answers.filter((a) => a.status === 201);
    expect(answered.length).toBeGreaterThan(0);
    expect(new Set(answered.map((a) => a.body.id)).size).toBe(1);
    for (const { status, body, headers } of answers) {
      if (status !== 201) expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'idempotency.inProgress', '1']);
    }
    expect(await messagesOf(alice)).toBe(1);
  });

  it('is not kept from a second try by an error: neither 4xx nor 5xx is an answer to repeat', async () => {
    const key = newKey();
    expect((await send(key, { subject: 'To nobody', body: 'x' })).status).toBe(400);
    const { send: really } = mailboxes();
    const broken = vi.spyOn(mailboxes(), 'send').mockImplementationOnce(async (...args) => {
      await really(...args);
      throw new Error('The process has no memory left.');
    });
    expect((await send(key)).status).toBe(500);
    broken.mockRestore();
    expect(await messagesOf(alice)).toBe(0);

    const good = await send(key);
    expect([good.status, good.headers.has('idempotency-replayed')]).toEqual([201, false]);
    expect(await messagesOf(alice)).toBe(1);
  });

  it.each(['', 'two words', 'ümlaut', 'x'.repeat(256)])('needs a key of 1 to 255 visible ASCII characters, not %j', async (key) => {
    expect(await send(key)).toMatchObject({ status: 400, body: { code: 'request.invalid', field: 'Idempotency-Key' } });
    expect(await messagesOf(alice)).toBe(0);
  });

  it('is remembered for a day', async () => {
    const key = newKey();
    await send(key);
    const sweep = () => forgetIdempotencyKeys.handler(app.deps, {}, { jobId: '1', signal: new AbortController().signal });
    ahead = DAY - MINUTE;
    await sweep();
    expect((await send(key)).headers.get('idempotency-replayed')).toBe('true');
    ahead = DAY + MINUTE;
    const late = await send(key);
    expect([late.status, late.headers.has('idempotency-replayed')]).toEqual([201, false]);
    ahead = 3 * DAY;
    await sweep();
    expect(await app.deps.db.selectFrom('idempotency_keys').selectAll().execute()).toEqual([]);
  });

  it('leaves nothing readable in the database', async () => {
    const { path, ...options } = await requests.upsertPersonal!();
    const { body } = await post('a-key-of-my-own', path, options);
    const stored = JSON.stringify(await app.deps.db.selectFrom('idempotency_keys').selectAll().execute());
    for (const secret of [body.accessToken, 'a-key-of-my-own', 'correct horse']) expect(stored).not.toContain(secret);
  });
});

describe('a request whose process died', () => {
  it('holds its key for half a minute; then another takes over, and should the first still live, its effect is undone', async () => {
    const { body: { id } } = await send(newKey());
    const key = newKey();
    const reply = () => post(key, `/v1/email/messages/${id}/reply`, { as: alice.token, body: { body: 'Again' } });
    let go = (): void => {};
    const { get } = mailboxes();
    const stuck = new Promise<void>((reached) => {
      vi.spyOn(mailboxes(), 'get').mockImplementationOnce(async (...args) => {
        reached();
        await new Promise<void>((resume) => { go = resume; });
        return get(...args);
      });
    });
    const first = reply();
    await stuck;
    expect(await reply()).toMatchObject({ status: 409, body: { code: 'idempotency.inProgress' } });
    ahead = 31_000;
    const second = await reply();
    expect([second.status, second.headers.has('idempotency-replayed')]).toEqual([200, false]);
    go();
    expect(await first).toMatchObject({ status: 409, body: { code: 'idempotency.inProgress' } });
    expect(await messagesOf(alice)).toBe(2);
    expect((await reply()).body).toEqual(second.body);
    vi.restoreAllMocks();
  });

  it('between its effect and its answer is answered by what was stored with the effect', async () => {
    const idempotency = createIdempotency(app.deps);
    const op = { operationId: 'test', auth: 'none', idempotent: true } as Operation;
    const call = { params: {}, principal: null, settle: noKey, request: { rawHeaders: { 'idempotency-key': newKey() } } } as unknown as Call<Operation>;
    let effects = 0;
    const handler = async ({ settle }: Call<Operation>) => {
      await transaction(app.deps.db, (trx) => settle(trx, { effect: ++effects } as never));
      throw new Error('killed');
    };
    await expect(idempotency(op, call, handler)).rejects.toThrow('killed');
    ahead = 10 * MINUTE;
    expect(await idempotency(op, call, handler)).toEqual({ answer: { effect: 1 }, replayed: true });
    expect(effects).toBe(1);
  });
});
