import { parentPort } from 'node:worker_threads';
import { parseMime } from './mime.ts';
import type { FromThread, ToThread } from './mime-thread.ts';

/** A thread in which messages are read one after the other, so that reading can be stopped and holds up nothing else. */
const say = (words: FromThread): void => parentPort!.postMessage(words);
let given: (piece: Uint8Array | null) => void = () => {};

parentPort!.on('message', async (told: ToThread) => {
  if (told.piece !== undefined) return given(told.piece);
  say(await parseMime(pieces(), { content: false }).then(
    (mail) => ({ mail: { ...mail, attachments: mail.attachments.map((a) => ({ ...a, bytes: new Uint8Array() })) } }),
    (error: unknown) => ({ error: String((error as Error).message ?? error) }),
  ));
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await new Promise<Uint8Array | null>((resolve) => {
      given = resolve;
      say({ more: true });
    });
    if (!piece) return;
    yield piece;
  }
}
