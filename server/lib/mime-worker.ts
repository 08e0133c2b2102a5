import { parentPort } from 'node:worker_threads';
import { parseMime } from './mime.ts';
import type { ThreadAnswer, ThreadTask } from './mime-thread.ts';

/** A thread in which messages are read one after the other, so that reading can be stopped and holds up nothing else. */
parentPort!.on('message', async ({ raw, content }: ThreadTask) => {
  const answer = await parseMime(raw).then(
    (mail): ThreadAnswer => ({ mail: content ? mail : { ...mail, attachments: mail.attachments.map((a) => ({ ...a, bytes: new Uint8Array() })) } }),
    (error: unknown): ThreadAnswer => ({ error: String((error as Error).message ?? error) }),
  );
  parentPort!.postMessage(answer);
});
