import { atMost, type Result } from './support/goal.ts';
import type { Latency, LatencyResult } from './support/latency.ts';
import { CLIENT, closeAll, directory, freePort, PRODUCTION, runScript, startServer } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';

const PATH = '/v1/account';
const EMAIL = 'alice@bench.test';
const ROUNDS = 600;

/** A request with an exchangeIdToken that was seen before, beside the same one with an account token, on PGlite. */
export async function* token(): AsyncGenerator<Result> {
  // The playground has an Exchange of its own, which issues tokens that the production path checks.
  const port = await freePort();
  const env = { SUNDIAL_MODE: 'playground', PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, HOSTED_DOMAINS: 'bench.test,playground.test' };
  const storage = directory();
  const { tokens, identityToken } = await runScript<Seeded>('seed', { mailboxes: { [EMAIL]: 0 }, identity: true } satisfies Seed, { ...PRODUCTION, ...storage, ...env });
  const server = await startServer(storage, env);
  const kinds: Latency['kinds'] = {
    account: { path: PATH, headers: { authorization: `Bearer ${tokens[EMAIL]!}` } },
    exchange: { path: PATH, headers: { 'authorization': `Bearer ${identityToken}`, 'x-aurinko-auth-type': 'exchangeIdToken', 'x-aurinko-client-id': CLIENT.SUNDIAL_CLIENT_ID } },
  };
  const { account, exchange } = await runScript<LatencyResult>('latency', { url: server.url, kinds, rounds: ROUNDS } satisfies Latency);
  yield atMost('exchangeIdToken seen before, beside an account token: more for a request', 0.2, exchange! - account!, ' ms', ` (${exchange!.toFixed(2)} and ${account!.toFixed(2)} ms)`);
  await closeAll();
}
