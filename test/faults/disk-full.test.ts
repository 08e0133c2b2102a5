import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { deliverRaw } from '../support/mail.ts';

const DISK = 160_000_000;

/** A file system of its own, so small that it can be filled; only root may make one. */
const disk = mkdtempSync(join(tmpdir(), 'sundial-disk-'));
const mounted = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk], { stdio: 'ignore' }).status === 0;
const ballast = join(disk, 'ballast');
const room = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

let server: Faulty | undefined;
afterAll(async () => {
  await server?.kill();
  if (mounted) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

it('says 452 and 503 where there is no room, goes on reading, keeps what it took, and goes on by itself when there is room again', async () => {
  const dataDir = join(disk, 'data');
  mkdirSync(dataDir);
  server = await startFaulty({ DATA_DIR: dataDir });
  const { pid } = server;
  const { token } = await server.account('bob@hosted.test');
  const deliver = (subject: string) => deliverRaw(server!, 'bob@hosted.test', `From: far@away.example\nSubject: ${subject}\n\n${randomBytes(300_000).toString('base64').replace(/.{76}/g, '$&\n')}\n`);
  const send = () => server!.call('POST', '/v1/email/messages', { as: token, body: { to: [{ address: 'far@away.example' }], subject: 's', body: randomBytes(300_000).toString('base64') } });
  const subjects = async (): Promise<string[]> => (await server!.call('GET', '/v1/email/messages?q=in%3Ainbox&limit=100', { as: token })).body.records.map((m: { subject: string }) => m.subject).sort();

  const taken: string[] = [];
  await deliver('first');
  taken.push('first');
  // Where no small disk can be had, the store says what it would say on one.
  if (mounted) writeFileSync(ballast, Buffer.alloc(Math.max(0, room() - 4_000_000)));
  else await server.arm('blob.chunk', 'throw', { code: '53100' });
  let refusal: { responseCode?: number; response?: string } | undefined;
  for (let i = 0; i < 30 && !refusal; i++) {
    await deliver(`m${i}`).then(() => taken.push(`m${i}`), (error: typeof refusal) => {
      refusal = error;
    });
  }
  expect(refusal).toMatchObject({ responseCode: 452, response: expect.stringContaining('4.3.1') });
  if (mounted) writeFileSync(ballast, Buffer.alloc(Math.max(0, room())), { flag: 'a' });
  expect(await send()).toMatchObject({ status: 503, body: { code: 'service.unavailable', message: expect.stringContaining('no room'), requestId: expect.any(String) } });
  expect((await server.call('GET', '/v1/email/messages', { as: token })).status).toBe(200);

  if (mounted) rmSync(ballast);
  else await server.disarm('blob.chunk');
  await deliver('last');
  taken.push('last');
  expect((await send()).status).toBe(201);
  // Reading may have failed for want of room as well; it is tried again, with growing waits.
  await expect.poll(async () => (await subjects()).filter((s) => s === 's' || taken.includes(s)), { timeout: 120_000, interval: 500 }).toEqual([...taken].sort());
  expect(server.pid).toBe(pid);
});
