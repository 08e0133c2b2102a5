import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw } from '../support/mail.ts';

describe('a client that goes away in the middle of its message', () => {
  const lines: { level: number; msg: string }[] = [];
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string }) }) });
  });
  afterAll(() => app.close());

  it('leaves nothing behind, alarms nobody, and the next message arrives', async () => {
    const { account, token } = await app.account();
    const socket = connect(app.smtpPort, '127.0.0.1');
    await once(socket, 'data');
    for (const line of ['EHLO me.test', 'MAIL FROM:<me@elsewhere.test>', `RCPT TO:<${account.email}>`, 'DATA']) {
      socket.write(`${line}\r\n`);
      await once(socket, 'data');
    }
    socket.write(`Subject: half\r\n\r\n${'x'.repeat(200_000)}`);
    socket.destroy();
    await expect.poll(() => lines.map((l) => l.msg), { timeout: 10_000 }).toContain('a client went away in the middle of a message');
    await deliverRaw(app, account.email, 'From: a@elsewhere.test\nSubject: whole\n\nx\n');
    await app.drain();
    const { body } = await app.call('GET', '/v1/email/messages', { as: token });
    expect(body.records.map((r: { subject: string }) => r.subject)).toEqual(['whole']);
    expect(lines.filter((l) => l.level >= 50)).toEqual([]);
  });
});
