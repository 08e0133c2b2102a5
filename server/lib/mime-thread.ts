import { Worker } from 'node:worker_threads';
import type { ParsedMail } from './mime.ts';

export interface ThreadTask {
  readonly raw: Uint8Array;
  /** Whether the bytes of attachments are wanted; copying them over costs memory. */
  readonly content: boolean;
}

export type ThreadAnswer = { readonly mail: ParsedMail } | { readonly error: string };

interface Waiting extends ThreadTask {
  readonly settle: (answer: ThreadAnswer) => void;
}

const THREADS = 2;
/** Starting a thread costs half a second of a processor; one that has nothing to do is kept for the next message. */
const IDLE_MS = 30_000;
/** What a larger message needed in its thread is given back by ending it. */
const LARGE = 5_000_000;

const idle = new Set<Worker>();
const waiting: Waiting[] = [];
let threads = 0;

/** Reads a message in another thread, which is stopped where that takes longer than `limit` milliseconds; rejects with the reason. */
export function parseInThread(task: ThreadTask, limit: number): Promise<ParsedMail> {
  return new Promise((resolve, reject) => {
    waiting.push({ ...task, settle: (answer) => ('mail' in answer ? resolve(answer.mail) : reject(new Error(answer.error))) });
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

function run(worker: Worker, { raw, content, settle }: Waiting, limit: number): void {
  worker.removeAllListeners('message').removeAllListeners('error');
  worker.ref();
  const done = (answer: ThreadAnswer, keep: boolean): void => {
    clearTimeout(timer);
    worker.off('exit', ended);
    settle(answer);
    if (keep) rest(worker);
    else void worker.terminate().then(() => next(limit));
    next(limit);
  };
  const ended = (): void => {
    done({ error: 'the reader ended early' }, false);
  };
  const timer = setTimeout(() => done({ error: 'reading took too long' }, false), limit);
  worker.once('message', (answer: ThreadAnswer) => done(answer, raw.length <= LARGE));
  worker.once('error', (error) => done({ error: error.message }, false));
  worker.once('exit', ended);
  worker.postMessage({ raw, content } satisfies ThreadTask);
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
