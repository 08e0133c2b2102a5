import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/port.ts';
import { PRODUCTION } from '../support/production.ts';

const root = join(import.meta.dirname, '../..');

/** The real process, as npm start runs it after installing and building. */
describe('the process', () => {
  const dirs: string[] = [];
  const children: ChildProcess[] = [];
  const dataDir = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'sundial-start-'));
    dirs.push(dir);
    return dir;
  };
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await new Promise((done) => child.once('exit', done));
    }
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  function start(env: Record<string, string>): { child: ChildProcess; output: () => string; exited: Promise<number | null> } {
    const child = spawn(process.execPath, ['server/main.ts'], { cwd: root, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text += data.toString()));
    return { child, output: () => text, exited: new Promise((done) => child.once('exit', done)) };
  }

  const untilReady = (p: { output: () => string }): Promise<void> => expect.poll(p.output, { timeout: 60_000, interval: 50 }).toContain('is ready');

  it('starts on an empty directory, says where to open it, answers, and ends cleanly on SIGTERM', async () => {
    const port = await freePort();
    const p = start({ PORT: String(port), SMTP_PORT: '0', DATA_DIR: dataDir() });
    await untilReady(p);
    expect(p.output()).toContain(`http://127.0.0.1:${port}/`);
    expect(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text()).toBe('ready\n');
    p.child.kill('SIGTERM');
    expect(await p.exited).toBe(0);
  }, 90_000);

  it('ends open streams on SIGTERM instead of cutting them off', async () => {
    const port = await freePort();
    const p = start({ PORT: String(port), SMTP_PORT: '0', DATA_DIR: dataDir(), SUNDIAL_CLIENT_ID: 'client', SUNDIAL_CLIENT_SECRET: 'a-secret-of-enough-letters' });
    await untilReady(p);
    const made = await fetch(`http://127.0.0.1:${port}/v1/am/accounts`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from('client:a-secret-of-enough-letters').toString('base64')}` },
      body: JSON.stringify({ serviceType: 'Hosted', email: 'reader@playground.test', password: 'long enough', active: true }),
    });
    const { accessToken } = await made.json() as { accessToken: string };
    const streams = await Promise.all(Array.from({ length: 12 }, () => fetch(`http://127.0.0.1:${port}/v1/email/tracking/stream`, { headers: { authorization: `Bearer ${accessToken}` } })));
    p.child.kill('SIGTERM');
    // A stream that is cut off rejects here.
    for (const stream of streams) expect(await stream.text()).toMatch(/^: open/);
    expect(await p.exited).toBe(0);
    expect(p.output()).not.toContain('MaxListeners');
  }, 90_000);

  it('keeps a second process out of its data directory, and is let in again after kill -9', async () => {
    const dir = dataDir();
    const first = start({ PORT: String(await freePort()), SMTP_PORT: '0', DATA_DIR: dir });
    await untilReady(first);
    const second = start({ PORT: String(await freePort()), SMTP_PORT: '0', DATA_DIR: dir });
    expect(await second.exited).toBe(1);
    expect(second.output().trim().split('\n').at(-1)).toContain('Another Sundial is using the data directory');
    first.child.kill('SIGKILL');
    await first.exited;
    const third = start({ PORT: String(await freePort()), SMTP_PORT: '0', DATA_DIR: dir });
    const started = performance.now();
    await untilReady(third);
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 120_000);

  it('does not open a playground\'s data in production mode', async () => {
    const dir = dataDir();
    const playground = start({ PORT: String(await freePort()), SMTP_PORT: '0', DATA_DIR: dir });
    await untilReady(playground);
    playground.child.kill('SIGTERM');
    await playground.exited;
    const production = start({
      ...PRODUCTION, PORT: String(await freePort()), SMTP_PORT: '0', DATA_DIR: dir,
      SUNDIAL_CLIENT_ID: 'client', SUNDIAL_CLIENT_SECRET: 'a-secret-of-enough-letters',
    });
    expect(await production.exited).toBe(1);
    expect(production.output()).toContain('made in playground mode');
  }, 90_000);

  it.each([
    ['a taken port', async () => {
      const blocker = createServer();
      await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
      return { env: { PORT: String((blocker.address() as AddressInfo).port) }, says: 'is taken', after: () => blocker.close() };
    }],
    ['a taken mail port', async () => {
      const blocker = createServer();
      await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
      return { env: { SMTP_PORT: String((blocker.address() as AddressInfo).port) }, says: 'set SMTP_PORT', after: () => blocker.close() };
    }],
    ['a data directory that cannot be made', async () => ({ env: { DATA_DIR: join(root, 'package.json/data') }, says: 'set DATA_DIR', after: () => {} })],
    ['a DKIM key that is none', async () => ({ env: { DKIM_KEYS: `playground.test:s1:${join(root, 'package.json')}` }, says: 'Setting DKIM_KEYS', after: () => {} })],
    ['a key that is too short', async () => ({ env: { SUNDIAL_KEYS: 'abc' }, says: 'Setting SUNDIAL_KEYS', after: () => {} })],
    ['an unreachable database', async () => ({ env: { DATABASE_URL: `postgres://u:secret-password@127.0.0.1:${await freePort()}/sundial` }, says: 'cannot be reached', after: () => {} })],
    ['a wrong setting', async () => ({ env: { LOG_LEVEL: 'loud' }, says: 'Setting LOG_LEVEL', after: () => {} })],
  ])('stops on %s with one clear line', async (_what, prepare) => {
    const { env, says, after } = await prepare();
    const p = start({ PORT: '0', SMTP_PORT: '0', DATA_DIR: dataDir(), ...env });
    expect(await p.exited).toBe(1);
    after();
    const complaints = p.output().split('\n').filter((line) => line.startsWith('Sundial did not start.'));
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(says);
    expect(p.output()).not.toContain('secret-password');
    expect(p.output()).not.toMatch(/\n\s+at /);
  }, 60_000);
});
