import { createServer, type AddressInfo, type Server } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { encryptedColumns } from '../../server/db/encrypted.ts';
import { createLogger } from '../../server/log.ts';
import { CLIENT_SECRET, createTestApp, type Answer, type TestApp } from '../support/app.ts';
import { visitor } from '../support/browser.ts';
import { codeAfter, load, trackedMessage } from '../support/tracking.ts';
import { asIdentity, authorizePath, identityToken, mailbox, PASSWORD, prepared, redeem, signIn } from '../support/signin.ts';

/**
 * A walk through everything that has a secret, with the log at its loudest and mistakes in every step;
 * afterwards each secret is looked for in log lines, error answers, figures and every table.
 */
const RELAY_PASSWORD = 'canary-relay-password-7f3a';
const SIGNING_SECRET = 'test-signing-secret-0123456789';
const lines: string[] = [];
const errors: string[] = [];
/** Never in clear anywhere. */
const secrets: Record<string, string> = { 'client secret': CLIENT_SECRET, 'signing secret': SIGNING_SECRET, 'relay password': RELAY_PASSWORD, 'mailbox password': PASSWORD };
/** In clear in the mail that carries them, and, as codes of our own, where they are looked up. */
const inMail: Record<string, string> = {};

let app: TestApp;
let relay: Server;

beforeAll(async () => {
  relay = await refusingRelay();
  app = await createTestApp({
    log: createLogger('trace', { write: (line: string) => void lines.push(line) }),
    env: { SMTP_RELAY_URL: `smtp://canary-relay-user:${RELAY_PASSWORD}@127.0.0.1:${(relay.address() as AddressInfo).port}` },
  });
  await walk();
}, 120_000);
afterAll(async () => {
  await app.close();
  relay.close();
});

/** Wants a password and refuses it, repeating what it got. */
function refusingRelay(): Promise<Server> {
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => {});
    socket.write('220 relay ESMTP\r\n');
    socket.on('data', (text: string) => socket.write(/^ehlo/i.test(text) ? '250-relay\r\n250 AUTH PLAIN LOGIN\r\n' : /^auth/i.test(text) ? `535 5.7.8 no: ${text}` : '221 bye\r\n'));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function refused(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  expect(status).toBeGreaterThanOrEqual(400);
  errors.push(JSON.stringify(body));
}

async function walk(): Promise<void> {
  const { accessToken } = await mailbox(app, 'canary@hosted.test');
  const identity = await identityToken(app, 'canary@exchange.test');
  const token = await prepared(app, identity);
  const browser = visitor(app);
  const page = await browser.get(authorizePath({ accountRole: 'primary', token, state: 'x' }));
  secrets['wrong password'] = 'canary-wrong-password';
  const again = await browser.submit(page, { email: 'canary@hosted.test', password: secrets['wrong password'] });
  errors.push(again.html.replaceAll(again.fields.flow!, ''));
  const code = (await browser.submit(again, { email: 'canary@hosted.test', password: PASSWORD })).location!.searchParams.get('code')!;
  const saved = (await redeem(app, code, identity)).body;
  await signIn(app, { accountRole: 'primary' }, 'canary@hosted.test', { browser });
  const appCode = (await signIn(app, { responseType: 'code' }, 'canary@hosted.test', { operation: 'authorize' })).location!.searchParams.get('code')!;
  const spare = (await signIn(app, { responseType: 'code' }, 'canary@hosted.test', { operation: 'authorize' })).location!.searchParams.get('code')!;
  const byApp = (await app.call('POST', `/v1/auth/token/${appCode}`, { basic: true })).body;
  const cookie = [...browser.cookies].find(([name]) => name.startsWith('AUR'))!;
  Object.assign(secrets, {
    'identity token': identity, 'prepared token': token, 'code of an identity': code, 'code of an application': appCode, 'unused code': spare, 'account token': accessToken, 'redeemed account token': saved.accessToken,
    'account token by code': byApp.accessToken, 'user session': saved.userSession, 'session cookie': cookie[1], 'form cookie': browser.cookies.get('sundial_signin')!, 'basic header': Buffer.from(`test-client:${CLIENT_SECRET}`).toString('base64'),
  });

  // Mail, tracking and booking, with what their codes open.
  const sent = (await app.call('POST', '/v1/email/messages', { as: accessToken, headers: { 'idempotency-key': 'canary-1' }, body: { subject: 'Offer', body: '<p>Hello <a href="https://a.test/">A</a></p>', to: [{ address: 'buyer@hosted.test' }, { address: 'far@elsewhere.test' }], tracking: { opens: true, links: true } } })).body;
  await app.drain();
  const tracked = await trackedMessage(app, accessToken, { html: '<p><a href="https://a.test/">A</a></p>', tracking: { links: true } });
  await load(app, `/t/${tracked.code}.gif`, 'canary', { cookie: `sundial-viewer=${saved.userSession}` });
  await load(app, `/l/${tracked.links[0]!.code}`, 'canary');
  const profile = (await app.call('POST', '/v1/book/account/profiles', { as: accessToken, body: { name: 'canary', subject: 'Call' } })).body;
  const bookings = `/v1/book/test-client/${profile.name}/meeting`;
  const [first, second] = (await app.call('GET', bookings)).body.items;
  const booked = (await app.call('POST', bookings, { body: { time: first, name: 'Grace', email: 'grace@hosted.test' }, headers: { 'idempotency-key': 'canary-2' } })).body;
  const held = (await app.call('POST', bookings, { body: { time: second }, query: { reserveForMinutes: 15 } })).body;
  const manage = `/v1/book/reservations/${booked.rescheduleToken}`;
  expect((await app.call('GET', manage)).status).toBe(200);
  Object.assign(inMail, { 'tracking code': tracked.code, 'link code': tracked.links[0]!.code, 'opt-out code': codeAfter(tracked.html, '/o/') || tracked.code, 'booking token': booked.rescheduleToken, 'token of a hold': held.rescheduleToken, 'code of sent mail': (await app.call('GET', `/v1/email/tracking/${sent.trackingId}`, { as: accessToken })).body.trackingCode });
  await app.call('POST', `/o/${tracked.code}`, { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } });

  // Every secret where it does not belong.
  for (const secret of [...Object.values(secrets), ...Object.values(inMail)]) {
    const e = encodeURIComponent(secret);
    await refused(app.call('GET', '/v1/account', { as: `${secret}x` }));
    await refused(app.call('GET', '/v1/account', { headers: { 'x-aurinko-session': `${secret}x` } }));
    await refused(app.call('GET', '/v1/account', { headers: { authorization: `Basic ${Buffer.from(`test-client:${secret}x`).toString('base64')}` } }));
    await refused(app.call('POST', '/v1/auth/prepare', { headers: asIdentity(`${secret}x`) }));
    await refused(app.call('POST', `/v1/auth/tokens/${e}`));
    await refused(app.call('POST', `/t/${e}.gif`));
    await refused(app.call('GET', `/v1/nothing?token=${e}`));
    await refused(app.call('GET', `/v1/book/reservations/${e}x`));
    await refused(app.call('POST', `/v1/book/reservations/${e}/nothing`));
    await refused(app.call('POST', '/v1/email/messages', { as: accessToken, body: `{"token": "${secret}"` }));
    await refused(app.call('POST', '/v1/email/messages', { as: accessToken, body: { to: [{ address: secret }] } }));
    await refused(app.call('GET', `/v1/email/messages?pageToken=${e}`, { as: accessToken }));
    await refused(app.call('GET', '/v1/auth/authorizeUser', { query: { clientId: secret, serviceType: 'Hosted', accountRole: 'primary' } }));
  }
  // Inside of this server: the database fails under a request that carries secrets.
  await sql`alter table auth_codes rename to auth_codes_away`.execute(app.deps.db);
  await refused(app.call('POST', `/v1/auth/token/${spare}`, { basic: true }));
  await refused(redeem(app, code, identity));
  await sql`alter table auth_codes_away rename to auth_codes`.execute(app.deps.db);
  await app.drain();
}

/** Every row of every table, as Postgres writes it; binary columns are hexadecimal. */
async function tables(): Promise<Map<string, string>> {
  const { rows } = await sql<{ s: string; t: string }>`select table_schema as s, table_name as t from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(app.deps.db);
  const found = new Map<string, string>();
  for (const { s, t } of rows) {
    const all = await sql<{ row: string }>`select x::text as row from ${sql.id(s, t)} x`.execute(app.deps.db);
    found.set(`${s}.${t}`, all.rows.map((r) => r.row).join('\n'));
  }
  return found;
}

const holds = (text: string, secret: string): boolean => text.includes(secret) || text.includes(Buffer.from(secret).toString('hex')) || text.includes(Buffer.from(secret).toString('base64').replace(/=+$/, ''));

describe('secrets', () => {
  it('were all there to be found', () => {
    for (const [name, secret] of Object.entries({ ...secrets, ...inMail })) expect([name, typeof secret, String(secret).length > 10]).toEqual([name, 'string', true]);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.join()).toMatch(/request failed/);
    expect(errors.length).toBeGreaterThan(200);
    expect(holds(`x${Buffer.from('abcdefgh').toString('hex')}x`, 'abcdefgh')).toBe(true);
  });

  it('are in no log line at level trace', () => {
    for (const [name, secret] of Object.entries({ ...secrets, ...inMail })) expect([name, lines.filter((line) => holds(line, secret))]).toEqual([name, []]);
  });

  it('are in no error answer', () => {
    for (const [name, secret] of Object.entries({ ...secrets, ...inMail })) expect([name, errors.filter((body) => holds(body, secret))]).toEqual([name, []]);
  });

  it('are in no figure of /metrics', async () => {
    const { body } = await app.call('GET', '/metrics');
    for (const [name, secret] of Object.entries({ ...secrets, ...inMail })) expect([name, holds(body, secret)]).toEqual([name, false]);
  });

  it('are in no table, unless hashed or encrypted; codes in the mail that carries them and where they are looked up', async () => {
    const stored = await tables();
    expect(stored.size).toBeGreaterThan(30);
    const where = (secret: string): string[] => [...stored].filter(([, rows]) => holds(rows, secret)).map(([table]) => table.replace(/^public\./, ''));
    for (const [name, secret] of Object.entries(secrets)) expect([name, where(secret)]).toEqual([name, []]);
    const atHome = /^(tracking|tracking_links|tracking_hits|blob_chunks|blobs|mail_\w+|outgoing\w*|search\w*|followup_\w+)$/;
    // The event of a sent draft names it by its code, which every reader of the mail has: an id, not a key to anything of the sender's.
    const ofEvents = /^(outbox|pgboss\.job\w*)$/;
    for (const [name, secret] of Object.entries(inMail)) {
      const strange = where(secret).filter((table) => !atHome.test(table) && !(name === 'tracking code' || name === 'opt-out code' ? ofEvents.test(table) : false));
      expect([name, strange]).toEqual([name, []]);
    }
    expect(where(inMail['token of a hold']!)).toEqual([]);
  });
});

describe('what is encrypted', () => {
  it('stands in columns that keys reencrypt knows', async () => {
    const known = new Set(encryptedColumns.map(({ table, column }) => `${table}.${column}`));
    const { rows: columns } = await sql<{ s: string; t: string; c: string }>`
      select c.table_schema as s, c.table_name as t, c.column_name as c from information_schema.columns c join information_schema.tables using (table_schema, table_name)
      where table_type = 'BASE TABLE' and table_schema in ('public', 'pgboss') and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'bytea')`.execute(app.deps.db);
    const found: string[] = [];
    for (const { s, t, c } of columns) {
      // The protected header of every JWE that the key ring writes, in clear or as the hexadecimal digits of bytea.
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.id(s, t)} x where ${sql.ref(c)}::text ~ 'eyJhbGciOiJkaXIi|65794a68624763694f694a6b615849690'`.execute(app.deps.db);
      if (rows[0]!.n) found.push(`${t}.${c}`);
    }
    // Inside of JSON, settings alone are searched.
    expect(found.filter((column) => column !== 'settings.value').sort()).toEqual([...known].sort());
  });
});

describe('a log line of an error', () => {
  it('has its kind, message and causes, and nothing that the error carries along', () => {
    const written: string[] = [];
    const failure = Object.assign(new Error('no such table', { cause: Object.assign(new Error('inner'), { params: ['canary-inner'] }) }), { code: '42P01', query: 'select $1', params: ['canary-value'], parameters: ['canary-value'], detail: 'Key (token)=(canary-value)', response: 'canary-value', options: { extra: 'canary-value' } });
    createLogger('trace', { write: (line: string) => void written.push(line) }).error({ err: failure, user: { password: 'canary-value' } }, 'failed');
    expect(written.join()).not.toMatch(/canary/);
    expect(JSON.parse(written[0]!)).toMatchObject({ err: { type: 'Error', message: 'no such table', code: '42P01', stack: expect.any(String), cause: { message: 'inner' } } });
  });
});

describe('a start that fails', () => {
  it('names the setting and never what it holds', () => {
    for (const env of [{ SUNDIAL_CLIENT_SECRET: 'canary' }, { METRICS_TOKEN: 'canary' }, { SUNDIAL_KEYS: 'canary' }, { SMTP_RELAY_URL: 'ftp://user:canary@relay' }, { DATABASE_URL: 'mysql://user:canary@db' }, { SUNDIAL_SIGNING_SECRET: 'canary' }] as Record<string, string>[]) {
      let said = '';
      try {
        parseConfig(env);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        said = (error as Error).message;
      }
      expect(said).toContain(Object.keys(env)[0]);
      expect(said).not.toContain('canary');
    }
  });
});
