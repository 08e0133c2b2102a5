import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Result } from './support/goal.ts';
import { CLIENT, closeAll, postgres, runScript, startServer } from './support/processes.ts';
import type { Seed, Seeded } from './support/seed.ts';
import type { SmtpLoad, SmtpLoadResult } from './support/smtp-load.ts';

const TO = 'alice@bench.test';
const MB = 1_000_000;
/** What the API takes of attachments; in base64 a message of 34 MB. */
const ATTACHED = 25 * MB;

/** What a message of 50 MB adds to the resident memory of the server and its threads, at the peak, on Postgres. */
export async function* memory(): AsyncGenerator<Result> {
  const storage = await postgres();
  const { tokens } = await runScript<Seeded>('seed', { mailboxes: { [TO]: 0 } } satisfies Seed, { ...CLIENT, ...storage });
  const relay = await startRelay();
  const server = await startServer(storage, { SMTP_RELAY_URL: relay.url });
  const headers = { authorization: `Bearer ${tokens[TO]!}` };
  const deliver = (size: number, messages: number): Promise<SmtpLoadResult> =>
    runScript<SmtpLoadResult>('smtp-load', { port: server.smtpPort, to: TO, connections: 1, size, messages, attachment: true } satisfies SmtpLoad);
  const newest = async (): Promise<{ id: string; threadId?: string; attachments: { id: string }[] }> =>
    ((await (await fetch(`${server.url}/v1/email/messages`, { headers })).json()) as { records: { id: string; threadId?: string; attachments: { id: string }[] }[] }).records[0]!;
  const drain = async (path: string): Promise<void> => {
    const answer = await fetch(`${server.url}${path}`, { headers });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    for await (const part of answer.body!) void part;
  };
  const derived = async (): Promise<void> => {
    while (!(await newest()).threadId) await sleep(100);
  };
  const send = async (bytes: number): Promise<void> => {
    const before = relay.taken();
    const body = JSON.stringify({ to: [{ address: 'reader@example.com' }], subject: 'Data', body: '<p>Here it is.</p>', attachments: [{ name: 'data.zip', mimeType: 'application/zip', content: Buffer.alloc(bytes, 7).toString('base64') }] });
    const answer = await fetch(`${server.url}/v1/email/messages`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
    if (answer.status !== 201) throw new Error(`Sending answered ${answer.status} ${await answer.text()}`);
    while (relay.taken() === before) await sleep(50);
  };
  const more = async (work: () => Promise<unknown>): Promise<number> => {
    await sleep(3000);
    const before = server.memory.now();
    return (await server.memory.peakDuring(work) - before) / MB;
  };

  // Code is loaded and the heap has its size before anything is measured.
  await deliver(2 * MB, 5);
  await derived();
  for (let i = 0; i < 5; i++) {
    await drain(`/v1/email/messages/${(await newest()).id}/raw`);
    await send(MB);
  }
  yield atMost('memory, 50 MB in by SMTP and read, Postgres: more at the peak', 30, await more(async () => {
    await deliver(50 * MB, 1);
    await derived();
  }), ' MB');
  const { id, attachments } = await newest();
  yield atMost('memory, 50 MB out over HTTP as stored: more at the peak', 30, await more(() => drain(`/v1/email/messages/${id}/raw`)), ' MB');
  yield atMost('memory, its attachment out over HTTP: more at the peak', 30, await more(() => drain(`/v1/email/messages/${id}/attachments/${attachments[0]!.id}`)), ' MB');
  yield atMost('memory, 25 MB attached, sent by the API and relayed by SMTP: more at the peak', 30, await more(() => send(ATTACHED)), ' MB');
  await relay.close();
  await closeAll();
}

/** The least of a mail server that takes everything; it lives in this process, beside what measures. */
async function startRelay(): Promise<{ readonly url: string; taken(): number; close(): Promise<void> }> {
  let count = 0;
  const server = createServer((socket) => {
    let tail = '';
    let inData = false;
    socket.write('220 relay\r\n');
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => {
      const text = tail + data.toString('latin1');
      tail = text.slice(-8);
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inData = false;
        count++;
        socket.write('250 taken\r\n');
      } else if (/^quit/i.test(data.toString('latin1'))) {
        socket.end('221 bye\r\n');
      } else if (/^data/i.test(data.toString('latin1'))) {
        inData = true;
        socket.write('354 go on\r\n');
      } else {
        socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => count,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
