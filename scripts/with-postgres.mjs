// Runs a command with TEST_DATABASE_URL set to a fresh embedded Postgres, and removes that afterwards.
import { spawn } from 'node:child_process';
import { startPostgres } from '../test/support/embedded-postgres.ts';

const [command, ...args] = process.argv.slice(2);
const postgres = await startPostgres();
let code;
try {
  code = await new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: postgres.url } });
    child.on('exit', (status) => resolve(status ?? 1));
  });
} finally {
  await postgres.close();
}
process.exit(code);
