import { Agent, request } from 'node:http';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../server/contract.ts';
import { STATUS_BY_CODE, type ErrorCode } from '../../server/errors.ts';
import type { Operation } from '../../server/http/operation.ts';
import { BASIC, CLIENT_ID, createTestApp, type TestApp } from '../support/app.ts';
import { spoiled, validInput, type Pool } from '../support/from-contract.ts';
import { createWorld, kindOf, type World } from '../support/world.ts';

/**
 * Every operation of the contract with inputs made from its own schemas, right ones and spoiled ones: never a 5xx,
 * never a hang, every refusal in the one form. FUZZ_SEED and FUZZ_RUNS look further than CI does.
 */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const RUNS = Number(process.env.FUZZ_RUNS ?? 100);
const PATIENCE_MS = 10_000;
/** They take the caller's account or credentials away, so their callers get a world of their own. */
const ENDING = new Set(['deleteAccount', 'deleteToken', 'logout', 'logoutAccount', 'amAccountDelete']);
/** They use something up, or need it as it was made. */
const FRESH = new Set(['createMeeting', 'bookingAccountCreateMeeting', 'rescheduleReservation', 'createEvent', 'putFollowUpDraft', 'sendDraft', 'updateDraft', 'upsertPersonal']);
/** Only a token of another party, of one use, opens them (or nothing: daemons are not supported yet): they are seen refusing. */
const UNOPENED = new Set(['prepareAuth', 'authCodeExchange', 'signIn', 'authorizeDaemon', 'checkConnection', 'getAccessTokenByCode', 'reportSent']);
/** What takes away comes last, so that all the others have something to work on. */
const turn = (op: Operation): number => (ENDING.has(op.operationId) ? 3 : op.operationId === 'setTrackingPolicy' ? 2 : op.method === 'delete' ? 1 : 0);

let app: TestApp;
let agent: Agent | undefined;
let world: World;
let pool: Pool;
let nth = 0;

beforeAll(async () => {
  // Limits by address are not what is looked at here: each request says another address.
  app = await createTestApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  await begin();
});
afterAll(async () => {
  agent?.destroy();
  await app.close();
});

async function begin(): Promise<void> {
  // The server gives up connections that wait longer than the making of a world takes.
  agent?.destroy();
  await app.call('PUT', '/v1/email/tracking/policy', { headers: { authorization: BASIC }, body: { policy: 'on' } });
  world = await createWorld(app, `fuzz${++nth}`);
  const { ids } = world;
  const { items } = (await app.call('GET', `/v1/book/account/profiles/${ids.profile}/meeting`, { as: world.token })).body as { items: { start: string }[] };
  pool = {
    messageId: [ids.message], threadId: [ids.thread, ids.convo], attachmentId: [ids.attachment], draftId: [ids.draft, ids.prepared], folderId: [ids.folder], trackingCode: [ids.trackingCode],
    inetMessageId: [ids.internetMessage], internetMessageId: [ids.internetMessage], ruleId: [ids.rule], name: [ids.profileName], aurinkoClientId: [CLIENT_ID],
    accountIds: [ids.account], userId: [ids.user], timezone: ['Europe/Berlin', 'America/St_Johns', 'UTC'], clientId: [CLIENT_ID],
    serviceType: ['Hosted'], address: ['buyer@elsewhere.test', world.email], targets: ['buyer@elsewhere.test'], returnUrl: ['https://client.test/return'], intervalLength: ['P1W', 'P3D'],
    start: items.map((slot) => slot.start), time: items.map((slot) => slot.start), reservationToken: [ids.reservationToken], email: ['grace@hosted.test', `made${nth}@hosted.test`], password: ['long enough for a mailbox'],
  };
  agent = new Agent({ keepAlive: true });
}

interface Sent { readonly path: string; readonly body: string | undefined; readonly headers: Readonly<Record<string, string>> }
interface Got { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string }

/** Over a socket as it stands: no client library that would mend the path on its way. */
function send(op: Operation, { path, body, headers }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(app.url);
    const outgoing = request({ agent, host: '127.0.0.1', port, method: op.method.toUpperCase(), path, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, timeout: PATIENCE_MS });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    outgoing.once('error', reject);
    outgoing.once('response', (answer) => {
      const got = { status: answer.statusCode ?? 0, headers: answer.headers };
      // A stream of events is answered as soon as it is open.
      if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
        answer.destroy();
        return resolve({ ...got, text: '' });
      }
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
      answer.once('end', () => resolve({ ...got, text })).once('error', reject);
    });
    outgoing.end(body);
  });
}

const credentials = (op: Operation): Record<string, string> =>
  op.auth === 'none' ? {} : op.auth === 'app' ? { authorization: BASIC } : op.auth === 'user' ? world.session : { authorization: `Bearer ${world.token}` };

/** A value as a client writes it into a query or path; lists repeat their name. */
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap(texts) : [typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)]);
const queryOf = (values: Record<string, unknown>): string => {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined).flatMap(([name, value]) => texts(value).map((text) => `${encoded(name)}=${encoded(text)}`));
  return pairs.length ? `?${pairs.join('&')}` : '';
};
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed().slice(0, 1_000));

/** Bodies whose parts have to fit each other, which chance hardly ever meets; they are spoiled as well. */
function examples(op: Operation): unknown[] {
  const [start] = pool.start ?? [];
  const at = (minutes: number) => ({ dateTime: new Date(Date.parse(start!) + minutes * 60_000).toISOString(), timezone: 'Europe/Berlin' });
  const of: Record<string, unknown[]> = {
    createEvent: [{ subject: 'Talk', start: at(0), end: at(30), location: 'Here', description: '<p>x</p>', showAs: 'busy' }, { subject: 'Holiday', start: { dateOnly: '2027-05-01' }, end: { dateOnly: '2027-05-02' } }],
    bookingAccountCreateMeeting: [{ time: { start }, name: 'Grace', email: 'grace@hosted.test', substitutionData: { topic: 'x' } }],
    createMeeting: [{ time: { start }, name: 'Grace', email: 'grace@hosted.test', substitutionData: { topic: 'x' } }],
    rescheduleReservation: [{ time: { start } }],
    upsertPersonal: [{ serviceType: 'Hosted', email: pool.email![1], password: 'long enough for a mailbox', active: true, timezone: 'Europe/Berlin' }],
    send: [{ subject: 'An offer', body: '<p>Hi</p>', to: [{ name: 'Ann', address: 'buyer@elsewhere.test' }], xHeaders: [{ name: 'X-Ours', value: '1' }], attachments: [{ name: 'a.txt', mimeType: 'text/plain', content: 'aGk=' }], tracking: { opens: true, links: true }, followUp: { ruleId: Number(world.ids.rule), actionVars: {} } }],
  };
  return of[op.operationId] ?? [];
}

const RAW_BODIES = ['', '{', '[]', 'null', '"text"', '1e999', '{"a":1,"a":2}', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, '\ufeff{}', '{"__proto__":{"polluted":1}}', 'a=b&c=d'];
const RAW_PATHS = ['%', '%ZZ', '%00', '%2e%2e%2f', '%ff', '..%5c', '%F0%9F', '1;a=b', '*', '1e9', '-1', '9'.repeat(30), '0x10', 'x'.repeat(5_000)];

const requests = (op: Operation): Arbitrary<Sent> => fc.oneof(shaped(op, true), shaped(op, false));

/** Requests as the contract has them, or with something wrong in one place or in several. */
function shaped(op: Operation, right: boolean): Arbitrary<Sent> {
  const now = app.clock.now();
  const named = Object.fromEntries(Object.keys(op.params?.shape ?? {}).map((parameter) => [parameter, kindOf(op, parameter)] as const).filter(([, kind]) => kind).map(([parameter, kind]) => [parameter, [world.ids[kind!]]]));
  const of = (schema: Operation['query'], spoil: boolean): Arbitrary<Record<string, unknown>> => {
    if (!schema) return fc.constant({});
    const valid = validInput(schema, schema === op.params ? { ...pool, ...named } : pool, now);
    const names = Object.keys(schema.shape);
    return (spoil ? spoiled(valid, names) : valid).map((value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {}));
  };
  const pathOf = (params: Record<string, unknown>): string => op.path.replace(/\{([^}]+)\}/g, (_, name: string) => encoded(texts(params[name])[0] ?? 'x') || 'x');
  const path = right ? of(op.params, false).map(pathOf) : fc.oneof(
    { weight: 6, arbitrary: of(op.params, false).map(pathOf) },
    { weight: 1, arbitrary: of(op.params, true).map(pathOf) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW_PATHS).map((raw) => op.path.replace(/\{[^}]+\}/g, raw)) },
  );
  const query = fc.oneof({ weight: 3, arbitrary: of(op.query, false) }, { weight: right ? 0 : 1, arbitrary: of(op.query, true) }).map(queryOf);
  const own = examples(op);
  const generated = op.body ? validInput(op.body, pool, now) : fc.constant(undefined);
  const valid = own.length ? fc.oneof(generated, fc.constantFrom(...own)) : generated;
  const json = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));
  const form = (value: unknown): string => queryOf((typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>).slice(1);
  const write = op.bodyKind === 'form' ? form : json;
  const body: Arbitrary<string | undefined> = op.body
    ? fc.oneof({ weight: 2, arbitrary: valid.map(write) }, { weight: right ? 0 : 6, arbitrary: spoiled(valid).map(write) }, { weight: right ? 0 : 1, arbitrary: fc.constantFrom(...RAW_BODIES) })
    : fc.constant(undefined);
  const type = op.bodyKind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  const more = right ? fc.constant<Record<string, string>>({}) : fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    fc.constantFrom<Record<string, string>>(
      { 'content-type': 'text/plain' }, { 'content-type': 'application/json; charset=utf-7' }, { 'content-type': '' }, { 'content-encoding': 'gzip' }, { 'content-encoding': 'br, br' }, { 'idempotency-key': 'k e y' }, { 'last-event-id': '-1' },
      { cookie: '=;=;;AUR1=;AUR1=x; =y' }, { accept: 'image/png' }, { 'x-aurinko-auth-type': 'constructor' }, { 'x-aurinko-accountid': '1e9' }, { 'x-forwarded-for': 'nonsense, , 1' }, { origin: 'null' }, { 'if-match': '*' }, { range: 'bytes=9-1,-0' },
    ),
    fc.tuple(fc.uuid(), fc.constant('idempotency-key')).map(([key, header]) => ({ [header]: key })),
  );
  return fc.tuple(path, query, body, more, fc.ipV4()).map(([at, question, content, extra, ip]) => ({
    path: `${at}${question}`, body: content, headers: { 'x-forwarded-for': ip, ...(content === undefined ? {} : { 'content-type': type }), ...credentials(op), ...extra },
  }));
}

/** What a client may be told by any operation, beyond what the operation itself declares. */
const EVERYWHERE: readonly ErrorCode[] = [
  'request.invalid', 'unauthorized', 'token.dead', 'scope.missing', 'access.denied', 'notFound', 'payload.tooLarge', 'media.unsupported', 'idempotency.inProgress', 'idempotency.mismatch', 'rate.limited', 'page.invalid',
];
const INSIDE = /\bat .+\.ts:\d|node_modules|SELECT |INSERT |relation "|duplicate key|violates|pg_|undefined|\[object|Cannot read|is not a function/;

function complaint(op: Operation, { status, headers, text }: Got): string | null {
  if (status >= 500) return `${status} ${text}`;
  // 431: more than node reads of a request's head, before any of ours runs.
  if (status < 400 || status === 431) return null;
  if (op.response.kind === 'page' && String(headers['content-type']).includes('text/html')) return null;
  const { code, message, requestId, field } = JSON.parse(text) as { code: ErrorCode; message: string; requestId: string; field?: string };
  if (STATUS_BY_CODE[code] !== status) return `${code} is no code of ${status}`;
  if (!op.errors.includes(code) && !EVERYWHERE.includes(code)) return `${code} is not declared by the operation`;
  if (!message || INSIDE.test(message.replace(field ?? '', ''))) return `the message tells of the inside: ${message}`;
  if (message.length > 2_000) return `the message has ${message.length} characters`;
  if (requestId !== headers['x-request-id']) return 'the requestId is not that of the header';
  return null;
}

describe('an operation answers whatever it is sent without a fault of its own', () => {
  const sorted = [...operations].sort((a, b) => turn(a) - turn(b));
  it.each(sorted.map((op) => [`${op.method.toUpperCase()} ${op.path}`, op] as const))('%s', async (_, op) => {
    if (turn(op) > 0 || FRESH.has(op.operationId)) await begin();
    let welcome = 0;
    await fc.assert(fc.asyncProperty(requests(op), async (sent) => {
      const got = await send(op, sent);
      const wrong = complaint(op, got);
      if (wrong) throw new Error(wrong);
      if (got.status < 400) welcome++;
    }), { numRuns: RUNS, seed: SEED, endOnFailure: true });
    // Else nothing behind the first check was reached, and the test would hold of an empty server.
    if (!UNOPENED.has(op.operationId)) expect(welcome).toBeGreaterThan(0);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
    await app.drain();
  });

  it('and the server is well afterwards', async () => {
    expect((await app.call('GET', '/readyz')).status).toBe(200);
    await begin();
    expect((await app.call('GET', '/v1/account', { as: world.token })).status).toBe(200);
  });
});
