import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'sundial-start-script-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('npm start that is told to end while it installs takes the installation and all that it started with it', async () => {
  cpSync(join(root, 'scripts'), join(dir, 'scripts'), { recursive: true });
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  // An npm that starts another process, as the real one does, and waits for it.
  const npm = join(dir, 'npm');
  writeFileSync(npm, `#!/bin/sh\nsleep 600 & echo $! > ${join(dir, 'pid.tmp')}; mv ${join(dir, 'pid.tmp')} ${join(dir, 'pid')}; wait\n`);
  chmodSync(npm, 0o755);
  const start = spawn(process.execPath, ['scripts/start.mjs'], { cwd: dir, env: { ...process.env, PATH: `${dir}${delimiter}${process.env.PATH}` }, stdio: 'ignore' });
  const ended = new Promise((resolve) => start.once('exit', resolve));
  await expect.poll(() => existsSync(join(dir, 'pid')), { timeout: 20_000 }).toBe(true);
  const started = Number(readFileSync(join(dir, 'pid'), 'utf8'));
  start.kill('SIGTERM');
  expect(await ended).toBe(143);
  await expect.poll(() => isAlive(started), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process whose parent does not ask for it any more stays in the table until somebody does.
    return !/\) Z /.test(existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '');
  } catch {
    return false;
  }
}
