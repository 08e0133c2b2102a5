import { afterEach, describe, expect, it } from 'vitest';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { generate } from 'selfsigned';
import { startSmtpIn, type SmtpIn, type SmtpInOptions } from '../../server/net/smtp-in.ts';
import type { InboundMail } from '../../server/providers/provider.ts';
import { rawClient } from '../support/smtp-client.ts';

interface Taken extends Omit<InboundMail, 'source'> {
  readonly raw: string;
}

describe('the inbound listener', () => {
  let running: SmtpIn | undefined;
  let taken: Taken[] = [];
  afterEach(() => running?.stop());

  /** The real listener over a mailbox that only keeps what it is given; ada@hosted.test and her like exist. */
  const start = async (options: Partial<SmtpInOptions> = {}): Promise<number> => {
    taken = [];
    running = await startSmtpIn({
      host: '127.0.0.1', port: 0, domains: ['hosted.test', 'xn--mnchen-3ya.test'], log: pino({ level: 'silent' }),
      receiver: {
        knows: async (address) => /^(ada|grace|postmaster)@/.test(address),
        async take({ source, ...mail }) {
          const parts: Uint8Array[] = [];
          for await (const part of source) parts.push(part);
          taken.push({ ...mail, raw: Buffer.concat(parts).toString('latin1') });
        },
      },
      ...options,
    });
    return running.port;
  };
  const inData = async (port: number) => {
    const client = await rawClient(port);
    await client.say('MAIL FROM:<me@elsewhere.test>');
    expect(await client.say('RCPT TO:<ada@hosted.test>')).toMatch(/^250/);
    expect(await client.say('DATA')).toMatch(/^354/);
    return client;
  };
  const smuggled = 'MAIL FROM:<boss@hosted.test>\r\nRCPT TO:<grace@hosted.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx';

  describe('ends a message at CRLF.CRLF and nowhere else', () => {
    it.each([
      ['LF.LF', '\n.\n'], ['CR.CR', '\r.\r'], ['LF.CRLF', '\n.\r\n'], ['CR.CRLF', '\r.\r\n'], ['CRLF.LF', '\r\n.\n'], ['CRLF.CR', '\r\n.\r'],
      ['CRCRLF.CRCRLF', '\r\r\n.\r\r\n'], ['LFCR.LFCR', '\n\r.\n\r'], ['NUL', '\r\n\0.\r\n'], ['dot NUL', '\r\n.\0\r\n'], ['dot space', '\r\n. \r\n'],
    ])('%s', async (_name, end) => {
      const port = await start();
      // Whole, and byte by byte: where the network cuts must not matter.
      for (const whole of [true, false]) {
        const client = await inData(port);
        const bytes = Buffer.from(`Subject: one\r\n\r\nfirst${end}${smuggled}\r\n.\r\n`, 'latin1');
        if (whole) client.write(bytes);
        else {
          client.socket.setNoDelay(true);
          for (const byte of bytes) {
            client.write(Buffer.from([byte]));
            await new Promise(setImmediate);
          }
        }
        expect(await client.reply()).toMatch(/^250/);
        expect(await client.say('NOOP')).toMatch(/^250/);
        client.end();
      }
      expect(taken.map((m) => [m.from, m.to])).toEqual([['me@elsewhere.test', ['ada@hosted.test']], ['me@elsewhere.test', ['ada@hosted.test']]]);
      for (const { raw } of taken) expect(raw).toContain('smuggled');
    });
  });

  it('takes a second message that a client pipelines behind the first, as its own', async () => {
    const client = await inData(await start());
    client.write(`Subject: one\r\n\r\nfirst\r\n.\r\n${smuggled}\r\n.\r\n`);
    expect([await client.reply(), await client.reply(), await client.reply(), await client.reply(), await client.reply()].map((r) => r?.slice(0, 3))).toEqual(['250', '250', '250', '354', '250']);
    expect(taken.map((m) => m.to)).toEqual([['ada@hosted.test'], ['grace@hosted.test']]);
    expect(taken[0]!.raw).toBe('Subject: one\r\n\r\nfirst\r\n');
    client.end();
  });

  it('carries nothing for others, by whatever way of writing the address', async () => {
    const client = await rawClient(await start());
    await client.say('MAIL FROM:<me@elsewhere.test>');
    for (const address of ['x@elsewhere.test', 'x%elsewhere.test@hosted.test', 'elsewhere.test!x@hosted.test', '@hosted.test:x@elsewhere.test', '@hosted.test,@b.test:x@elsewhere.test', '"x@elsewhere.test"@hosted.test', 'x@elsewhere.test@hosted.test', 'x@[127.0.0.1]', 'x@hosted.test.', '"ada@hosted.test', 'ada@hosted.test>,<x@elsewhere.test', 'ada@hosted.test\0@elsewhere.test']) {
      expect(await client.say(`RCPT TO:<${address}>`), address).toMatch(/^5\d\d /);
    }
    // RFC 5321, appendix C: a source route is read and ignored, so this one is simply ada.
    expect(await client.say('RCPT TO:<@elsewhere.test:ada@hosted.test>')).toMatch(/^250/);
    client.end();
  });

  it('knows its international domains, and postmaster without one', async () => {
    const client = await inData(await start());
    client.write('x\r\n.\r\n');
    await client.reply();
    await client.say('MAIL FROM:<me@xn--bcher-kva.test>');
    for (const address of ['ada@xn--mnchen-3ya.test', 'grace@XN--MNCHEN-3YA.test', 'postmaster']) expect(await client.say(`RCPT TO:<${address}>`)).toMatch(/^250/);
    await client.say('DATA');
    client.write('Subject: x\r\n\r\nx\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250/);
    expect(taken[1]).toMatchObject({ from: 'me@xn--bcher-kva.test', to: ['ada@xn--mnchen-3ya.test', 'grace@xn--mnchen-3ya.test', 'postmaster@hosted.test'] });
    client.end();
  });

  it('refuses a size over the limit, declared or not, and goes on with the connection', async () => {
    const port = await start({ maxSize: 100_000 });
    const client = await rawClient(port);
    expect(await client.say('MAIL FROM:<me@elsewhere.test> SIZE=100001')).toMatch(/^552/);
    for (const says of ['SIZE=99', 'SIZE=0', '']) {
      expect(await client.say(`MAIL FROM:<me@elsewhere.test> ${says}`)).toMatch(/^250/);
      await client.say('RCPT TO:<ada@hosted.test>');
      await client.say('DATA');
      for (let i = 0; i < 300; i++) client.write(`${'x'.repeat(998)}\r\n`);
      client.write('.\r\n');
      expect(await client.reply()).toMatch(/^552 .*5\.3\.4/);
    }
    await client.say('MAIL FROM:<me@elsewhere.test>');
    await client.say('RCPT TO:<ada@hosted.test>');
    await client.say('DATA');
    client.write('Subject: small\r\n\r\nx\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250/);
    expect(taken.at(-1)!.raw).toContain('Subject: small');
    expect(taken).toHaveLength(1);
    client.end();
  });

  it('takes one line of 5 MB as it is', async () => {
    const client = await inData(await start());
    const line = 'x'.repeat(5_000_000);
    client.write(`${line}\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect(taken[0]!.raw).toBe(`${line}\r\n`);
    client.end();
  });

  it('ends a connection that sends a command without end, nonsense, or web requests', async () => {
    const port = await start();
    const endless = await rawClient(port);
    endless.write('X'.repeat(100_000));
    expect(await endless.reply()).toMatch(/^421/);
    expect(await endless.reply()).toBeUndefined();
    const nonsense = await rawClient(port);
    const said = [];
    for (let i = 0; i < 12; i++) said.push(await nonsense.say(`WIZ${i} letmein`));
    expect(said.filter((s) => s?.startsWith('500'))).toHaveLength(9);
    expect(said.at(-1)).toBeUndefined();
    const browser = await rawClient(port);
    browser.write('POST / HTTP/1.1\r\nMAIL FROM:<a@b.test>\r\n');
    expect(await browser.reply()).toMatch(/^421/);
    expect(await browser.reply()).toBeUndefined();
  });

  it('goes on answering others while one client floods it with commands', async () => {
    const port = await start();
    const flood = await rawClient(port);
    flood.write('NOOP\r\n'.repeat(200_000));
    const other = await rawClient(port);
    let slowest = 0;
    for (let i = 0; i < 20; i++) {
      const asked = performance.now();
      expect(await other.say('NOOP')).toMatch(/^250/);
      slowest = Math.max(slowest, performance.now() - asked);
    }
    expect(slowest).toBeLessThan(1000);
    flood.end();
    other.end();
  });

  it('stops whoever tries names', async () => {
    const client = await rawClient(await start({ limits: { refusals: 5 } }));
    await client.say('MAIL FROM:<>');
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await client.say(`RCPT TO:<name${i}@hosted.test>`));
    expect(answers.map((a) => a?.slice(0, 3))).toEqual(['550', '550', '550', '550', '421', undefined]);
  });

  it('ends a connection that is silent, and one that trickles for ever, and takes nothing of theirs', async () => {
    const port = await start({ limits: { idle: 300, connection: 1200 } });
    const silent = await inData(port);
    expect(await silent.reply()).toMatch(/^421/);
    const trickling = await inData(port);
    const dripping = setInterval(() => trickling.write('x'), 50);
    expect(await trickling.reply()).toMatch(/^421 .*had its time/);
    clearInterval(dripping);
    silent.end();
    trickling.end();
    await wait(100);
    expect(taken).toEqual([]);
  });

  it('does not cut a connection whose message is being committed', async () => {
    let commit = (): void => {};
    const port = await start({
      limits: { connection: 300 },
      receiver: {
        knows: async () => true,
        async take({ source }) {
          for await (const _part of source);
          await new Promise<void>((resolve) => (commit = resolve));
        },
      },
    });
    const client = await inData(port);
    client.write('x\r\n.\r\n');
    await wait(600);
    commit();
    expect(await client.reply()).toMatch(/^250/);
    client.end();
  });

  it('has room for a limited number of clients', async () => {
    const port = await start({ limits: { clients: 3 } });
    const clients = [await rawClient(port), await rawClient(port), await rawClient(port)];
    const late = await rawClient(port, false);
    expect(await late.reply()).toMatch(/^421/);
    for (const client of [...clients, late]) client.end();
  });

  it('offers neither AUTH nor STARTTLS where it has no certificate', async () => {
    const client = await rawClient(await start(), false);
    await client.reply();
    const features = await client.say('EHLO me.test');
    expect(features).not.toMatch(/AUTH|STARTTLS|XCLIENT|CHUNKING/);
    expect(await client.say('STARTTLS')).toMatch(/^500/);
    expect(await client.say('AUTH PLAIN AGEAYg==')).toMatch(/^500/);
    client.end();
  });

  describe('with a certificate', () => {
    const certificate = async () => {
      const pems = await generate([{ name: 'commonName', value: 'hosted.test' }], { keySize: 2048 });
      const folder = mkdtempSync(join(tmpdir(), 'sundial-tls-'));
      const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
      writeFileSync(paths.cert, pems.cert);
      writeFileSync(paths.key, pems.private);
      return paths;
    };

    it('takes mail over TLS 1.2 or newer, forgets what was said before, and says so in the trace', async () => {
      const client = await rawClient(await start({ tls: await certificate() }), false);
      await client.reply();
      expect(await client.say('EHLO me.test')).toMatch(/STARTTLS/);
      await client.say('MAIL FROM:<before@elsewhere.test>');
      expect(await client.say('STARTTLS now')).toMatch(/^501/);
      expect(await client.say('STARTTLS')).toMatch(/^220/);
      const tls = await client.secure();
      expect(tls.getProtocol()).toMatch(/^TLSv1\.[23]$/);
      expect(await client.say('RCPT TO:<ada@hosted.test>')).toMatch(/^503/);
      expect(await client.say('EHLO me.test')).not.toMatch(/STARTTLS|AUTH/);
      await client.say('MAIL FROM:<me@elsewhere.test>');
      await client.say('RCPT TO:<ada@hosted.test>');
      await client.say('DATA');
      client.write('Subject: secret\r\n\r\nx\r\n.\r\n');
      expect(await client.reply()).toMatch(/^250/);
      expect(taken).toMatchObject([{ from: 'me@elsewhere.test', secure: true }]);
      client.end();
    });

    it('throws away what was sent in the clear behind STARTTLS', async () => {
      const client = await rawClient(await start({ tls: await certificate() }));
      client.write(`STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@elsewhere.test>\r\nRCPT TO:<ada@hosted.test>\r\n${'NOOP\r\n'.repeat(500)}`);
      expect(await client.reply()).toMatch(/^220/);
      await client.secure();
      // The first reply inside is the one to what was said inside, and the envelope of before is gone.
      expect(await client.say('RCPT TO:<ada@hosted.test>')).toMatch(/^503/);
      client.end();
    });
  });
});
