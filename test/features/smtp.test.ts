import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../server/events/events.ts';
import { findByInternetMessageId, getMessage, hasUnheardMail, messagesOfThread, sendMail } from '../../server/features/email/service.ts';
import { transaction } from '../../server/db/db.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

describe('mail between two hosted mailboxes', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  const eventsOf = async (accountId: number): Promise<StoredEvent[]> => app.deps.events.since(accountId, 0, 100);

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
    expect((await eventsOf(alice.id)).map((e) => e.event)).toContainEqual(expect.objectContaining({ type: 'MailSent', recipients: [bob.email], internetMessageId: sent.submittedMessageId }));
    expect((await eventsOf(bob.id)).map((e) => e.event)).toContainEqual(expect.objectContaining({ type: 'MessageArrived', from: alice.email, folder: 'inbox', automatic: 'no', report: null }));
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
