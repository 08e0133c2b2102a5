import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A client that says exactly the bytes it is told to, well-formed or not. */
export interface RawClient {
  readonly socket: Socket;
  /** Writes the bytes as they are, and nothing else. */
  write(bytes: string | Buffer): void;
  /** The next whole reply (its last line; continuation lines before it are joined by \n); undefined at the end of the connection. */
  reply(): Promise<string | undefined>;
  /** Writes a command and gives its reply. */
  say(command: string): Promise<string | undefined>;
  /** Goes on over TLS; replies that are already here stay. */
  secure(): Promise<TLSSocket>;
  end(): void;
}

/** Connects; with `greeted` also reads the greeting and says EHLO. */
export async function rawClient(port: number, greeted = true, host = '127.0.0.1'): Promise<RawClient> {
  let socket: Socket = connect(port, host);
  const replies: string[] = [];
  let held = '';
  let lines: string[] = [];
  let ended = false;
  let wake = (): void => {};
  const listen = (on: Socket): void => {
    on.on('error', () => {});
    on.on('data', (bytes: Buffer) => {
      held += bytes.toString('latin1');
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        lines.push(held.slice(0, end));
        held = held.slice(end + 2);
        if (/^\d{3}-/.test(lines.at(-1)!)) continue;
        replies.push(lines.join('\n'));
        lines = [];
      }
      wake();
    });
    on.on('close', () => {
      ended = true;
      wake();
    });
  };
  listen(socket);
  const client: RawClient = {
    get socket() {
      return socket;
    },
    write: (bytes) => void socket.write(bytes),
    async reply() {
      while (!replies.length && !ended) await new Promise<void>((resolve) => (wake = resolve));
      return replies.shift();
    },
    say(command) {
      socket.write(`${command}\r\n`);
      return client.reply();
    },
    async secure() {
      socket.removeAllListeners('data');
      const over = connectTls({ socket, rejectUnauthorized: false });
      await once(over, 'secureConnect');
      listen(over);
      socket = over;
      return over;
    },
    end: () => socket.destroy(),
  };
  if (greeted) {
    await client.reply();
    await client.say('EHLO me.test');
  }
  return client;
}
