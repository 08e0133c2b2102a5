import { setTimeout as rest } from 'node:timers/promises';

/** What comes in goes before what is derived from it: an answer waits for the one, nobody yet for the other. */
export interface Pace {
  /** A message was taken. */
  taken(): void;
  /** Runs `work`; where mail comes in fast, the caller then rests several times as long as it worked. */
  behind(work: () => Promise<void>): Promise<void>;
}

/** Messages a second from which on there is not time for both. */
const FAST = 50;
const WINDOW_MS = 1000;
const REST = 6;

export function createPace(): Pace {
  const recent: number[] = [];
  const isFast = (): boolean => {
    const since = performance.now() - WINDOW_MS;
    while (recent.length && recent[0]! < since) recent.shift();
    return recent.length > FAST;
  };
  return {
    taken() {
      recent.push(performance.now());
      if (recent.length > FAST + 1) recent.shift();
    },
    async behind(work) {
      const started = performance.now();
      await work();
      if (isFast()) await rest(Math.min(WINDOW_MS, (performance.now() - started) * REST));
    },
  };
}
