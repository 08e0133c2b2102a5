import { atLeast, type Result } from './support/goal.ts';
import { CLIENT, closeAll, postgres, runScript, startServer } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';
import type { SmtpLoad, SmtpLoadResult } from './support/smtp-load.ts';

const TO = 'alice@bench.test';

/** Messages of 5 kB that are committed before 250, over four connections, on a Postgres with its durability on. */
export async function* delivery(): AsyncGenerator<Result> {
  const storage = await postgres();
  await runScript<Seeded>('seed', { mailboxes: { [TO]: 0 } } satisfies Seed, { ...CLIENT, ...storage });
  const server = await startServer(storage);
  const send = (seconds: number): Promise<SmtpLoadResult> => runScript<SmtpLoadResult>('smtp-load', { port: server.smtpPort, to: TO, connections: 4, size: 5000, seconds } satisfies SmtpLoad);
  await send(3);
  const { perSecond, taken } = await send(10);
  yield atLeast('delivery, 5 kB by SMTP, 4 connections, Postgres: messages a second', 300, perSecond, '', ` (${taken} in all)`);
  await closeAll();
}
