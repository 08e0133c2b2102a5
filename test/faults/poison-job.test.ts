import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { deliverRaw } from '../support/mail.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sundial-poison-'));
let server: Faulty;
afterAll(async () => {
  await server?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a message whose reading ends the process twice is set aside for the operator to see, is there with its headers, and stops no other', async () => {
  // Each process dies at the first message that it reads.
  const deadly = { DATA_DIR: dataDir, ARMED: 'mail.derive kill' };
  server = await startFaulty(deadly);
  const { token } = await server.account('bob@hosted.test');
  const messages = async (): Promise<{ id: string; subject: string }[]> => (await server.call('GET', '/v1/email/messages', { as: token })).body.records;
  await deliverRaw(server, 'bob@hosted.test', 'From: far@away.example\nSubject: poison\n\nx\n');
  expect(await server.ended).toBe('SIGKILL');
  // It is tried once more, since the process may have died of something else.
  expect(await startFaulty(deadly).then((next) => next.ended, (before: Error) => before.message)).toContain('SIGKILL');

  server = await startFaulty(deadly);
  await expect.poll(async () => (await messages()).map((m) => m.subject), { timeout: 60_000, interval: 200 }).toEqual(['poison']);
  const [poison] = await messages();
  expect((await server.call('GET', `/v1/email/messages/${poison!.id}`, { as: token })).body.from.address).toBe('far@away.example');
  expect((await server.call('GET', '/metrics')).body).toMatch(/^sundial_dead_letters 1$/m);

  await server.disarm('mail.derive');
  await deliverRaw(server, 'bob@hosted.test', 'From: far@away.example\nSubject: harmless\n\nx\n');
  await expect.poll(async () => (await messages()).map((m) => m.subject), { timeout: 60_000, interval: 200 }).toEqual(['harmless', 'poison']);
});
