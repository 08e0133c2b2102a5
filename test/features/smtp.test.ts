import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findByInternetMessageId, getMessage, hasUnheardMail, messagesOfThread, sendMail } from '../../server/features/email/service.ts';
import { transaction } from '../../server/db/db.ts';
import { startSmtpIn } from '../../server/net/smtp-in.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw, eventsOf, talk } from '../support/mail.ts';

describe('mail between two hosted mailboxes', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('goes through real SMTP into the other inbox, and both sides hear of it', async () => {
    const alice = (await app.account({ name: 'Alice' })).account;
    const bob = (await app.account({ name: 'Bob' })).account;
    const sent = await sendMail(app.deps, alice.id, { to: [{ address: bob.email }], subject: 'Hello', body: '<p>How are you?</p>' });
    expect(sent).toMatchObject({ status: 'Ok', processingStatus: 'Ok' });
    await app.drain();

    const copy = await getMessage(app.deps, alice.id, sent.id);
    expect(copy).toMatchObject({ subject: 'Hello', body: '<p>How are you?</p>', sysLabels: ['sent'], to: [{ address: bob.email }] });
    const received = await findByInternetMessageId(app.deps, bob.id, sent.submittedMessageId!);
    expect(received).toMatchObject({ subject: 'Hello', sysLabels: ['inbox', 'unread'], from: { name: 'Alice', address: alice.email } });
    expect(received!.body).toContain('How are you?');
    expect(await eventsOf(app, alice.id, 'MailSent')).toMatchObject([{ recipients: [bob.email], internetMessageId: sent.submittedMessageId, automatic: false }]);
    expect(await eventsOf(app, bob.id, 'MessageArrived')).toMatchObject([{ from: alice.email, folder: 'inbox', automatic: 'no', report: null }]);
    expect(await messagesOfThread(app.deps, alice.id, sent.threadId!)).toHaveLength(1);
  });

  it('is unheard from the moment it is accepted until it is derived', async () => {
    const alice = (await app.account()).account;
    const bob = (await app.account()).account;
    const unheard = () => transaction(app.deps.db, (trx) => hasUnheardMail(trx, bob.id));
    expect(await unheard()).toBe(false);
    await app.deps.providers.of('Hosted').inbound!.take({
      from: alice.email, to: [bob.email], remoteAddress: '127.0.0.1', helo: 'x',
      source: (async function* () { yield Buffer.from('Subject: a\r\n\r\nb\r\n'); })(),
    });
    expect(await unheard()).toBe(true);
    await app.drain();
    expect(await unheard()).toBe(false);
  });
});

describe('inbound SMTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  const stored = (accountId: number) => app.deps.db.selectFrom('mail_messages').select(['id', 'size', 'envelope', 'verdicts']).where('account_id', '=', accountId).execute();
  const hello = ['EHLO me.test', 'MAIL FROM:<me@elsewhere.test>'];

  it('refuses addresses that nobody has, and to carry mail for others', async () => {
    const { account } = await app.account();
    const answers = await talk(app, [...hello, 'RCPT TO:<nobody@hosted.test>', 'RCPT TO:<someone@elsewhere.test>', `RCPT TO:<someone%elsewhere.test@hosted.test>`, `RCPT TO:<${account.email.toUpperCase()}>`, 'QUIT']);
    expect(answers[3]).toMatch(/^550 5\.1\.1 /);
    expect(answers[4]).toMatch(/^550 5\.7\.1 /);
    expect(answers[5]).toMatch(/^550 5\.1\.1 /);
    expect(answers[6]).toMatch(/^250 /);
  });

  it('offers no sign-in, so there is no password to try', async () => {
    expect((await talk(app, ['EHLO me.test', 'AUTH PLAIN AGEAYg==', 'QUIT']))[2]).toMatch(/^5/);
  });

  it('accepts the null sender, whose mail makes no report', async () => {
    const { account } = await app.account();
    await deliverRaw(app, account.email, 'From: MAILER-DAEMON@elsewhere.test\nSubject: report\n\nx\n', '');
    expect((await stored(account.id))[0]!.envelope).toMatchObject({ from: '' });
  });

  it('stores one message for each recipient, and nothing where one of them has gone meanwhile', async () => {
    const a = (await app.account()).account;
    const b = (await app.account()).account;
    await deliverRaw(app, [a.email, b.email, a.email.toUpperCase()], 'Subject: all\n\nx\n');
    expect([await stored(a.id), await stored(b.id)].map((rows) => rows.length)).toEqual([1, 1]);
    const take = app.deps.providers.of('Hosted').inbound!.take({
      from: '', to: [a.email, 'gone@hosted.test'], remoteAddress: '127.0.0.1', helo: 'x', source: (async function* () { yield Buffer.from('Subject: x\r\n\r\n'); })(),
    });
    await expect(take).rejects.toThrow('5.1.1');
    expect(await stored(a.id)).toHaveLength(1);
  });

  it('refuses a message that has been through more than thirty hosts', async () => {
    const { account } = await app.account();
    const hops = (n: number): string => `${'Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\n'.repeat(n)}Subject: loop\n\nx\n`;
    await expect(deliverRaw(app, account.email, hops(31))).rejects.toThrow(/554.*5\.4\.6/);
    await deliverRaw(app, account.email, hops(30));
    expect(await stored(account.id)).toHaveLength(1);
  });

  it('takes a head of half a megabyte in pieces of four bytes without reading it over and over', async () => {
    const { account } = await app.account();
    const head = async function* () {
      for (let i = 0; i < 130_000; i++) yield Buffer.from('X:\r\n');
      yield Buffer.from('\r\nx\r\n');
    };
    await app.deps.providers.of('Hosted').inbound!.take({ from: '', to: [account.email], remoteAddress: '127.0.0.1', helo: 'x', source: head() });
    expect((await stored(account.id))[0]!.size).toBeGreaterThan(520_000);
  });

  it('refuses a declared size over the limit at once, and a real one after it', async () => {
    const { account } = await app.account();
    const declared = await talk(app, ['EHLO me.test', 'MAIL FROM:<me@elsewhere.test> SIZE=99999999', 'QUIT']);
    expect(declared[2]).toMatch(/^552 /);
    // A listener with a smaller limit, so that the test need not send 50 MB.
    const small = await startSmtpIn({ host: '127.0.0.1', port: 0, domains: ['hosted.test'], receiver: app.deps.providers.of('Hosted').inbound!, log: app.deps.log, maxSize: 2_000_000 });
    const big = Buffer.concat([Buffer.from('Subject: big\r\n\r\n'), Buffer.alloc(3_000_000, 'line of text\r\n')]);
    await expect(deliverRaw({ smtpPort: small.port }, account.email, big)).rejects.toThrow(/552.*5\.3\.4/);
    await small.stop();
    expect(await stored(account.id)).toHaveLength(0);
    expect(await app.deps.db.selectFrom('mail_spool').selectAll().execute()).toEqual([]);
  });

  it('takes 12 MB whole, byte for byte, while the server goes on answering', async () => {
    const { account, token } = await app.account();
    const attachment = Buffer.alloc(9 * 1024 * 1024, 'sundial').toString('base64').replace(/.{76}/g, '$&\r\n');
    const raw = Buffer.from(`From: a@elsewhere.test\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=L\r\n\r\n--L\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--L\r\nContent-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n--L--\r\n`);
    let slowest = 0;
    let going = true;
    const asking = (async () => {
      while (going) {
        const start = performance.now();
        await fetch(`${app.url}/healthz`);
        slowest = Math.max(slowest, performance.now() - start);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const began = performance.now();
    await deliverRaw(app, account.email, raw);
    await app.drain();
    const whole = performance.now() - began;
    going = false;
    await asking;
    const [m] = (await app.call('GET', '/v1/email/messages', { as: token })).body.records;
    expect(m).toMatchObject({ subject: 'large', hasAttachments: true, bodySnippet: 'see file' });
    const answer = await fetch(`${app.url}/v1/email/messages/${m.id}/raw`, { headers: { authorization: `Bearer ${token}` } });
    expect(Buffer.from(await answer.arrayBuffer()).subarray(-raw.length).equals(raw)).toBe(true);
    // A ratio, because machines differ: written as one row, nothing would be answered until all of it is there.
    expect(slowest).toBeLessThan(whole / 2);
  }, 120_000);

  it('takes a transfer between own mailboxes once, and believes no forged one', async () => {
    const { account } = await app.account();
    const line = `X-Sundial-Transfer: ${app.deps.keys.sign('transfer', { id: 4711, to: account.email })}\n`;
    await deliverRaw(app, account.email, `${line}Subject: once\n\nx\n`);
    await deliverRaw(app, account.email, `${line}Subject: once\n\nx\n`);
    expect(await stored(account.id)).toHaveLength(1);
    await deliverRaw(app, account.email, 'X-Sundial-Transfer: forged\nSubject: forged\n\nx\n');
    await deliverRaw(app, account.email, `X-Sundial-Transfer: ${app.deps.keys.sign('transfer', { id: 4712, to: 'other@hosted.test' })}\nSubject: for another\n\nx\n`);
    await app.drain();
    const rows = await stored(account.id);
    expect(rows.map((r) => (r.envelope as { internal: boolean }).internal).sort()).toEqual([false, false, true]);
    for (const row of rows) {
      const message = await getMessage(app.deps, account.id, row.id);
      expect(message.internetHeaders!.map((h) => h.name?.toLowerCase())).not.toContain('x-sundial-transfer');
    }
  });

  it('notes who vouches for mail from outside, and that own deliveries vouch for themselves', async () => {
    const { account } = await app.account();
    const other = (await app.account()).account;
    await deliverRaw(app, account.email, 'From: a@elsewhere.test\nSubject: v\n\nx\n');
    await sendMail(app.deps, other.id, { to: [{ address: account.email }], subject: 'own', body: 'x' });
    await app.drain();
    const verdicts = (await stored(account.id)).map((r) => (r.verdicts as { spf: string }).spf).sort();
    expect(verdicts).toEqual(['internal', expect.stringMatching(/^(none|temperror)$/)]);
  });

  it('puts mail into junk that fails the policy of the domain it claims to come from', async () => {
    const strict = await createTestApp({
      resolveDns: async (name, type) => {
        if (type === 'TXT' && name === '_dmarc.bank.com') return [['v=DMARC1; p=reject']];
        if (type === 'TXT' && name === 'bank.com') return [['v=spf1 -all']];
        throw Object.assign(new Error('nothing'), { code: 'ENOTFOUND' });
      },
    });
    const { account, token } = await strict.account();
    await deliverRaw(strict, account.email, 'From: Bank <service@bank.com>\nSubject: Your account\n\nx\n', 'service@bank.com');
    await strict.drain();
    const list = await strict.call('GET', '/v1/email/messages', { as: token, query: { q: 'in:junk' } });
    expect(list.body.records).toMatchObject([{ subject: 'Your account', sysLabels: ['junk', 'unread'] }]);
    expect(await eventsOf(strict, account.id, 'MessageArrived')).toMatchObject([{ folder: 'junk' }]);
    await strict.close();
  });
});
