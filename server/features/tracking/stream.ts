import type { Deps } from '../../deps.ts';
import { LOOK_BACK, type StoredEvent } from '../../events/events.ts';
import type { ServerSentEvent } from '../../http/reply.ts';

const SHOWN = ['TrackingRecorded', 'FollowUpChanged'] as const;
const PAGE = 500;

/**
 * The account's tracking and follow-up events as they are committed, until `signal` ends it. With
 * `after` it first gives what came behind that event id; without, it starts now.
 */
export async function* accountStream(deps: Pick<Deps, 'events'>, accountId: number, after: number | undefined, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  const queue: StoredEvent[] = [];
  let wake = (): void => {};
  // Subscribed before the past is read, so that nothing falls in between.
  const unsubscribe = deps.events.subscribe(accountId, (stored) => {
    queue.push(stored);
    wake();
  });
  const ended = (): void => wake();
  signal.addEventListener('abort', ended);
  try {
    const start = await deps.events.position();
    const given = new Set<number>();
    for (let from = after; from !== undefined;) {
      const past: StoredEvent[] = await deps.events.since(accountId, from, PAGE);
      for (const stored of past) {
        given.add(stored.id);
        yield* shown(stored);
      }
      from = past.length === PAGE ? past.at(-1)!.id : undefined;
    }
    // What was there at the start is past; a smaller id that appears only now was committed late, and is news.
    for (const stored of await deps.events.since(accountId, start - LOOK_BACK, LOOK_BACK)) if (stored.id <= start) given.add(stored.id);
    while (!signal.aborted) {
      for (let stored = queue.shift(); stored; stored = queue.shift()) {
        if (stored.id > start - LOOK_BACK && !given.has(stored.id)) yield* shown(stored);
      }
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (queue.length || signal.aborted) resolve();
      });
    }
  } finally {
    signal.removeEventListener('abort', ended);
    unsubscribe();
  }
}

function* shown({ id, event }: StoredEvent): Generator<ServerSentEvent> {
  if ((SHOWN as readonly string[]).includes(event.type)) yield { id, event: event.type, data: event };
}
