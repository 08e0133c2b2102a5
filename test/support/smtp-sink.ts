import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** How the sink treats the next message: what it answers where, or when it breaks off. */
export type Fault =
  | { readonly at: 'rcpt' | 'data' | 'dot'; readonly answer: string }
  /** `nothing`: the connection stays open and nobody says a word. */
  | { readonly at: 'greeting' | 'rcpt' | 'dot'; readonly answer: 'nothing' }
  | { readonly at: 'dot'; readonly answer: 'hang up' }
  | { readonly at: 'body'; readonly answer: 'hang up' };

export interface SmtpSink {
  readonly url: string;
  readonly taken: { from: string; to: string; data: string }[];
  /** Messages whose final dot arrived, whatever was answered. */
  seen(): number;
  faults: Fault[];
  close(): Promise<void>;
}

/** Somebody else's mail server, as bad as a test wants it. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const taken: SmtpSink['taken'] = [];
  const sockets = new Set<Socket>();
  let seen = 0;
  const sink: { faults: Fault[] } = { faults: [] };
  const server = createServer((socket) => {
    sockets.add(socket.setEncoding('utf8'));
    let held = '';
    let from = '';
    let to = '';
    let data: string | undefined;
    const fault = (at: Fault['at']): string | undefined => {
      if (sink.faults[0]?.at !== at) return undefined;
      return sink.faults.shift()!.answer;
    };
    const say = (line: string): void => void (line === 'nothing' || socket.write(`${line}\r\n`));
    const dot = (): void => {
      seen++;
      const answer = fault('dot');
      if (answer === 'hang up') return void socket.destroy();
      if (!answer) taken.push({ from, to, data: data! });
      data = undefined;
      say(answer ?? '250 2.0.0 Taken');
    };
    say(fault('greeting') ?? '220 sink ESMTP');
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (text: string) => {
      held += text;
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end);
        held = held.slice(end + 2);
        if (data !== undefined) {
          if (line === '.') dot();
          else if (fault('body') === 'hang up') return void socket.destroy();
          else data += `${line.replace(/^\.\./, '.')}\r\n`;
        } else if (/^ehlo/i.test(line)) {
          socket.write('250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n');
        } else if (/^mail from:/i.test(line)) {
          from = /<(.*?)>/.exec(line)![1]!;
          say('250 ok');
        } else if (/^rcpt to:/i.test(line)) {
          to = /<(.*?)>/.exec(line)![1]!;
          say(fault('rcpt') ?? '250 ok');
        } else if (/^data/i.test(line)) {
          const answer = fault('data');
          if (!answer) data = '';
          say(answer ?? '354 go on');
        } else if (/^quit/i.test(line)) {
          socket.end('221 bye\r\n');
        } else {
          say('250 ok');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(sink, {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    seen: () => seen,
    close: () => new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    }),
  });
}
