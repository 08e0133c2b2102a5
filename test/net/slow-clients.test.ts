import { connect, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../../server/http/server.ts';
import { startSmtpIn } from '../../server/net/smtp-in.ts';
import { countClients, SMTP_LIMITS } from '../../server/net/smtp-limits.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { rawClient } from '../support/smtp-client.ts';

describe('an HTTP client that is slow', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp({ httpLimits: { headers: 2000, request: 3000, silence: 20_000, check: 100 } });
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  /** Says the first part at once, then a byte now and then, for ever; answers what it heard when it was cut. */
  async function drip(first: string): Promise<string> {
    const socket: Socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    socket.on('error', () => {});
    socket.write(first);
    const dripping = setInterval(() => socket.writable && socket.write('x'), 50);
    await new Promise((done) => socket.once('close', done));
    clearInterval(dripping);
    return heard;
  }
  /** Somebody else is served all the while. */
  async function meanwhile<T>(slow: Promise<T>): Promise<T> {
    let over = false;
    const ended = slow.finally(() => (over = true));
    let served = 0;
    while (!over) {
      expect((await app.call('GET', '/v1/account', { as: token })).status).toBe(200);
      served++;
      await wait(20);
    }
    expect(served).toBeGreaterThan(2);
    return ended;
  }

  it('with its headers is cut with 408, and holds nobody up, however many of them there are', async () => {
    const answers = await meanwhile(Promise.all(Array.from({ length: 300 }, () => drip('GET /v1/account HTTP/1.1\r\nHost: x\r\nX-Slow: '))));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('with its body is cut, and what it sent has no effect', async () => {
    const head = (length: number): string => `POST /v1/email/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{"subject":"`;
    const answers = await meanwhile(Promise.all(Array.from({ length: 50 }, () => drip(head(1_000_000)))));
    for (const answer of answers) expect(answer === '' || answer.startsWith('HTTP/1.1 408 ')).toBe(true);
    expect((await app.call('GET', '/v1/email/messages', { as: token })).body.records).toEqual([]);
  });

  it('that says nothing at all is cut', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1').resume();
    await new Promise((done) => socket.once('close', done));
  });
});

describe('an HTTP client that reads nothing of its answer', () => {
  it('is cut, so that it keeps nothing waiting for ever', async () => {
    const cut = Promise.withResolvers<void>();
    const server = createHttpServer((_req, res) => {
      res.once('close', () => cut.resolve());
      // More than the two systems hold between them.
      Readable.from((function* () {
        for (;;) yield Buffer.alloc(65_536);
      })()).pipe(res);
    }, { silence: 500 });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {}).pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await cut.promise;
    socket.destroy();
    await new Promise((done) => server.close(done));
  });
});

describe('an SMTP client that wants too many connections', () => {
  const session = (n: number, remoteAddress: string) => ({ id: String(n), remoteAddress });

  it('is refused the fifty-first, until one of its own ends; others are not', () => {
    const clients = countClients(SMTP_LIMITS, () => {});
    for (let n = 0; n < 50; n++) clients.opened(session(n, '203.0.113.9'));
    expect(() => clients.opened(session(50, '203.0.113.9'))).toThrow(expect.objectContaining({ code: 421 }));
    // Written otherwise it is the same one.
    expect(() => clients.opened(session(51, '::ffff:203.0.113.9'))).toThrow('Too many connections');
    clients.opened(session(52, '203.0.113.10'));
    clients.closed({ id: '7' });
    clients.opened(session(53, '203.0.113.9'));
    for (let n = 0; n < 54; n++) clients.closed({ id: String(n) });
  });

  it('is one client with a whole /64, which is what a provider gives to a customer', () => {
    const clients = countClients(SMTP_LIMITS, () => {});
    for (let n = 0; n < 50; n++) clients.opened(session(n, `2001:db8:1:2::${n.toString(16)}`));
    expect(() => clients.opened(session(50, '2001:db8:1:2:ffff:ffff:ffff:ffff'))).toThrow('Too many connections');
    clients.opened(session(51, '2001:db8:1:3::1'));
    for (let n = 0; n < 52; n++) clients.closed({ id: String(n) });
  });

  const outside = Object.values(networkInterfaces()).flat().find((a) => a && !a.internal && a.family === 'IPv4')?.address;

  it.skipIf(!outside)('hears 421 at the door, while its first fifty and everybody else go on', async () => {
    const taken: string[] = [];
    const smtp = await startSmtpIn({
      host: '0.0.0.0', port: 0, domains: ['hosted.test'], log: pino({ level: 'silent' }),
      receiver: { knows: async () => true, take: async ({ source, to }) => {
        for await (const _part of source);
        taken.push(to[0]!);
      } },
    });
    const first = await Promise.all(Array.from({ length: 50 }, () => rawClient(smtp.port, true, outside)));
    for (let n = 0; n < 5; n++) {
      const late = await rawClient(smtp.port, false, outside);
      expect(await late.reply()).toMatch(/^421 .*Too many connections/);
      expect(await late.reply()).toBeUndefined();
    }
    const others = await rawClient(smtp.port);
    for (const [n, client] of [first[0]!, first[49]!, others].entries()) {
      await client.say('MAIL FROM:<me@elsewhere.test>');
      expect(await client.say(`RCPT TO:<r${n}@hosted.test>`)).toMatch(/^250/);
      await client.say('DATA');
      client.write('Subject: x\r\n\r\nx\r\n.\r\n');
      expect(await client.reply()).toMatch(/^250/);
    }
    expect(taken).toEqual(['r0@hosted.test', 'r1@hosted.test', 'r2@hosted.test']);
    first[3]!.end();
    await wait(100);
    const again = await rawClient(smtp.port, false, outside);
    expect(await again.reply()).toMatch(/^220/);
    for (const client of [...first, others, again]) client.end();
    await smtp.stop();
  });
});
