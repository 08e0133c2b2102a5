import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPostgres, type TestPostgres } from '../support/embedded-postgres.ts';
import { freePort } from '../support/port.ts';
import { PRODUCTION } from '../support/production.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const root = join(import.meta.dirname, '../..');
const CLIENT = ['client', 'a-secret-of-enough-letters'] as const;

interface Line {
  msg?: string;
  requestId?: string;
  job?: string;
  [field: string]: unknown;
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it logged, as JSON. */
  lines(): Line[];
  output(): string;
  readonly exited: Promise<number | null>;
}

describe('several processes on one Postgres', () => {
  let postgres: TestPostgres;
  let sink: SmtpSink;
  const running: Running[] = [];
  let web: Running;
  beforeAll(async () => {
    [postgres, sink] = await Promise.all([startPostgres({ durable: true }), startSmtpSink()]);
    web = await start('web');
  }, 120_000);
  afterAll(async () => {
    for (const { child, exited } of running) {
      child.kill('SIGKILL');
      await exited;
    }
    await sink.close();
    await postgres.close();
  });

  const settings = (): Record<string, string> => ({
    ...PRODUCTION, ACCEPT_EMBEDDED_DATABASE: '', DATABASE_URL: postgres.url, SUNDIAL_CLIENT_ID: CLIENT[0], SUNDIAL_CLIENT_SECRET: CLIENT[1],
    HOSTED_DOMAINS: 'team.test', SMTP_RELAY_URL: sink.url, SMTP_PORT: '0', DATA_DIR: '/nonexistent/never-made',
  });

  function run(script: string, args: readonly string[], env: Record<string, string>): Omit<Running, 'url'> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], { cwd: root, env: { PATH: process.env.PATH, ...settings(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
    const lines = () => text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
    return { child, output: () => text, lines, exited: new Promise((done) => child.once('exit', done)) };
  }

  async function start(role: string): Promise<Running> {
    const port = await freePort();
    const started = { ...run('server/main.ts', [], { SUNDIAL_ROLE: role, PORT: String(port) }), url: `http://127.0.0.1:${port}` };
    running.push(started);
    await vi.waitUntil(() => /is ready|did not start/.test(started.output()), { timeout: 60_000, interval: 50 });
    expect(started.output()).toContain('is ready');
    return started;
  }

  const sundial = async (...words: string[]) => {
    const ran = run('server/cli/main.ts', words, {});
    const code = await ran.exited;
    return { code, output: ran.output() };
  };

  const send = async (token: string, to: string) => {
    const answer = await fetch(`${web.url}/v1/email/messages`, {
      method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: [{ address: to }], subject: 'Across', body: '<p>x</p>', tracking: { opens: true, threadReplies: true } }),
    });
    expect(answer.status).toBe(201);
    return answer.headers.get('x-request-id')!;
  };

  it('share the work: what a web process accepted, a worker sends; and one requestId leads from the request to the SMTP attempt', async () => {
    const made = await sundial('account', 'create', 'ada@team.test', '--json');
    expect(made, made.output).toMatchObject({ code: 0 });
    const { accessToken } = JSON.parse(made.output) as { accessToken: string };
    const requestId = await send(accessToken, 'buyer@outside.example');
    await setTimeout(3000);
    // A web process works on no job, so it waits.
    expect(sink.taken).toEqual([]);

    const worker = await start('worker');
    await expect.poll(() => sink.taken.length, { timeout: 30_000 }).toBe(1);
    const of = (process: Running): Line[] => process.lines().filter((line) => line.requestId === requestId);
    await expect.poll(() => of(worker).map((line) => line.msg), { timeout: 10_000 }).toContain('SMTP attempt');
    expect(of(web).map((line) => line.msg)).toEqual(['message to send', 'request']);
    const [outgoing] = of(web);
    expect(of(worker).find((line) => line.msg === 'SMTP attempt')).toMatchObject({ messageId: outgoing!.messageId, route: 'relay', outcome: 'taken', code: '250', attempt: 1, job: 'mail.deliver' });
    // Addresses are not for logs.
    expect(worker.output() + web.output()).not.toContain('buyer@outside.example');

    // Between own mailboxes a worker needs no other process either.
    const bea = JSON.parse((await sundial('account', 'create', 'bea@team.test', '--json')).output) as { accessToken: string };
    await send(accessToken, 'bea@team.test');
    const inbox = async () => (await (await fetch(`${web.url}/v1/email/messages`, { headers: { authorization: `Bearer ${bea.accessToken}` } })).json() as { records: { subject: string }[] }).records;
    await expect.poll(inbox, { timeout: 30_000, interval: 200 }).toMatchObject([{ subject: 'Across' }]);
    expect(worker.lines().map((line) => line.msg)).toContain('message taken');

    // A worker answers how it is, and nothing else.
    expect((await fetch(`${worker.url}/readyz`)).status).toBe(200);
    const figures = await (await fetch(`${worker.url}/metrics`)).text();
    expect(figures).toMatch(/sundial_mail_sent_total\{route="relay",result="taken"\} 1/);
    expect(figures).toMatch(/sundial_database_connections\{state="total"\} [1-9]/);
    expect((await fetch(`${worker.url}/v1/account`, { headers: { authorization: `Bearer ${accessToken}` } })).status).toBe(404);
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
  }, 150_000);

  it('take a domain and an application that an operator adds beside them, without a restart', async () => {
    expect(await sundial('domain', 'add', 'later.test')).toMatchObject({ code: 0 });
    const app = JSON.parse((await sundial('app', 'create', 'Later', '--json')).output) as { clientId: string; clientSecret: string };
    const create = () => fetch(`${web.url}/v1/am/accounts`, {
      method: 'POST', headers: { 'authorization': `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ serviceType: 'Hosted', email: 'eve@later.test', password: 'long enough', active: true }),
    });
    await expect.poll(async () => (await create()).status, { timeout: 10_000 }).toBeOneOf([200, 409]);
    expect(await sundial('app', 'rotate-secret', CLIENT[0])).toMatchObject({ code: 1, output: expect.stringContaining('SUNDIAL_CLIENT_SECRET') });
    expect(await sundial('nothing')).toMatchObject({ code: 2, output: expect.stringContaining('sundial --help') });
    expect(await sundial('account', 'create', 'x@elsewhere.test', '--json')).toMatchObject({ code: 1, output: expect.stringMatching(/^\{"error":"email: @elsewhere.test is not served here/) });
  }, 120_000);

  it('are looked at by the doctor, who says what is wrong and what to do', async () => {
    const { code, output } = await sundial('doctor');
    expect(output).toMatch(/ok +durability/);
    expect(output).toMatch(/ok +migrations/);
    expect(output).toMatch(/ok +keys/);
    expect(output).toMatch(/ok +relay +127\.0\.0\.1:\d+ answers/);
    // Nobody answers for the name of this test.
    expect(output).toMatch(/fail +public url +https:\/\/sundial\.test cannot be reached/);
    expect(code).toBe(1);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('alter system set fsync = off');
    await client.query('select pg_reload_conf()');
    await client.end();
    await setTimeout(500);
    expect((await sundial('doctor')).output).toMatch(/fail +durability +fsync is off/);
  }, 120_000);
});
