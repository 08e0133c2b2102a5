import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config.ts';
import { startSundial } from '../../server/sundial.ts';
import { freePort } from '../support/port.ts';
import { PRODUCTION } from '../support/production.ts';

const CLIENT = ['client', 'a-secret-of-enough-letters'] as const;
const basic = { authorization: `Basic ${Buffer.from(CLIENT.join(':')).toString('base64')}` };

/** A server in this process, used once: what it answers, and its end. */
async function during<T>(env: Record<string, string>, work: (call: (method: string, path: string, headers: Record<string, string>, body?: object) => Promise<{ status: number; body: Record<string, unknown> }>) => Promise<T>): Promise<T> {
  const config = parseConfig({ ...PRODUCTION, SUNDIAL_CLIENT_ID: CLIENT[0], SUNDIAL_CLIENT_SECRET: CLIENT[1], HOSTED_DOMAINS: 'team.test', PORT: '0', SMTP_PORT: '0', ...env });
  const sundial = await startSundial(config, pino({ level: 'silent' }));
  try {
    return await work(async (method, path, headers, body) => {
      const answer = await fetch(`http://127.0.0.1:${sundial.port}${path}`, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
      return { status: answer.status, body: await answer.json() as Record<string, unknown> };
    });
  } finally {
    await sundial.stop();
  }
}

/** Makes a mailbox and a message in it; answers how to look whether both are there. */
async function fill(env: Record<string, string>): Promise<() => Promise<void>> {
  const as = await during(env, async (call) => {
    const made = await call('POST', '/v1/am/accounts', basic, { serviceType: 'Hosted', email: 'ada@team.test', password: 'long enough', active: true });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    const token = { authorization: `Bearer ${String(made.body.accessToken)}` };
    expect((await call('POST', '/v1/email/messages', token, { to: [{ address: 'ada@team.test' }], subject: 'Kept', body: '<p>x</p>' })).status).toBe(201);
    return token;
  });
  return () => during(env, async (call) => {
    const { status, body } = await call('GET', '/v1/email/messages', as);
    expect(status).toBe(200);
    expect((body.records as { subject: string }[])[0]).toMatchObject({ subject: 'Kept' });
    // Only with the right keys.
    expect((await call('GET', '/v1/am/accounts', basic)).status).toBe(200);
  });
}

describe('a backup, as docs/operation.md says', () => {
  const folders: string[] = [];
  const folder = (): string => {
    folders.push(mkdtempSync(join(tmpdir(), 'sundial-backup-')));
    return folders.at(-1)!;
  };
  afterAll(() => {
    for (const path of folders) rmSync(path, { recursive: true, force: true });
  });

  it('of the embedded database is a copy of its stopped directory', async () => {
    const [data, backup] = [join(folder(), 'data'), folder()];
    const isThere = await fill({ DATA_DIR: data });
    cpSync(data, backup, { recursive: true });
    rmSync(data, { recursive: true });
    cpSync(backup, data, { recursive: true });
    await isThere();
  }, 120_000);

  /** Server and client programs of one version, where this machine has them; the packaged Postgres brings no pg_dump. */
  const bin = ['/usr/lib/postgresql', '/opt/homebrew/opt'].filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((version) => join(path, version, 'bin')))
    .find((path) => ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'dropdb', 'createdb'].every((program) => existsSync(join(path, program))));

  describe.skipIf(!bin)('of a Postgres', () => {
    // Postgres refuses to run as root.
    const person = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    let server: ChildProcess;
    let port: number;
    const run = (program: string, ...args: string[]) => {
      const { status, stderr } = spawnSync(join(bin!, program), args, { encoding: 'utf8', ...person, env: { PATH: process.env.PATH, LC_ALL: 'C' } });
      expect(status, `${program} ${stderr}`).toBe(0);
    };
    beforeAll(async () => {
      const data = folder();
      if ('uid' in person) chownSync(data, 65534, 65534);
      run('initdb', '-D', data, '-U', 'sundial', '-A', 'trust', '-E', 'UTF8');
      port = await freePort();
      server = spawn(join(bin!, 'postgres'), ['-D', data, '-p', String(port), '-k', data, '-c', 'listen_addresses=127.0.0.1'], { ...person, stdio: 'ignore' });
      for (let tries = 0; spawnSync(join(bin!, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status !== 0 && tries < 100; tries++) await setTimeout(100);
    }, 60_000);
    afterAll(async () => {
      server.kill('SIGINT');
      await new Promise((done) => server.once('exit', done));
    });

    it('is a dump that restores into an empty database', async () => {
      const at = ['-h', '127.0.0.1', '-p', String(port), '-U', 'sundial'];
      const out = folder();
      if ('uid' in person) chownSync(out, 65534, 65534);
      const dump = join(out, 'sundial.dump');
      run('createdb', ...at, 'sundial');
      const isThere = await fill({ DATABASE_URL: `postgres://sundial@127.0.0.1:${port}/sundial`, ACCEPT_EMBEDDED_DATABASE: '' });
      run('pg_dump', ...at, '--format=custom', `--file=${dump}`, 'sundial');
      run('dropdb', ...at, '--force', 'sundial');
      run('createdb', ...at, 'sundial');
      run('pg_restore', ...at, '--dbname=sundial', '--no-owner', dump);
      await isThere();
    }, 120_000);
  });
});
