import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw, talk } from '../support/mail.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

/** Somebody else's address, which the attacker writes into MAIL FROM so that our answers hit its owner. */
const VICTIM = 'victim@away.example';

let app: TestApp;
let sink: SmtpSink;
let ada: { email: string; token: string };
beforeAll(async () => {
  sink = await startSmtpSink();
  app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url } });
  const made = await app.account({ name: 'Ada' });
  ada = { email: made.account.email, token: made.token };
});
afterAll(async () => {
  await app.close();
  await sink.close();
});
beforeEach(() => void (sink.taken.length = 0));

const nothingLeft = async (): Promise<void> => {
  await app.drain();
  expect(sink.taken).toEqual([]);
  expect(await app.deps.db.selectFrom('mail_outgoing').select('id').where('recipient', '=', VICTIM).execute()).toEqual([]);
};

describe('a sender that was forged', () => {
  it('gets no report about an address that nobody has: it is refused while the other side waits', async () => {
    const answers = await talk(app, ['EHLO me.test', `MAIL FROM:<${VICTIM}>`, 'RCPT TO:<nobody@hosted.test>', 'DATA', 'QUIT']);
    expect(answers[3]).toMatch(/^550 5\.1\.1 /);
    // No recipient is left, so there is no message that could come back.
    expect(answers[4]).toMatch(/^50\d /);
    await nothingLeft();
  });

  it('gets none either where another recipient of the message is taken', async () => {
    const answers = await talk(app, ['EHLO me.test', `MAIL FROM:<${VICTIM}>`, 'RCPT TO:<nobody@hosted.test>', `RCPT TO:<${ada.email}>`, 'DATA', 'Subject: both\r\n\r\nx\r\n.', 'QUIT']);
    expect(answers.map((a) => a.slice(0, 3))).toEqual(['220', '250', '250', '550', '250', '354', '250', '221']);
    await nothingLeft();
    expect((await app.call('GET', '/v1/email/messages', { as: ada.token })).body.records).toMatchObject([{ subject: 'both' }]);
  });

  it.each([
    ['a loop', `${'Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\n'.repeat(31)}Subject: loop\n\nx\n`],
    ['a report that names it', 'From: MAILER-DAEMON@away.example\nAuto-Submitted: auto-replied\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; victim@away.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n'],
    ['one that asks for a receipt', `Disposition-Notification-To: <${VICTIM}>\nReturn-Receipt-To: <${VICTIM}>\nSubject: receipt\n\nx\n`],
    ['one that cannot be read', 'Content-Type: multipart/mixed; boundary=\n\n\0\0--\n'],
  ])('gets nothing for %s', async (_what, raw) => {
    await deliverRaw(app, ada.email, raw, VICTIM).catch(() => {});
    await nothingLeft();
  });

  it('gets nothing where the recipient went between the answer and the delivery', async () => {
    const gone = await app.account();
    await deliverRaw(app, gone.account.email, 'Subject: late\n\nx\n', VICTIM);
    await app.call('DELETE', `/v1/am/accounts/${gone.account.id}`, { basic: true });
    await nothingLeft();
  });
});

describe('a sender who is known', () => {
  it('reads in his own mailbox that the address is nobody\'s, and nobody else hears of it', async () => {
    const sent = await app.call('POST', '/v1/email/messages', { as: ada.token, body: { to: [{ address: 'nobody@hosted.test' }], subject: 'To nobody', body: '<p>x</p>' } });
    expect(sent.status).toBe(201);
    await app.drain();
    expect(sink.taken).toEqual([]);
    const [report] = (await app.call('GET', '/v1/email/messages', { as: ada.token, query: { q: 'in:inbox', limit: 1 } })).body.records;
    const { body } = await app.call('GET', `/v1/email/messages/${report.id}`, { as: ada.token });
    expect(body.from.address).toMatch(/^mailer-daemon@/i);
    expect(body.body).toContain('nobody@hosted.test');
  });
});
