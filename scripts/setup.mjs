// What has to be there before the server or the tests can run. Plain JavaScript on the machine's own
// Node (20 or newer), because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Installs from the lockfile where it changed since the last install. */
export async function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.installed-lockfile');
  const wanted = hashOf(['package-lock.json']);
  if (readIfThere(stamp) === wanted) return;
  step('Installing packages from the lockfile (about a minute, once)');
  // Building and testing need the development packages, also where NODE_ENV says production.
  await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], 'The packages could not be installed.');
  writeFileSync(stamp, wanted);
}

/** Builds the add-in's pages where a source of theirs changed since the last build. */
export async function ensureBuilt() {
  const stamp = join(root, 'dist', 'addin', '.built-from');
  const wanted = hashOf(['webpack.config.js', 'tsconfig.json', 'package-lock.json', ...filesUnder('addin')]);
  if (readIfThere(stamp) === wanted) return;
  step('Building the add-in');
  await run(nodeBinary(), ['node_modules/webpack-cli/bin/cli.js', '--mode', 'production'], 'The add-in could not be built.');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** What node starts the server with. Its room for new objects would else take up to 130 MB, for no gain that can be measured. */
export const serverArguments = ['--max-semi-space-size=16', 'server/main.ts'];

/** Node 24 from the lockfile; the machine's own where the lockfile has none for this platform. */
export function nodeBinary() {
  const bundled = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(bundled)) return bundled;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  fail(`Sundial brings its own Node for Linux and macOS on ARM; on ${process.platform}-${process.arch} it needs Node 24 or newer, and this is ${process.versions.node}.`);
}

/**
 * In a process group of its own, which a signal to this process ends as a whole: npm starts processes
 * of its own, and a supervisor knows none of them.
 */
export async function run(command, args, failure, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', detached: true, ...options });
  const endAll = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended by itself meanwhile.
    }
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, endAll);
  const status = await new Promise((resolve) => child.once('exit', resolve).once('error', () => resolve(1)));
  for (const signal of signals) process.off(signal, endAll);
  if (status !== 0) fail(failure);
}

export function step(text) {
  console.log(`  ${text}`);
}

export function fail(text) {
  console.error(text);
  process.exit(1);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update('\0').update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

function filesUnder(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
