import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'sundial-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = (n: number): string => Buffer.alloc(32, n).toString('base64url');

/** Starts the process, ends it when it is ready, and answers what it said. */
async function run(env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ['server/main.ts'], { cwd: root, env: { PATH: process.env.PATH, PORT: '0', SMTP_PORT: '0', DATA_DIR: dir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const out of [child.stdout, child.stderr]) {
    out.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('is ready')) child.kill('SIGTERM');
    });
  }
  await new Promise((done) => child.once('close', done));
  return text;
}

it('a key that went missing, and a damaged file of keys, stop the start with one clear line', async () => {
  expect(await run({ SUNDIAL_KEYS: key(1) })).toContain('is ready');
  expect(await run({ SUNDIAL_KEYS: `${key(2)} ${key(1)}` })).toContain('is ready');
  const missing = await run({ SUNDIAL_KEYS: key(3) });
  expect(missing).toMatch(/Sundial did not start\. The key [\w-]+, .*SUNDIAL_KEYS/);
  writeFileSync(join(dir, 'keys'), 'damaged');
  const damaged = await run({});
  expect(damaged).toMatch(/Sundial did not start\. .*keys is wrong: each key is 32 bytes/);
  for (const text of [missing, damaged]) expect(text).not.toMatch(/\n\s+at /);
}, 120_000);
