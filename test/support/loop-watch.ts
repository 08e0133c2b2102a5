import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a server by --import: writes a line to the file LOOP_WATCH for each time that its event loop was
 * held longer than MENTIONED_MS: when it ended, how long it was held, and for how much of that it was ready to
 * run but the system gave the processor to others (Linux): no server is quicker than its machine.
 */
const EVERY_MS = 10;
const MENTIONED_MS = 50;

export interface Held {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly held: number;
  readonly waited: number;
}

export const readHeld = (path: string): Held[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Held) : []);

function watch(path: string): void {
  const waitedSoFar = (): number => (existsSync('/proc/self/schedstat') ? Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6 : 0);
  let last = performance.now();
  let waitedThen = waitedSoFar();
  setInterval(() => {
    const now = performance.now();
    const waitedNow = waitedSoFar();
    const held = now - last - EVERY_MS;
    if (held > MENTIONED_MS) appendFileSync(path, `${JSON.stringify({ at: Date.now(), held, waited: waitedNow - waitedThen } satisfies Held)}\n`);
    last = now;
    waitedThen = waitedNow;
  }, EVERY_MS).unref();
}

if (process.env.LOOP_WATCH && isMainThread) watch(process.env.LOOP_WATCH);
