import { atLeast, atMost, type Result } from './support/goal.ts';
import type { Load, LoadResult } from './support/load.ts';
import { CLIENT, closeAll, directory, postgres, runScript, startBaseline, startServer, type Storage } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';

const CODES = 500;
const ROUNDS = 3;
const SECONDS = 3;
/** What mail programs send with a pixel. */
const HEADERS = { 'user-agent': 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)', 'accept': 'image/*', 'accept-encoding': 'gzip, deflate' };

/** Opens over 500 codes, committed before they are answered, as a share of what a bare server answers beside it. */
export async function* pixel(): AsyncGenerator<Result> {
  yield* against('PGlite', directory(), { 100: 0.6, 10: 0.2 });
  yield* against('Postgres', await postgres(), { 100: 0.5, 10: 0.2 });
}

async function* against(engine: string, storage: Storage, goals: Readonly<Record<number, number>>): AsyncGenerator<Result> {
  const { codes } = await runScript<Seeded>('seed', { mailboxes: { 'alice@bench.test': 0 }, codes: CODES } satisfies Seed, { ...CLIENT, ...storage });
  const baseline = await startBaseline();
  const server = await startServer(storage);
  const paths = codes.map((code) => `/t/${code}.gif`);
  const ask = (url: string, connections: number, seconds = SECONDS): Promise<LoadResult> => runScript<LoadResult>('load', { url, connections, seconds, paths, headers: HEADERS } satisfies Load);
  for (const connections of [100, 10]) {
    const [ours, bare]: [number[], number[]] = [[], []];
    for (const url of [baseline.url, server.url]) await ask(url, connections, 2);
    for (let round = 0; round < ROUNDS; round++) {
      bare.push((await ask(baseline.url, connections)).perSecond);
      const answered = await ask(server.url, connections);
      if (answered.failed) throw new Error(`${answered.failed} pixels were not answered.`);
      ours.push(answered.perSecond);
    }
    const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
    yield atLeast(`pixel, ${engine}, ${connections} connections: share of bare node:http`, goals[connections]!, sum(ours) / sum(bare), '', ` (${Math.round(sum(ours) / ROUNDS)} of ${Math.round(sum(bare) / ROUNDS)} a second)`);
  }
  if (engine === 'PGlite') yield atMost('memory, PGlite, after the pixels', 600, server.memory.now() / 1e6, ' MB');
  await closeAll();
}
