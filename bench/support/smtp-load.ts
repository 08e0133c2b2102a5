import { connect, type Socket } from 'node:net';
import { writeMail } from './messages.ts';

/** Mail by SMTP from a process of its own: each connection hands over one message after the other. */
export interface SmtpLoad {
  readonly port: number;
  readonly to: string;
  readonly connections: number;
  readonly size: number;
  /** Until then, or until so many messages in all. */
  readonly seconds?: number;
  readonly messages?: number;
  /** The bytes of a base64 attachment instead of words: what large mail is made of. */
  readonly attachment?: boolean;
}

export interface SmtpLoadResult {
  /** Messages answered with 250. */
  readonly taken: number;
  readonly perSecond: number;
}

const load = JSON.parse(process.argv[2]!) as SmtpLoad;
const until = performance.now() + (load.seconds ?? Infinity) * 1000;
let begun = 0;
let taken = 0;
const started = performance.now();
await Promise.all(Array.from({ length: load.connections }, connection));
console.log(JSON.stringify({ taken, perSecond: taken / ((performance.now() - started) / 1000) } satisfies SmtpLoadResult));

async function connection(): Promise<void> {
  const socket = connect(load.port, '127.0.0.1').setNoDelay(true);
  const answers = answersOf(socket);
  const expect = async (code: string): Promise<void> => {
    const { value } = await answers.next();
    if (!value?.startsWith(code)) throw new Error(`SMTP answered ${String(value)} instead of ${code}`);
  };
  const say = (line: string, code: string): Promise<void> => (socket.write(`${line}\r\n`), expect(code));
  await expect('220');
  await say('EHLO bench.example', '250');
  while (performance.now() < until && begun < (load.messages ?? Infinity)) {
    const message = write(begun++);
    await say('MAIL FROM:<sender@example.com>', '250');
    await say(`RCPT TO:<${load.to}>`, '250');
    await say('DATA', '354');
    socket.write(message);
    await say('\r\n.', '250');
    taken++;
  }
  await say('QUIT', '221');
  socket.destroy();
}

function write(n: number): string | Buffer {
  if (!load.attachment) return writeMail(n, load.to, load.size);
  const text = writeMail(n, load.to, 1500);
  const split = text.indexOf('\r\n\r\n');
  const head = `${text.slice(0, split).replace('Content-Type: text/plain; charset=utf-8', 'Content-Type: multipart/mixed; boundary=bench')}\r\n\r\n--bench\r\nContent-Type: text/plain\r\n\r\n${text.slice(split + 4)}\r\n--bench\r\nContent-Type: application/zip; name=data.zip\r\nContent-Disposition: attachment; filename=data.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  const line = `${Buffer.alloc(57, n + 65).toString('base64')}\r\n`;
  return Buffer.from(`${head}${line.repeat(Math.ceil((load.size - head.length) / line.length))}--bench--\r\n`);
}

/** Final lines of answers; those with a hyphen go on. */
async function* answersOf(socket: Socket): AsyncGenerator<string, undefined> {
  let held = '';
  for await (const data of socket) {
    held += String(data);
    for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
      const line = held.slice(0, end);
      held = held.slice(end + 2);
      if (line[3] !== '-') yield line;
    }
  }
  return undefined;
}
