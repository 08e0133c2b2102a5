import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { deliverRaw } from '../support/mail.ts';

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

  const freePort = (): Promise<number> => new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
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
  const call = async (url: string, method: string, path: string, authorization: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    return { status: answer.status, body: await answer.json() as { records: { subject: string; threadId?: string; omitted: string[] }[]; accessToken: string } };
  };
  const account = async (url: string, email: string) => `Bearer ${(await call(url, 'POST', '/v1/am/accounts', basic, { serviceType: 'Hosted', email, password: 'a long enough password', name: email, timezone: 'UTC', active: true })).body.accessToken}`;

  it('has lost nothing that it took, delivers what it accepted, and delivers it once', async () => {
    const first = await start();
    const alice = await account(first.url, 'crash.alice@playground.test');
    const bob = await account(first.url, 'crash.bob@playground.test');
    const taken: string[] = [];
    const accepted: string[] = [];
    const work = Array.from({ length: 30 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 40));
      await Promise.allSettled([
        deliverRaw(first, 'crash.bob@playground.test', `From: x@elsewhere.test\nSubject: in ${i}\nMessage-ID: <in${i}@x.test>\n\nx\n`).then(() => taken.push(`in ${i}`)),
        call(first.url, 'POST', '/v1/email/messages', alice, { to: [{ address: 'crash.bob@playground.test' }], subject: `out ${i}`, body: 'x' }).then((a) => a.status === 201 && accepted.push(`out ${i}`)),
      ]);
    });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await kill();
    await Promise.all(work);
    expect(taken.length + accepted.length).toBeGreaterThan(4);

    const second = await start();
    const inbox = async () => {
      const { body } = await call(second.url, 'GET', '/v1/email/messages?includeTrashAndJunk=true', bob);
      return body.records;
    };
    await expect.poll(async () => {
      const records = await inbox();
      const subjects = records.filter((m) => m.threadId).map((m) => m.subject);
      return [...taken, ...accepted].filter((s) => !subjects.includes(s));
    }, { timeout: 90_000, interval: 500 }).toEqual([]);
    const subjects = (await inbox()).map((m) => m.subject);
    for (const subject of accepted) expect(subjects.filter((s) => s === subject), subject).toHaveLength(1);
    await kill();
  }, 240_000);
});
