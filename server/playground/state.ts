import { EventEmitter } from 'node:events';
import type { Deps } from '../deps.ts';
import type { ServerSentEvent } from '../http/reply.ts';
import type { Client, OutOfOffice } from './contract.ts';

/** What the page is told as it happens; it then asks for what it shows. */
export type LiveEvent =
  | { readonly event: 'mail'; readonly data: { readonly who: 'you' | 'buyer' } }
  | { readonly event: 'tracking' | 'booking'; readonly data: { readonly who: 'you' | 'buyer' } }
  | { readonly event: 'followUp'; readonly data: { readonly who: 'you' | 'buyer'; readonly reason: string } }
  | { readonly event: 'clock'; readonly data: { readonly now: string; readonly aheadMs: number } }
  | { readonly event: 'person'; readonly data: { readonly reading: Client; readonly outOfOffice: OutOfOffice } }
  | { readonly event: 'reset'; readonly data: Record<string, never> };

/** What the running playground holds in memory: it is one process with one page's worth of people. */
export interface Playground {
  /** Where this server takes mail; the settings may have asked for any free port. */
  smtpPort: number;
  reading: Client;
  outOfOffice: OutOfOffice;
  /** Whom the automatic reply has answered since it was turned on (RFC 3834, section 2). */
  readonly answered: Set<string>;
  /** What Apple Mail loaded at delivery and shows later without asking again, by address. */
  readonly preloaded: Map<string, string>;
  publish(event: LiveEvent): void;
  stream(signal: AbortSignal): AsyncIterable<ServerSentEvent>;
}

const playgrounds = new WeakMap<Deps, Playground>();

export function playgroundOf(deps: Deps): Playground {
  const existing = playgrounds.get(deps);
  if (existing) return existing;
  const emitter = new EventEmitter().setMaxListeners(0);
  const made: Playground = {
    smtpPort: deps.config.smtp.port,
    reading: 'outlook',
    outOfOffice: { on: false },
    answered: new Set(),
    preloaded: new Map(),
    publish: (event) => void emitter.emit('event', event),
    stream: (signal) => streamOf(emitter, signal),
  };
  playgrounds.set(deps, made);
  return made;
}

async function* streamOf(emitter: EventEmitter, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  const waiting: LiveEvent[] = [];
  let wake = (): void => {};
  const heard = (event: LiveEvent): void => {
    waiting.push(event);
    wake();
  };
  const gone = (): void => wake();
  emitter.on('event', heard);
  signal.addEventListener('abort', gone);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted || waiting.length) resolve();
      });
    }
  } finally {
    emitter.off('event', heard);
    signal.removeEventListener('abort', gone);
  }
}
