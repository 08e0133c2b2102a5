import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CLIENT, startProcess } from '../support/own-process.ts';

const root = join(import.meta.dirname, '../..');
const key = (n: number): string => Buffer.alloc(32, n).toString('base64url');
const dir = mkdtempSync(join(tmpdir(), 'sundial-rotation-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A command in a process of its own, as an operator gives it. */
async function command(env: Record<string, string>, ...words: string[]): Promise<{ code: number; says: string }> {
  const child = spawn(process.execPath, ['server/cli/main.ts', ...words], { cwd: root, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let says = '';
  for (const out of [child.stdout, child.stderr]) out.on('data', (data: Buffer) => (says += data.toString()));
  return { code: await new Promise<number>((done) => child.once('close', done)), says };
}

it('the keys of a server are changed as docs/operation.md has it, and everything that the old key wrote is read without it in the end', async () => {
  const [old, both, fresh] = [{ SUNDIAL_KEYS: key(1) }, { SUNDIAL_KEYS: `${key(2)} ${key(1)}` }, { SUNDIAL_KEYS: key(2) }];
  let server = await startProcess(dir, old);
  // An answer with an access token in it, which is kept encrypted, and an application whose secret is.
  const make = (): Promise<{ status: number; token: string }> => fetch(`${server.url}/v1/am/accounts`, {
    method: 'POST',
    headers: { 'authorization': `Basic ${Buffer.from(CLIENT.join(':')).toString('base64')}`, 'content-type': 'application/json', 'idempotency-key': 'rotation' },
    body: JSON.stringify({ serviceType: 'Hosted', email: 'keys@playground.test', password: 'a long enough password', active: true }),
  }).then(async (r) => ({ status: r.status, token: (await r.json() as { accessToken: string }).accessToken }));
  const before = await make();
  expect(before.token).toBeTypeOf('string');
  const locked = await command({ ...old, DATA_DIR: dir }, 'keys', 'reencrypt');
  expect(locked).toMatchObject({ code: 1, says: expect.stringMatching(/^A running server has the embedded database in .* to itself: stop it, give this command again, then start it\./) });
  await server.stop();
  const own = JSON.parse((await command({ ...old, DATA_DIR: dir, SUNDIAL_CLIENT_ID: CLIENT[0], SUNDIAL_CLIENT_SECRET: CLIENT[1] }, 'app', 'create', 'Beside', '--json')).says) as { clientId: string; clientSecret: string };

  server = await startProcess(dir, both);
  expect(await make()).toEqual(before);
  await server.stop();
  expect((await command({ ...both, DATA_DIR: dir }, 'doctor')).says).toMatch(/warn {2}keys +\d+ secrets in the database stand under an older key/);
  const done = await command({ ...both, DATA_DIR: dir }, 'keys', 'reencrypt');
  expect(done).toMatchObject({ code: 0, says: expect.stringContaining('Nothing in the database needs the older keys any more') });
  expect(await command({ ...both, DATA_DIR: dir }, 'keys', 'reencrypt')).toMatchObject({ code: 0, says: expect.stringMatching(/^0 encrypted anew/) });
  expect((await command({ ...both, DATA_DIR: dir }, 'doctor')).says).toMatch(/ok +keys +All \d+ secrets/);

  server = await startProcess(dir, fresh);
  expect(await make()).toEqual(before);
  const asOwn = await fetch(`${server.url}/v1/am/accounts`, { headers: { authorization: `Basic ${Buffer.from(`${own.clientId}:${own.clientSecret}`).toString('base64')}` } });
  expect(asOwn.status).toBe(200);
  // The development Exchange signs with a key that is kept, and the playground acts with kept tokens.
  const page = { 'origin': server.url, 'content-type': 'application/json' };
  const identity = await fetch(`${server.url}/playground/exchange/token`, { method: 'POST', headers: page, body: JSON.stringify({ mailbox: 'you@playground.test' }) });
  expect(identity.status).toBe(200);
  await server.stop();
}, 240_000);
