import { parentPort, workerData } from 'node:worker_threads';
import { parseMime } from './mime.ts';

/** The thread in which a large or deeply nested message is read, so that it can be stopped. */
try {
  parentPort!.postMessage({ mail: await parseMime(workerData as Uint8Array) });
} catch (error) {
  parentPort!.postMessage({ error: String((error as Error).message ?? error) });
}
