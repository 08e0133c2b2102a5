import { atMost, type Result } from './support/goal.ts';
import type { Latency, LatencyResult } from './support/latency.ts';
import { CLIENT, closeAll, directory, runScript, startServer } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';

const SMALL = 'small@bench.test';
const LARGE = 'large@bench.test';

/** Pages and searches of a mailbox of 100,000 messages beside one of 1,000, over HTTP, on PGlite. */
export async function* mailbox(): AsyncGenerator<Result> {
  const storage = directory();
  const { tokens } = await runScript<Seeded>('seed', { mailboxes: { [SMALL]: 1000, [LARGE]: 100_000 } } satisfies Seed, { ...CLIENT, ...storage });
  const server = await startServer(storage);
  const kind = (email: string, query = '') => ({ path: `/v1/email/messages${query}`, headers: { authorization: `Bearer ${tokens[email]!}` } });
  const ask = (kinds: Latency['kinds'], rounds: number): Promise<LatencyResult> => runScript<LatencyResult>('latency', { url: server.url, kinds, rounds } satisfies Latency);

  const page = await ask({ small: kind(SMALL), large: kind(LARGE) }, 200);
  yield atMost('mailbox, a page of 50 of 100,000: times that of 1,000', 1.3, page.large! / page.small!, '');
  yield atMost('mailbox, a page of 50 of 100,000: p50 over HTTP, PGlite', 6, page.large!, ' ms');
  const words = { common: 'offer', rare: 'zanzibar', one: 'number77777', none: 'nowhere' };
  const found = await ask(Object.fromEntries(Object.entries(words).map(([name, word]) => [name, kind(LARGE, `?q=${word}`)])), 30);
  for (const [name, ms] of Object.entries(found)) yield atMost(`mailbox, a word in 100,000 (${name}): p50 over HTTP, PGlite`, 50, ms, ' ms');
  yield atMost('memory, PGlite with 101,000 messages, after these requests', 600, server.memory.now() / 1e6, ' MB');
  await closeAll();
}
