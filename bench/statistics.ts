import { atMost, type Result } from './support/goal.ts';
import type { Latency, LatencyResult } from './support/latency.ts';
import { CLIENT, closeAll, directory, runScript, startServer } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';

const EMAIL = 'alice@bench.test';

/** What the charts ask for, over 10,000 tracked messages with 60,000 events in 90 days, on PGlite. */
export async function* statistics(): AsyncGenerator<Result> {
  const storage = directory();
  const { tokens } = await runScript<Seeded>('seed', { mailboxes: { [EMAIL]: 0 }, history: 10_000 } satisfies Seed, { ...CLIENT, ...storage });
  const server = await startServer(storage);
  const headers = { authorization: `Bearer ${tokens[EMAIL]!}` };
  const kinds = {
    '30 days': { path: '/v1/stats/activity?days=30', headers },
    '90 days': { path: '/v1/stats/activity?days=90', headers },
    'by template': { path: '/v1/stats/templates', headers },
  };
  const goals: Readonly<Record<string, number>> = { '30 days': 50, '90 days': 100, 'by template': 50 };
  const found = await runScript<LatencyResult>('latency', { url: server.url, kinds, rounds: 30 } satisfies Latency);
  for (const [name, ms] of Object.entries(found)) yield atMost(`statistics over 10,000 tracked messages (${name}): p50 over HTTP, PGlite`, goals[name]!, ms, ' ms');
  await closeAll();
}
