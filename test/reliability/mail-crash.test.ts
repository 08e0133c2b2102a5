import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { deliverRaw } from '../support/mail.ts';
import { freePort } from '../support/port.ts';

const root = join(import.meta.dirname, '../..');
const CLIENT = ['crash-client', 'a-secret-that-only-this-test-has'] as const;
const basic = `Basic ${Buffer.from(CLIENT.join(':')).toString('base64')}`;

/** The real process, on a data directory that survives it. */
describe('a server that is killed in the middle of mail', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sundial-crash-'));
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async () => {
    const [port, smtpPort] = [await freePort(), await freePort()];
    child = spawn(process.execPath, ['server/main.ts'], {
      cwd: root,
      env: { PATH: process.env.PATH, PORT: String(port), SMTP_PORT: String(smtpPort), DATA_DIR: dataDir, SUNDIAL_CLIENT_ID: CLIENT[0], SUNDIAL_CLIENT_SECRET: CLIENT[1], HOSTED_DOMAINS: 'playground.test', LOG_LEVEL: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child!.stdout!.on('data', (text: Buffer) => text.includes('is ready') && resolve());
      child!.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    });
    return { url: `http://127.0.0.1:${port}`, smtpPort };
  };
  const kill = () => new Promise<void>((resolve) => {
    child!.removeAllListeners('exit');
    child!.once('exit', () => resolve());
    child!.kill('SIGKILL');
  });
  const call = async (url: string, method: string, path: string, authorization: string, body?: object, headers?: Record<string, string>) => {
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization, 'content-type': 'application/json', ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: answer.status, body: await answer.json() as { records: { subject: string; threadId?: string; omitted: string[] }[]; accessToken: string; id: string } };
  };
  const account = async (url: string, email: string) => `Bearer ${(await call(url, 'POST', '/v1/am/accounts', basic, { serviceType: 'Hosted', email, password: 'a long enough password', name: email, timezone: 'UTC', active: true })).body.accessToken}`;

  it('has lost nothing that it took, delivers what it accepted, and delivers it once, also to who asks again', async () => {
    const first = await start();
    const alice = await account(first.url, 'crash.alice@playground.test');
    const bob = await account(first.url, 'crash.bob@playground.test');
    const taken: string[] = [];
    const accepted = new Map<string, string>();
    const numbers = Array.from({ length: 24 }, (_, i) => i);
    const send = (url: string, i: number) =>
      call(url, 'POST', '/v1/email/messages', alice, { to: [{ address: 'crash.bob@playground.test' }], subject: `out ${i}`, body: 'x' }, { 'idempotency-key': `out-${i}` });
    const work = numbers.map(async (i) => {
      await setTimeout(i * 40);
      await Promise.allSettled([
        deliverRaw(first, 'crash.bob@playground.test', `From: x@elsewhere.test\nSubject: in ${i}\nMessage-ID: <in${i}@x.test>\n\nx\n`).then(() => taken.push(`in ${i}`)),
        send(first.url, i).then((a) => a.status === 201 && accepted.set(`out ${i}`, a.body.id)),
      ]);
    });
    // In the middle, on however slow a machine: some of each is answered, most of it is not.
    await expect.poll(() => Math.min(taken.length, accepted.size), { timeout: 60_000, interval: 5 }).toBeGreaterThan(2);
    await kill();
    await Promise.all(work);

    const second = await start();
    const inbox = async () => {
      const { body } = await call(second.url, 'GET', '/v1/email/messages?includeTrashAndJunk=true', bob);
      return body.records;
    };
    await expect.poll(async () => {
      const records = await inbox();
      const subjects = records.filter((m) => m.threadId).map((m) => m.subject);
      return [...taken, ...accepted.keys()].filter((s) => !subjects.includes(s));
    }, { timeout: 90_000, interval: 500 }).toEqual([]);

    // Also where the kill cut the request off: nobody but this server could still be working on it.
    const again = async (i: number): Promise<void> => {
      const answer = await send(second.url, i);
      expect([answer.status, answer.body.id]).toEqual([201, accepted.get(`out ${i}`) ?? answer.body.id]);
    };
    await Promise.all(numbers.map(again));
    const copies = async () => {
      const subjects = (await inbox()).map((m) => m.subject);
      return numbers.map((i) => subjects.filter((s) => s === `out ${i}`).length);
    };
    await expect.poll(async () => (await copies()).every((n) => n > 0), { timeout: 60_000, interval: 500 }).toBe(true);
    expect(await copies()).toEqual(numbers.map(() => 1));
    await kill();
  }, 240_000);
});
