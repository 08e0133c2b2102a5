import { Worker } from 'node:worker_threads';
import type { Arrival, Resolver, Verdicts } from './mail-auth.ts';

/** What DNS said to a question of the thread's. */
export interface Answered {
  readonly answered: number;
  readonly records?: unknown;
  readonly code?: string;
}

export type FromThread = { readonly verdicts: Verdicts } | { readonly error: string } | { readonly ask: number; readonly name: string; readonly type: string };

/** authenticateMail in a thread of its own, which is stopped where that takes longer than `limit` milliseconds; rejects with the reason. */
export function authenticateInThread(raw: Uint8Array, arrival: Arrival, resolver: Resolver, limit: number): Promise<Verdicts> {
  const worker = new Worker(new URL('./mail-auth-worker.ts', import.meta.url), { workerData: { raw, arrival }, resourceLimits: { maxOldGenerationSizeMb: 256 } });
  return new Promise<Verdicts>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('judging took too long')), limit);
    worker.once('exit', () => clearTimeout(timer));
    worker.on('message', (message: FromThread) => {
      if ('verdicts' in message) return resolve(message.verdicts);
      if ('error' in message) return reject(new Error(message.error));
      resolver(message.name, message.type).then(
        (records): Answered => ({ answered: message.ask, records }),
        (error: { code?: string }): Answered => ({ answered: message.ask, code: error.code ?? 'ESERVFAIL' }),
      ).then((answer) => worker.postMessage(answer), () => {});
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended early')));
  }).finally(() => void worker.terminate());
}
