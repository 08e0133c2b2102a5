import { connect } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { StoredEvent } from '../../server/events/events.ts';
import type { DomainEvent, EventOf, EventType } from '../../server/events/types.ts';
import type { TestApp } from './app.ts';

/** Hands a raw message to the server as any other mail server would; rejects with the server's refusal. */
export function deliverRaw(app: Pick<TestApp, 'smtpPort'>, to: string | string[], raw: string | Buffer, from = 'stranger@elsewhere.test'): Promise<string> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port: app.smtpPort, ignoreTLS: true, name: 'mx.elsewhere.test' });
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.connect(() => connection.send({ from, to: [to].flat() }, Readable.from(pieces(typeof raw === 'string' ? Buffer.from(raw.replace(/\r?\n/g, '\r\n')) : raw)), (error, info) => {
      connection.quit();
      if (error || !info) reject(error ?? new Error('no answer'));
      else resolve(info.response ?? '');
    }));
  });
}

function* pieces(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += 65_536) yield raw.subarray(at, at + 65_536);
}

/** Speaks SMTP line by line and gives every answer, for what no well-behaved client would say. */
export function talk(app: TestApp, lines: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = [];
    const waiting = [...lines];
    let held = '';
    const socket = connect(app.smtpPort, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (text: string) => {
      held += text;
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end);
        held = held.slice(end + 2);
        if (/^\d{3}-/.test(line)) continue;
        answers.push(line);
        const next = waiting.shift();
        if (next === undefined) socket.end();
        else socket.write(`${next}\r\n`);
      }
    });
    socket.on('close', () => resolve(answers));
  });
}

/** The account's events of a type, oldest first. */
export async function eventsOf<T extends EventType>(app: TestApp, accountId: number, type: T): Promise<EventOf<T>[]> {
  const stored: StoredEvent[] = await app.deps.events.since(accountId, 0, 1000);
  return stored.map((s) => s.event).filter((e: DomainEvent): e is EventOf<T> => e.type === type);
}
