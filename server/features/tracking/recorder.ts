import { setTimeout as rest } from 'node:timers/promises';
import type { Deps } from '../../deps.ts';
import { failpoint } from '../../lib/failpoint.ts';
import { shortenAddress } from './address.ts';
import { insertClicks, insertOpens, type RawHit } from './hits.queries.ts';
import { judgeSome, restAfter } from './judging.ts';

/** What a request for a pixel or a tracked link says of itself. */
export interface HitRequest {
  readonly code: string;
  readonly method: string;
  readonly ip: string;
  readonly header: (name: string) => string;
  /** The account whose browser asks, where that is known. */
  readonly viewerAccountId: number | null;
}

export interface Recorder {
  /** Resolves when the open is committed; rejects when the database does not answer. */
  open(request: HitRequest): Promise<void>;
  /** The stored address of the link, with the click committed; undefined for an unknown code. */
  click(request: HitRequest): Promise<string | undefined>;
  /** Resolves when what was recorded has been judged. */
  settled(): Promise<void>;
}

/** 128 bits in base64url. Anything else cannot be one of ours, and must not reach Postgres (it may hold NUL). */
const CODE = /^[\w-]{22}$/;
const HEADER_LENGTH = 500;

/** After a pass, long enough to see whether hits are coming: the embedded database lets none in while it works. */
const LOOK_MS = 20;

export function createRecorder(deps: Deps): Recorder {
  let recorded = 0;
  let judging: Promise<void> | undefined;
  const judgeAll = async (): Promise<void> => {
    for (let more = true; more;) {
      const [before, started] = [recorded, performance.now()];
      let worked = Infinity;
      try {
        more = await judgeSome(deps);
        worked = performance.now() - started;
      } catch (error) {
        // What could not be judged now is judged by the next reader or the job; the hit itself is safe.
        deps.log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'opens could not be judged yet');
        more = false;
      }
      await rest(LOOK_MS);
      if (recorded === before) continue;
      more = true;
      await rest(restAfter(worked), undefined, { ref: false });
    }
    judging = undefined;
  };
  const judgeSoon = (kept: number): void => {
    recorded += kept;
    if (kept) judging ??= judgeAll();
  };
  const opens = groupCommit(async (hits: readonly RawHit[]) => {
    await failpoint('pixel.beforeCommit');
    judgeSoon(await insertOpens(deps.db, hits));
    await failpoint('pixel.afterCommit');
    return hits;
  });
  const clicks = groupCommit(async (hits: readonly RawHit[]) => {
    const { kept, urls } = await insertClicks(deps.db, hits);
    judgeSoon(kept);
    return urls;
  });
  const raw = (request: HitRequest): RawHit => ({
    code: CODE.test(request.code) ? request.code : '',
    at: deps.clock.now(),
    method: request.method,
    userAgent: request.header('user-agent').slice(0, HEADER_LENGTH),
    referrer: request.header('referer').slice(0, HEADER_LENGTH),
    purpose: ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(request.header).filter(Boolean).join(' ').slice(0, HEADER_LENGTH),
    remoteAddr: shortenAddress(request.ip),
    viewerAccountId: request.viewerAccountId,
  });
  return {
    open: async (request) => void await opens(raw(request)),
    click: (request) => clicks(raw(request)),
    settled: async () => judging,
  };
}

/** Largest group; a longer one is split, so that one statement stays small. */
const GROUP = 1000;

/**
 * One commit for all that arrives together: items of one turn of the event loop, and while a commit is
 * under way those of its whole duration, share the next run. Under load the groups grow by themselves.
 */
export function groupCommit<T, R>(run: (items: readonly T[]) => Promise<readonly R[]>): (item: T) => Promise<R> {
  interface Waiting { readonly item: T; readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void }
  const waiting: Waiting[] = [];
  let running = false;
  const commit = async (): Promise<void> => {
    while (waiting.length) {
      const group = waiting.splice(0, GROUP);
      try {
        const results = await run(group.map((w) => w.item));
        group.forEach((w, i) => w.resolve(results[i]!));
      } catch (error) {
        for (const w of group) w.reject(error);
      }
    }
    running = false;
  };
  return (item) => new Promise<R>((resolve, reject) => {
    waiting.push({ item, resolve, reject });
    if (running) return;
    running = true;
    setImmediate(() => void commit());
  });
}
