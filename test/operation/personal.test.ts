import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPERSONAL, PERSONAL } from '../../server/personal/tables.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { commandLine } from '../support/cli.ts';
import { deliver, mime } from '../support/followup.ts';
import { link, mailbox } from '../support/signin.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { AGENTS, codeAfter, load } from '../support/tracking.ts';

/** In every text that is written in the test, so that a trace can be looked for. */
const MARK = 'zq7vexillology';
const ADDRESS = `${MARK}@hosted.test`;
const BUYER = 'buyer@outside.example';

let app: TestApp;
let sink: SmtpSink;
let sundial: ReturnType<typeof commandLine>;
beforeAll(async () => {
  sink = await startSmtpSink();
  app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url } });
  sundial = commandLine(app);
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

/** Uses the product as a person does in a month: something of hers in as many tables as there are. */
async function live(email: string): Promise<{ accountId: number; userId: string }> {
  const { accountId, accessToken } = await mailbox(app, email);
  const { answer } = await link(app, `outlook-${email}`, email);
  const as = accessToken;
  const made = async (method: string, path: string, body: unknown, query?: Record<string, string>) => {
    const reply = await app.call(method, path, { as, body, ...(query ? { query } : {}), headers: { 'idempotency-key': `${MARK}-${path}` } });
    expect(reply.status, `${path} ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    return reply.body;
  };
  const rule = await made('POST', '/v1/followup/rules', { name: `Rule ${MARK}`, templateSubject: 'Again', templateBody: `<p>${MARK}</p>`, actions: [{ intervalDays: 2, message: `<p>{{topic}} ${MARK}</p>` }] });
  await made('POST', '/v1/email/messages', {
    to: [{ address: BUYER }], subject: `Offer ${MARK}`, body: `<p>${MARK} <a href="https://shop.example/${MARK}">shop</a></p>`,
    followUp: { ruleId: rule.id, actionVars: { topic: MARK } },
    tracking: { opens: true, threadReplies: true, links: true, context: MARK, trackOpensAfterSendDelay: 0 },
  }, { bodyType: 'html' });
  await app.drain();
  const [out] = sink.taken.splice(0);
  const html = out!.data.replace(/=\r\n/g, '').replaceAll('=3D', '=');
  await load(app, `/t/${codeAfter(html, '/t/')}.gif`, AGENTS.outlook);
  await load(app, `/l/${codeAfter(html, '/l/')}`, AGENTS.chrome);
  await deliver(app, email, BUYER, mime({ 'From': BUYER, 'To': email, 'Subject': `Re: Offer ${MARK}`, 'Message-ID': `<answer-${MARK}@outside.example>`, 'In-Reply-To': /^message-id: *(<.*>)/im.exec(out!.data)![1]!, 'Content-Type': 'text/plain' }, `Yes, ${MARK}!`));
  await made('POST', '/v1/email/drafts', { to: [{ address: BUYER }], subject: `Draft ${MARK}`, body: `<p>${MARK}</p>` });
  const profile = await made('POST', '/v1/book/account/profiles', { name: `call-${MARK}`, subject: `Call ${MARK}`, location: 'Video' });
  const times = await app.call('GET', `/v1/book/test-client/${profile.name}/meeting`);
  const booked = await app.call('POST', `/v1/book/test-client/${profile.name}/meeting`, { body: { time: times.body.items[3], name: 'Bea', email: BUYER } });
  expect(booked.body).toMatchObject({ created: true });
  await app.drain();
  sink.taken.length = 0;
  return { accountId, userId: answer.body.userId as string };
}

interface Table {
  schema: string;
  name: string;
}

const tables = async (): Promise<Table[]> => (await sql<Table>`
  select table_schema as schema, table_name as name from information_schema.tables
  where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`.execute(app.deps.db)).rows;

/** Every table and column in which a text stands, or an id in a column or payload that names accounts or users. */
async function traces(texts: readonly string[], { accountId, userId }: { accountId: number; userId: string }): Promise<string[]> {
  const found: string[] = [];
  for (const { schema, name } of await tables()) {
    const { rows } = await sql<{ row: Record<string, unknown> }>`select to_jsonb(t) as row from ${sql.id(schema, name)} t`.execute(app.deps.db);
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        // bytea is written as hexadecimal digits.
        const text = typeof value === 'string' && value.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex').toString('latin1') : JSON.stringify(value) ?? '';
        const named = texts.some((t) => text.toLowerCase().includes(t.toLowerCase())) || text.includes(userId)
          || (column === 'account_id' && value === accountId) || new RegExp(`"accountId": ?${accountId}\\b`).test(text) || (name === 'accounts' && column === 'id' && value === accountId);
        if (named) found.push(`${schema}.${name}.${column}`);
      }
    }
  }
  return [...new Set(found)].sort();
}

describe('a person\'s data', () => {
  it('stands in tables that are all known to export and erasure', async () => {
    const known = new Set([...Object.keys(PERSONAL), ...Object.keys(IMPERSONAL), 'rate_limits', 'kysely_migration', 'kysely_migration_lock']);
    const unknown = (await tables()).filter((t) => t.schema === 'public' && !known.has(t.name)).map((t) => t.name);
    expect(unknown, 'a new table belongs into PERSONAL or IMPERSONAL of server/personal/tables.ts').toEqual([]);
  });

  it('is written out whole: mail as .eml, events as .ics, the rest as JSON without secrets', async () => {
    const email = `${MARK}-out@hosted.test`;
    const { accountId } = await live(email);
    const folder = join(mkdtempSync(join(tmpdir(), 'sundial-export-')), 'all');
    await sundial('account', 'export', email, '--to', folder);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const messages = files.filter((f) => f.endsWith('.eml')).map((f) => readFileSync(join(folder, f), 'utf8'));
    expect(messages.filter((m) => m.includes(`Offer ${MARK}`)).length).toBeGreaterThanOrEqual(2);
    expect(messages.some((m) => m.includes(`Yes, ${MARK}!`))).toBe(true);
    const calendar = readFileSync(join(folder, 'calendar/events.ics'), 'utf8');
    expect(calendar.match(/BEGIN:VEVENT/g)).toHaveLength(1);
    expect(calendar).toContain(MARK);
    const json = (file: string) => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Record<string, Record<string, unknown>[]>;
    expect(json('account').accounts).toMatchObject([{ id: accountId, email }]);
    expect(json('account').exchange_identities).toHaveLength(1);
    expect(json('mail').mail_messages!.filter((m) => m.file).map((m) => m.file)).toEqual(expect.arrayContaining(files.filter((f) => f.endsWith('.eml'))));
    expect(json('tracking').tracking!.length).toBeGreaterThan(0);
    expect(json('tracking').tracking_events!.map((e) => e.type)).toEqual(expect.arrayContaining(['open', 'click', 'reply']));
    expect(json('followup').followup_conversations).toMatchObject([{ targets: [BUYER], stop_reason: 'answered' }]);
    expect(json('followup').followup_rules).toContainEqual(expect.objectContaining({ name: `Rule ${MARK}` }));
    expect(json('booking').booking_reservations).toMatchObject([{ attendee_email: BUYER, status: 'confirmed' }]);
    expect(json('history').outbox!.map((e) => e.type)).toContain('MailSent');
    const all = files.filter((f) => f.endsWith('.json')).map((f) => readFileSync(join(folder, f), 'utf8')).join('');
    for (const secret of ['token_hash', 'password_hash', 'code_hash', 'ip_hash']) expect(all).not.toContain(secret);
    // Nobody else of this machine reads it.
    expect(statSync(folder).mode & 0o077).toBe(0);
    await expect(sundial('account', 'export', email, '--to', folder)).rejects.toThrow('cannot be made');
    await sundial('account', 'erase', email, '--yes', email);
  });

  it('is gone from every table after an erasure, queues and events and bytes too', async () => {
    const person = await live(ADDRESS);
    // As it is queued for a job that was given up.
    await sql`insert into pgboss.job (name, data) values ('jobs.setAside', ${JSON.stringify({ queue: 'on.tracking.arrived', jobId: 'x', reason: 'x', data: { id: 1, event: { accountId: person.accountId } } })}::jsonb)`.execute(app.deps.db);
    const before = await traces([MARK], person);
    expect(before.length, before.join(' ')).toBeGreaterThan(25);
    await expect(sundial('account', 'erase', ADDRESS)).rejects.toThrow('cannot be undone');
    const { data } = await sundial('account', 'erase', ADDRESS, '--yes', ADDRESS);
    expect(data).toMatchObject({ left: {} });
    expect(await traces([MARK], person)).toEqual([]);
    expect(await app.drain()).toBe(0);
    expect(await traces([MARK], person)).toEqual([]);
    expect((await sql<{ n: number }>`select count(*)::int as n from blobs`.execute(app.deps.db)).rows[0]!.n).toBe(0);
  });

  it('stays where it is other people\'s own, and the answer counts that', async () => {
    const [leaving, staying] = [await mailbox(app, `leaving-${MARK}@hosted.test`), await mailbox(app, 'staying@hosted.test')];
    await app.call('POST', '/v1/email/messages', { as: leaving.accessToken, body: { to: [{ address: staying.email }], subject: 'Goodbye', body: '<p>x</p>' } });
    await app.drain();
    const { data } = await sundial('account', 'erase', leaving.email, '--yes', leaving.email);
    expect(data).toMatchObject({ left: { 'messages in other mailboxes': 1 } });
    expect((await app.call('GET', '/v1/email/messages', { as: staying.accessToken })).body.records).toMatchObject([{ subject: 'Goodbye' }]);
    // The address is free again, and mail to it is refused until somebody takes it.
    await expect(deliver(app, leaving.email, BUYER, mime({ Subject: 'Late' }))).rejects.toThrow('has no mailbox here');
  });
});
