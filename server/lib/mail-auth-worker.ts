import { parentPort, workerData } from 'node:worker_threads';
import { authenticateMail, type Arrival } from './mail-auth.ts';
import type { Answered, FromThread } from './mail-auth-thread.ts';

/** A thread that judges one message. DNS is asked by the server itself, which alone knows how. */
const { raw, arrival } = workerData as { raw: Uint8Array; arrival: Arrival };
const asked = new Map<number, (answer: Answered) => void>();
const tell = (message: FromThread): void => parentPort!.postMessage(message);

parentPort!.on('message', (answer: Answered) => {
  asked.get(answer.answered)?.(answer);
  asked.delete(answer.answered);
});

let questions = 0;
const resolve = (name: string, type: string): Promise<unknown> => new Promise((found, failed) => {
  const ask = questions++;
  asked.set(ask, ({ records, code }) => (code === undefined ? found(records) : failed(Object.assign(new Error(`${name} was not found`), { code }))));
  tell({ ask, name, type });
});

authenticateMail(raw, arrival, resolve).then((verdicts) => tell({ verdicts }), (error: unknown) => tell({ error: String((error as Error).message ?? error) }));
