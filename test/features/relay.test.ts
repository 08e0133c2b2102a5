import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { transaction } from '../../server/db/db.ts';
import { deliveryOf, sendMail } from '../../server/features/email/service.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { eventsOf } from '../support/mail.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const HOUR = 3_600_000;

describe('mail to the outside', () => {
  let app: TestApp;
  let sink: SmtpSink;
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  beforeAll(async () => {
    sink = await startSmtpSink();
    const path = join(mkdtempSync(join(tmpdir(), 'sundial-')), 'dkim.pem');
    writeFileSync(path, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url, HOSTED_DOMAINS: 'hosted.test signed.test', DKIM_KEYS: `signed.test:s1:${path}` } });
  });
  beforeEach(() => {
    sink.taken.length = 0;
    sink.faults = [];
  });
  afterAll(async () => {
    await app.close();
    await sink.close();
  });

  const send = async (options: { email?: string; automatic?: boolean; to?: string; bcc?: { address: string }[]; file?: Buffer } = {}) => {
    const { account } = await app.account(options.email ? { email: options.email } : {});
    const sent = await sendMail(app.deps, account.id, { to: [{ address: options.to ?? 'far@away.example' }], subject: 'Out', body: '<p>x</p>', ...(options.bcc ? { bcc: options.bcc } : {}), ...(options.file ? { attachments: [{ name: 'f.bin', content: options.file.toString('base64') }] } : {}) }, { automatic: options.automatic ?? false });
    await app.drain();
    return { account, sent, state: async () => (await deliveryOf(app.deps, account.id, sent.id))[0]!.state };
  };
  /** The clock jumps, and whoever waits for it hears so. */
  const later = async (ms: number): Promise<void> => {
    app.clock.advance(ms);
    await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, { type: 'ClockMoved', accountId: null, now: app.deps.clock.now().toISOString() }));
    await app.drain();
  };

  it('goes over the relay with the sender as return path', async () => {
    const { account, state } = await send();
    expect(sink.taken).toMatchObject([{ from: account.email, to: 'far@away.example' }]);
    expect(sink.taken[0]!.data).not.toMatch(/X-Sundial-Transfer/i);
    expect(await state()).toBe('sent');
  });

  it('has an empty return path and says so itself where a robot sends it', async () => {
    await send({ automatic: true });
    expect(sink.taken[0]!.from).toBe('');
    expect(sink.taken[0]!.data).toContain('Auto-Submitted: auto-generated');
  });

  it.each([
    ['small', 'me@signed.test', undefined, []],
    ['large', 'large@signed.test', Buffer.alloc(1_000_000, 'large '), []],
    ['large and unlike its copy', 'unlike@signed.test', Buffer.alloc(1_000_000, 'large '), [{ address: 'quiet@away.example' }]],
  ])('is DKIM-signed and aligned where a key of the domain is configured (%s)', async (_what, email, file, bcc) => {
    await send({ email, bcc, ...(file ? { file } : {}) });
    expect(sink.taken[0]!.data).toContain(file?.toString('base64', 0, 57) ?? 'x');
    expect(sink.taken[0]!.data).not.toMatch(/^bcc:/im);
    const record = `v=DKIM1; k=rsa; p=${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    const { results } = await dkimVerify(Buffer.from(sink.taken[0]!.data), {
      resolver: async (name: string) => {
        expect(name).toBe('s1._domainkey.signed.test');
        return [[record]];
      },
    } as never);
    expect(results[0]).toMatchObject({ signingDomain: 'signed.test', status: { result: 'pass', aligned: 'signed.test' } });
  });

  it('is tried again after a 4xx, later and later, and arrives once', async () => {
    sink.faults = [{ at: 'rcpt', answer: '451 4.2.0 Greylisted' }, { at: 'dot', answer: '450 4.3.0 Busy' }];
    const { state } = await send();
    expect(sink.taken).toHaveLength(0);
    expect(await state()).toBe('queued');
    await later(30_000);
    expect(sink.faults).toHaveLength(1);
    await later(60_000);
    expect(await state()).toBe('queued');
    await later(HOUR);
    expect(sink.taken).toHaveLength(1);
    expect(await state()).toBe('sent');
    await later(HOUR);
    expect(sink.taken).toHaveLength(1);
  });

  it('comes back as a report after a 5xx, with what the other side said', async () => {
    sink.faults = [{ at: 'rcpt', answer: '550 5.1.1 No such user' }];
    const { account, sent, state } = await send();
    expect(await state()).toBe('failed');
    expect(await eventsOf(app, account.id, 'DeliveryFailed')).toMatchObject([{ messageId: sent.id, recipient: 'far@away.example', diagnostic: expect.stringContaining('No such user') }]);
    expect(await eventsOf(app, account.id, 'MessageArrived')).toMatchObject([{ automatic: 'other', report: { action: 'failed', status: '5.1.1', originalMessageId: sent.submittedMessageId } }]);
  });

  it('makes no report where a robot sent it, but its failure is known', async () => {
    sink.faults = [{ at: 'rcpt', answer: '550 5.1.1 No such user' }];
    const { account } = await send({ automatic: true });
    expect(await eventsOf(app, account.id, 'DeliveryFailed')).toHaveLength(1);
    expect(await eventsOf(app, account.id, 'MessageArrived')).toHaveLength(0);
  });

  it('is given up after days of 4xx, with a report', async () => {
    sink.faults = Array.from({ length: 40 }, () => ({ at: 'rcpt' as const, answer: '451 4.2.0 Not now' }));
    const { account, state } = await send();
    for (let hours = 0; hours < 110 && (await state()) === 'queued'; hours += 5) await later(5 * HOUR);
    expect(await state()).toBe('failed');
    expect(await eventsOf(app, account.id, 'MessageArrived')).toMatchObject([{ report: { action: 'failed', status: '5.2.0' } }]);
  });

  it('is tried again where the connection broke before the whole message was out', async () => {
    sink.faults = [{ at: 'data', answer: '421 4.3.2 Going down' }];
    const { state } = await send();
    expect(await state()).toBe('queued');
    await later(HOUR);
    expect(sink.taken).toHaveLength(1);
  });

  it('is never sent twice: no answer after the final dot leaves it in doubt', async () => {
    const before = sink.seen();
    sink.faults = [{ at: 'dot', answer: 'hang up' }];
    const { account, state } = await send();
    expect(await state()).toBe('inDoubt');
    expect(await eventsOf(app, account.id, 'DeliveryInDoubt')).toMatchObject([{ recipient: 'far@away.example' }]);
    await later(10 * HOUR);
    expect(sink.seen() - before).toBe(1);
    expect(sink.taken).toHaveLength(0);
    expect(await eventsOf(app, account.id, 'DeliveryFailed')).toHaveLength(0);
  });

  it('is not sent again after a crash in the middle of it, and is sent where the crash came before the body', async () => {
    sink.faults = [{ at: 'rcpt', answer: '451 4.2.0 Later' }, { at: 'rcpt', answer: '451 4.2.0 Later' }];
    const inBody = await send();
    const beforeBody = await send();
    const set = (messageId: string, in_doubt: boolean) => app.deps.db.updateTable('mail_outgoing').set({ state: 'sending', in_doubt }).where('message_id', '=', messageId).returning('id').executeTakeFirstOrThrow();
    const rows = [await set(inBody.sent.id, true), await set(beforeBody.sent.id, false)];
    for (const row of rows) await app.deps.providers.of('Hosted').tasks.deliver({ accountId: null, ref: String(row.id) });
    expect(await inBody.state()).toBe('inDoubt');
    expect(await beforeBody.state()).toBe('sent');
    expect(sink.taken).toHaveLength(1);
  });
});
