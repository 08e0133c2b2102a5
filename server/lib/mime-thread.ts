import { Worker } from 'node:worker_threads';
import type { ParsedMail } from './mime.ts';

/** What goes to the thread: the beginning of a message, then a piece of it for each time that it asks for more; null is its end. */
export type ToThread = { readonly piece?: Uint8Array | null };
export type FromThread = { readonly more: true } | ThreadAnswer;
export type ThreadAnswer = { readonly mail: ParsedMail } | { readonly error: string };

interface Waiting {
  readonly source: AsyncIterable<Uint8Array>;
  readonly settle: (answer: ThreadAnswer) => void;
}

const THREADS = 2;
/** Starting a thread costs half a second of a processor; one that has nothing to do is kept for the next message. */
const IDLE_MS = 30_000;

const idle = new Set<Worker>();
const waiting: Waiting[] = [];
let threads = 0;

/**
 * Reads a message in another thread, which is stopped where that takes longer than `limit` milliseconds; rejects
 * with the reason. The source is read as the thread takes it, so that neither side ever holds a large message whole.
 */
export function parseInThread(source: AsyncIterable<Uint8Array>, limit: number): Promise<ParsedMail> {
  return new Promise((resolve, reject) => {
    waiting.push({ source, settle: (answer) => ('mail' in answer ? resolve(answer.mail) : reject(new Error(answer.error))) });
    next(limit);
  });
}

function next(limit: number): void {
  const [free] = idle;
  if (!waiting.length || (!free && threads >= THREADS)) return;
  const worker = free ?? start();
  idle.delete(worker);
  run(worker, waiting.shift()!, limit);
}

function start(): Worker {
  threads++;
  return new Worker(new URL('./mime-worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 512 } })
    .once('exit', () => threads--);
}

function run(worker: Worker, { source, settle }: Waiting, limit: number): void {
  worker.removeAllListeners('message').removeAllListeners('error');
  worker.ref();
  const pieces = source[Symbol.asyncIterator]();
  let over = false;
  const done = (answer: ThreadAnswer, keep: boolean): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    worker.off('exit', ended);
    void pieces.return?.();
    settle(answer);
    if (keep) rest(worker);
    else void worker.terminate().then(() => next(limit));
    next(limit);
  };
  const ended = (): void => {
    done({ error: 'the reader ended early' }, false);
  };
  const give = async (): Promise<void> => {
    const { value, done: end } = await pieces.next();
    if (over) return;
    // Moved, not copied; a piece may be a view of memory that others use, so it gets its own first.
    const piece = end ? null : new Uint8Array(value);
    worker.postMessage({ piece } satisfies ToThread, piece ? [piece.buffer] : []);
  };
  const timer = setTimeout(() => done({ error: 'reading took too long' }, false), limit);
  worker.on('message', (said: FromThread) => {
    if (!('more' in said)) return done(said, true);
    give().catch((error: unknown) => done({ error: String((error as Error).message ?? error) }, false));
  });
  worker.once('error', (error) => done({ error: error.message }, false));
  worker.once('exit', ended);
  worker.postMessage({} satisfies ToThread);
}

/** Nothing keeps the process alive for the sake of an idle thread. */
function rest(worker: Worker): void {
  idle.add(worker);
  worker.unref();
  const end = (): void => {
    if (idle.delete(worker)) void worker.terminate();
  };
  worker.removeAllListeners('error').on('error', end);
  setTimeout(end, IDLE_MS).unref();
}
