import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PRODUCTION } from '../support/production.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const dockerfile = read('Dockerfile');
/** The last stage, which is what runs. */
const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };

describe('the packages', () => {
  it('that the server imports when it runs are not development packages', () => {
    const files = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
    const missing = files.flatMap((file) => [...read(join('server', file)).matchAll(/^(?:import|export) (?!type )[^'";]*?from '([^'.][^']*)'|\bimport\('([^'.][^']*)'\)|resolve\('([^'.][^']*)'\)/gm)]
      .map((m) => (m[1] ?? m[2] ?? m[3])!)
      .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
      .map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'))
      .filter((name) => !Object.hasOwn(dependencies, name))
      .map((name) => `server/${file}: ${name}`));
    expect(missing).toEqual([]);
  });

  it('that only build the pane are development packages', () => {
    const server = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).map((f) => read(join('server', f))).join('\n');
    // Served from its folder where OFFICE_JS is local.
    const unused = Object.keys(dependencies).filter((name) => !server.includes(`'${name}`) && !server.includes(`node_modules/${name}`));
    expect(unused).toEqual([]);
  });
});

describe('the image', () => {
  it('is of one pinned Node 24, runs as a person without rights, and says how it is', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((m) => m[1]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:24\.\d+\.\d+-/);
    expect(image).toMatch(/\nUSER node\n/);
    expect(image).toContain('HEALTHCHECK');
    expect(image).not.toMatch(/\b(npm|apt-get|curl)\b/);
    // No secret is built in: settings come when it runs.
    expect(dockerfile).not.toMatch(/SECRET|PASSWORD|TOKEN|COPY .*\.env/);
  });

  it('takes nothing from the folder that it does not name', () => {
    const ignored = read('.dockerignore').split('\n').filter(Boolean);
    expect(ignored[0]).toBe('*');
    const kept = new Set(ignored.slice(1).map((line) => line.replace('!', '')));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((m) => m[1]!.split(' '));
    for (const path of copied) {
      expect(existsSync(join(root, path)), path).toBe(true);
      expect([...kept].some((k) => path === k || path.startsWith(`${k}/`)), path).toBe(true);
    }
  });
});

/** The folder /app of the image, from this checkout: what the Dockerfile copies, and the packages without the development ones. */
function imageFolder(): string {
  const app = mkdtempSync(join(tmpdir(), 'sundial-image-'));
  chmodSync(app, 0o755);
  for (const [, from] of image.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) for (const path of from!.split(' ')) cpSync(join(root, path), join(app, path), { recursive: true });
  cpSync(join(root, 'dist'), join(app, 'dist'), { recursive: true });
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }> };
  for (const [path, of] of Object.entries(packages)) {
    // A package inside another one comes with it.
    if (!path || path.indexOf('node_modules/') !== path.lastIndexOf('node_modules/') || of.dev || of.optional || of.devOptional) continue;
    mkdirSync(dirname(join(app, path)), { recursive: true });
    symlinkSync(join(root, path), join(app, path));
  }
  return app;
}

const isRoot = process.getuid?.() === 0;
/** Of no rights: what `USER node` is in the image. */
const NOBODY = 65534;
const readable = (path: string): boolean => spawnSync(process.execPath, ['-e', `require('node:fs').readdirSync(${JSON.stringify(path)})`], { uid: NOBODY, gid: NOBODY }).status === 0;

describe.skipIf(!existsSync(join(root, 'dist/addin/taskpane.html')))('what the image runs', () => {
  const app = imageFolder();
  const data = mkdtempSync(join(tmpdir(), 'sundial-data-'));
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    for (const dir of [app, data]) rmSync(dir, { recursive: true, force: true });
  });

  it('starts with its packages alone, as somebody who may write nothing but its data, and its health check answers', async () => {
    const person = isRoot && readable(root) ? { uid: NOBODY, gid: NOBODY } : {};
    if ('uid' in person) chownSync(data, NOBODY, NOBODY);
    const port = String(20_000 + Math.floor(Math.random() * 10_000));
    const env = {
      PATH: process.env.PATH, ...PRODUCTION, SUNDIAL_CLIENT_ID: 'client', SUNDIAL_CLIENT_SECRET: 'a-secret-of-enough-letters',
      NODE_ENV: 'production', PORT: port, SMTP_PORT: '0', DATA_DIR: data, TMPDIR: data, HOME: '/nonexistent',
    };
    const command = JSON.parse(/\nCMD (\[.*\])/.exec(image)![1]!) as string[];
    // Nothing of the program's own folder may be written: the system of files is read-only in compose.yaml.
    child = spawn(process.execPath, ['--permission', '--allow-fs-read=*', `--allow-fs-write=${data}/`, '--allow-worker', '--allow-wasi', '--allow-addons', ...command.slice(1)], { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'], ...person });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const ended = new Promise<number | null>((done) => child!.once('exit', done));
    await expect.poll(() => output, { timeout: 90_000, interval: 100 }).toMatch(/is ready|did not start|Error|bad option/);
    expect(output).toContain('is ready');
    const health = JSON.parse(/HEALTHCHECK[^[]*CMD (\[.*\])/.exec(image)![1]!) as string[];
    const check = (at: string) => spawnSync(process.execPath, health.slice(1), { env: { PATH: process.env.PATH, PORT: at }, encoding: 'utf8' });
    expect(check(port)).toMatchObject({ status: 0 });
    expect(check('1').status).toBe(1);
    expect((await fetch(`http://127.0.0.1:${port}/addin/taskpane.html`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/manifest.xml`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/docs`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 150_000);
});

describe('compose.yaml', () => {
  interface Service {
    image: string;
    read_only?: boolean;
    tmpfs?: string[];
    cap_drop?: string[];
    security_opt?: string[];
    privileged?: boolean;
    env_file?: string;
    environment: Record<string, string>;
    ports?: string[];
    volumes?: string[];
    healthcheck?: object;
    depends_on?: Record<string, { condition: string }>;
  }
  const compose = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
  const { server, worker, postgres } = compose.services as { server: Service; worker: Service; postgres: Service };

  it('runs a server, a worker and a Postgres, all without rights that they do not need', () => {
    expect(Object.keys(compose.services)).toEqual(['server', 'worker', 'postgres']);
    for (const service of Object.values(compose.services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.tmpfs).toContain('/tmp');
      expect(service.privileged).toBeUndefined();
    }
    expect([server.environment.SUNDIAL_ROLE, worker.environment.SUNDIAL_ROLE]).toEqual(['web', 'worker']);
    expect(worker.ports).toBeUndefined();
    // Through a proxy with TLS only.
    expect(server.ports).toContain('127.0.0.1:3000:3000');
  });

  it('waits for the database, keeps it in a volume, and holds no secret', () => {
    for (const service of [server, worker]) expect(service.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(postgres.healthcheck).toBeDefined();
    expect(postgres.volumes!.map((v) => v.split(':')[0])).toEqual(Object.keys(compose.volumes));
    expect(postgres.image).toMatch(/^postgres:1[5-9]\.\d+/);
    const text = read('compose.yaml');
    expect(text.match(/POSTGRES_PASSWORD: (.*)/)![1]).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    expect(text).not.toMatch(/:\/\/sundial:(?!\$\{)/);
  });

  it('sets what the server reads, and nothing else', () => {
    const known = new Set(read('server/config.ts').match(/^ {2}([A-Z_]+)(?=:)/gm)?.map((line) => line.trim()));
    for (const service of [server, worker]) for (const name of Object.keys(service.environment)) expect(known, name).toContain(name);
  });
});
