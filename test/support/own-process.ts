import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './port.ts';

const ROOT = join(import.meta.dirname, '../..');
export const CLIENT = ['process-client', 'a-secret-that-only-tests-have'] as const;
const BASIC = `Basic ${Buffer.from(CLIENT.join(':')).toString('base64')}`;

export interface OwnProcess {
  readonly url: string;
  readonly smtpPort: number;
  readonly pid: number;
  /** A hosted mailbox; the value is its Authorization header. */
  account(email: string): Promise<string>;
  /** kill -9: nothing in the process hears of it. */
  kill(): Promise<void>;
  /** As an operator ends it: SIGTERM, and the work in hand is finished. */
  stop(): Promise<void>;
}

/** The server as an operator starts it, as a process of its own, on a data directory that may survive it; `imports` are loaded before it. */
export async function startProcess(dataDir: string, env: Record<string, string> = {}, imports: readonly string[] = []): Promise<OwnProcess> {
  const [port, smtpPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [...imports.flatMap((path) => ['--import', path]), 'server/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH, PORT: String(port), SMTP_PORT: String(smtpPort), DATA_DIR: dataDir,
      SUNDIAL_CLIENT_ID: CLIENT[0], SUNDIAL_CLIENT_SECRET: CLIENT[1], HOSTED_DOMAINS: 'playground.test', LOG_LEVEL: 'error', ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const over = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => text.includes('is ready') && resolve());
    void over.then((code) => reject(new Error(`The server ended with ${code}.`)));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await over;
  };
  const url = `http://127.0.0.1:${port}`;
  return {
    url, smtpPort,
    pid: child.pid!,
    async account(email) {
      const answer = await fetch(`${url}/v1/am/accounts`, {
        method: 'POST', headers: { authorization: BASIC, 'content-type': 'application/json' },
        body: JSON.stringify({ serviceType: 'Hosted', email, password: 'a long enough password', name: email, timezone: 'UTC', active: true }),
      });
      return `Bearer ${(await answer.json() as { accessToken: string }).accessToken}`;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
