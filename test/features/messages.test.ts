import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../server/errors.ts';
import { sendMail } from '../../server/features/email/service.ts';
import type { SendStep } from '../../server/features/email/steps.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw, eventsOf } from '../support/mail.ts';

type Someone = Awaited<ReturnType<TestApp['account']>>;

describe('messages', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;
  beforeAll(async () => {
    app = await createTestApp();
    alice = await app.account({ name: 'Alice' });
    bob = await app.account({ name: 'Bob' });
  });
  afterAll(() => app.close());

  const send = async (from: Someone, body: object, query = {}) => {
    const answer = await app.call('POST', '/v1/email/messages', { as: from.token, body, query });
    await app.drain();
    return answer;
  };
  const inbox = async (who: Someone, query: Record<string, string | boolean> = {}) => (await app.call('GET', '/v1/email/messages', { as: who.token, query })).body.records;

  it('are sent with 201 and ids, stay in the sender\'s sent folder, and arrive', async () => {
    const answer = await send(alice, { to: [{ name: 'Bob', address: bob.account.email }], subject: 'First', body: '<p>Hi <b>Bob</b></p>', keywords: ['work'] });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ status: 'Ok', processingStatus: 'Ok' });
    const sent = await app.call('GET', `/v1/email/messages/${answer.body.id}`, { as: alice.token });
    expect(sent.body).toMatchObject({ subject: 'First', body: '<p>Hi <b>Bob</b></p>', sysLabels: ['sent'], keywords: ['work'], threadId: answer.body.threadId });
    const [arrived] = await inbox(bob);
    expect(arrived).toMatchObject({ subject: 'First', bodySnippet: 'Hi Bob', internetMessageId: answer.body.submittedMessageId, omitted: ['body'] });
    expect(arrived.body).toBeUndefined();
  });

  it('are another account\'s business: 404 for whoever else asks, 401 for nobody, 403 without the scope', async () => {
    const { id } = (await send(alice, { to: [{ address: bob.account.email }], subject: 'Private', body: 'x' })).body;
    const stranger = await app.account();
    for (const [method, path] of [['GET', ''], ['GET', '/raw'], ['DELETE', ''], ['GET', '/attachments/0']] as const) {
      expect((await app.call(method, `/v1/email/messages/${id}${path}`, { as: stranger.token })).status).toBe(404);
    }
    expect((await app.call('GET', `/v1/email/messages/${id}`)).status).toBe(401);
    const narrow = await app.account({ scopes: ['Calendar.Read'] });
    expect((await app.call('GET', '/v1/email/messages', { as: narrow.token })).body.code).toBe('scope.missing');
    const reader = await app.account({ scopes: ['Mail.Read'] });
    expect((await app.call('POST', '/v1/email/messages', { as: reader.token, body: { to: [{ address: bob.account.email }] } })).status).toBe(403);
  });

  it('give their text instead of HTML where bodyType asks for it, also when they were written the other way', async () => {
    const html = (await send(alice, { to: [{ address: bob.account.email }], subject: 'H', body: '<p>one</p><p>two</p>' })).body.id;
    expect((await app.call('GET', `/v1/email/messages/${html}`, { as: alice.token, query: { bodyType: 'text' } })).body.body).toBe('one\n\ntwo');
    const text = (await send(alice, { to: [{ address: bob.account.email }], subject: 'T', body: 'a < b\nc' }, { bodyType: 'text' })).body.id;
    expect((await app.call('GET', `/v1/email/messages/${text}`, { as: alice.token })).body.body).toContain('a &lt; b<br>');
    expect((await app.call('GET', `/v1/email/messages/${text}`, { as: alice.token, query: { bodyType: 'text' } })).body.body).toContain('a < b\nc');
  });

  it('keep Bcc from those who receive them, and show it to the sender', async () => {
    const carol = await app.account({ name: 'Carol' });
    const { id } = (await send(alice, { to: [{ address: bob.account.email }], bcc: [{ address: carol.account.email }], subject: 'Quiet', body: 'x' })).body;
    const [atBob] = await inbox(bob, { q: 'subject:Quiet' });
    const [atCarol] = await inbox(carol);
    expect(atCarol.subject).toBe('Quiet');
    for (const [who, m] of [[bob, atBob], [carol, atCarol]] as const) {
      const raw = await app.call('GET', `/v1/email/messages/${m.id}/raw`, { as: who.token });
      expect(raw.body.toLowerCase().split('\r\n\r\n')[0]).not.toMatch(/^bcc:/m);
    }
    expect((await app.call('GET', `/v1/email/messages/${id}`, { as: alice.token })).body.bcc).toMatchObject([{ address: carol.account.email }]);
  });

  it('leave only with the account\'s own address, X- headers and no line of the client\'s own', async () => {
    const to = [{ address: bob.account.email }];
    expect((await send(alice, { to, from: { address: bob.account.email }, body: 'x' })).body.code).toBe('access.denied');
    expect((await send(alice, { to, xHeaders: [{ name: 'Bcc', value: 'a@b.test' }], body: 'x' })).body).toMatchObject({ code: 'request.invalid', field: 'xHeaders[0].name' });
    expect((await send(alice, { to, xHeaders: [{ name: 'X-A', value: 'b\r\nBcc: c@d.test' }], body: 'x' })).body.field).toBe('xHeaders[0].value');
    expect((await send(alice, { subject: 'to nobody', body: 'x' })).body.field).toBe('to');
    expect((await send(alice, { to: [{ address: 'not an address' }], body: 'x' })).body).toMatchObject({ code: 'request.invalid', field: 'to[0].address' });
    const { id } = (await send(alice, { to: [{ name: 'B\r\nBcc: e@f.test', address: bob.account.email }], subject: 'S\r\nX-Evil: 1', body: 'x', xHeaders: [{ name: 'X-Order', value: '42' }] })).body;
    const { body } = await app.call('GET', `/v1/email/messages/${id}`, { as: alice.token });
    const names = body.internetHeaders.map((h: { name: string }) => h.name.toLowerCase());
    expect(names).toContain('x-order');
    expect(names).not.toContain('x-evil');
    expect(names).not.toContain('bcc');
  });

  it('carry attachments both ways, inline ones with their content where asked', async () => {
    const png = Buffer.from('iVBORw0KGgo=', 'base64');
    await send(alice, {
      to: [{ address: bob.account.email }], subject: 'With files', body: '<p>See <img src="cid:pic1"></p>',
      attachments: [
        { name: 'Zürich.txt', mimeType: 'text/plain', content: Buffer.from('grüezi').toString('base64') },
        { name: 'p.png', mimeType: 'image/png', inline: true, contentId: 'pic1', content: png.toString('base64') },
      ],
    });
    const [listed] = await inbox(bob, { q: 'has:attachment subject:files' });
    expect(listed.hasAttachments).toBe(true);
    const text = listed.attachments.find((a: { name: string }) => a.name === 'Zürich.txt');
    const download = await app.call('GET', `/v1/email/messages/${listed.id}/attachments/${text.id}`, { as: bob.token });
    expect(Buffer.from(download.body.content, 'base64').toString()).toBe('grüezi');
    const whole = (await app.call('GET', `/v1/email/messages/${listed.id}`, { as: bob.token, query: { loadInlines: true } })).body;
    const inline = whole.attachments.find((a: { contentId?: string }) => a.contentId === 'pic1');
    expect(Buffer.from(inline.content, 'base64').equals(png)).toBe(true);
    expect(whole.attachments.find((a: { name: string }) => a.name === 'Zürich.txt').content).toBeUndefined();
    expect((await app.call('GET', `/v1/email/messages/${listed.id}/attachments/99`, { as: bob.token })).status).toBe(404);
  });

  it('are found by from, to, subject, dates, flags, words, phrases and their negation', async () => {
    const dan = await app.account({ name: 'Dan' });
    await deliverRaw(app, dan.account.email, 'From: Eve Adams <eve@elsewhere.test>\nTo: x\nSubject: Quarterly report\nMessage-ID: <q1@x.test>\n\nThe numbers are good, says the big brown fox.\n');
    await deliverRaw(app, dan.account.email, 'From: fred@elsewhere.test\nSubject: Lunch\nMessage-ID: <q2@x.test>\n\nPizza at noon, report later.\n');
    await app.drain();
    const subjects = async (q: string) => (await inbox(dan, { q })).map((m: { subject: string }) => m.subject);
    expect(await subjects('from:eve')).toEqual(['Quarterly report']);
    expect(await subjects('from:"Eve Adams"')).toEqual(['Quarterly report']);
    expect(await subjects('report')).toEqual(['Lunch', 'Quarterly report']);
    expect(await subjects('"brown fox"')).toEqual(['Quarterly report']);
    expect(await subjects('"fox brown"')).toEqual([]);
    expect(await subjects('quart')).toEqual(['Quarterly report']);
    expect(await subjects('report -subject:lunch')).toEqual(['Quarterly report']);
    expect(await subjects('is:unread after:01/01/2020')).toHaveLength(2);
    expect(await subjects('before:2020-01-01')).toEqual([]);
    expect(await subjects('has:attachment')).toEqual([]);
    expect(await subjects("%_\\' & | ! <-> :* (")).toEqual([]);
    expect((await app.call('GET', '/v1/email/messages', { as: dan.token, query: { q: 'after:yesterday' } })).body).toMatchObject({ code: 'request.invalid', field: 'q' });
  });

  it('come in pages of fifty that later arrivals do not shift, with tokens that belong to their list', async () => {
    const reader = await app.account();
    for (let i = 0; i < 60; i++) await deliverRaw(app, reader.account.email, `Subject: n${i}\nMessage-ID: <n${i}@x.test>\n\nx\n`);
    await app.drain();
    const first = (await app.call('GET', '/v1/email/messages', { as: reader.token })).body;
    expect(first).toMatchObject({ length: 50, records: expect.any(Array) });
    await deliverRaw(app, reader.account.email, 'Subject: newer\n\nx\n');
    await app.drain();
    const second = (await app.call('GET', '/v1/email/messages', { as: reader.token, query: { pageToken: first.nextPageToken } })).body;
    expect(second.length).toBe(10);
    expect(second.nextPageToken).toBeUndefined();
    const subjects = [...first.records, ...second.records].map((m: { subject: string }) => m.subject);
    expect(new Set(subjects).size).toBe(60);
    expect((await app.call('GET', '/v1/email/messages', { as: reader.token, query: { pageToken: `${first.nextPageToken}x` } })).body.code).toBe('page.invalid');
    expect((await app.call('GET', '/v1/email/messages', { as: reader.token, query: { pageToken: first.nextPageToken, q: 'x' } })).body.code).toBe('page.invalid');
  });

  it('are marked read, keyworded, archived and brought back', async () => {
    const gina = await app.account();
    await deliverRaw(app, gina.account.email, 'Subject: s\n\nx\n');
    await app.drain();
    const [m] = await inbox(gina);
    const status = (body: object) => app.call('POST', `/v1/email/messages/${m.id}/status`, { as: gina.token, body });
    const now = async () => (await app.call('GET', `/v1/email/messages/${m.id}`, { as: gina.token })).body;
    expect((await status({ unread: false, keywords: ['a', 'b'] })).body).toEqual({ status: 'Ok' });
    expect(await now()).toMatchObject({ sysLabels: ['inbox'], keywords: ['a', 'b'] });
    await status({ archived: true });
    expect((await now()).sysLabels).toEqual([]);
    await status({ archived: false, unread: true });
    expect(await now()).toMatchObject({ sysLabels: ['inbox', 'unread'], keywords: ['a', 'b'] });
  });

  it('go to the trash when deleted, out of the list, and from there for good', async () => {
    const hugo = await app.account();
    await deliverRaw(app, hugo.account.email, 'Subject: s\n\nx\n');
    await app.drain();
    const [m] = await inbox(hugo);
    expect((await app.call('DELETE', `/v1/email/messages/${m.id}`, { as: hugo.token })).body).toEqual({ status: 'Ok' });
    expect(await inbox(hugo)).toEqual([]);
    expect(await inbox(hugo, { includeTrashAndJunk: true })).toMatchObject([{ id: m.id, sysLabels: ['trash', 'unread'] }]);
    await app.call('DELETE', `/v1/email/messages/${m.id}`, { as: hugo.token });
    expect((await app.call('GET', `/v1/email/messages/${m.id}`, { as: hugo.token })).status).toBe(404);
  });

  it('stay in the trash where they were put before they were read', async () => {
    const nina = await app.account();
    await deliverRaw(app, nina.account.email, 'Subject: quick\n\nx\n');
    const [m] = await inbox(nina);
    await app.call('DELETE', `/v1/email/messages/${m.id}`, { as: nina.token });
    await app.drain();
    expect((await app.call('GET', `/v1/email/messages/${m.id}`, { as: nina.token })).body).toMatchObject({ subject: 'quick', sysLabels: ['trash', 'unread'] });
  });

  it('are answered in their thread: Re:, In-Reply-To, References, a quote without our pixel', async () => {
    const pixel = `${app.deps.config.publicUrl}/t/abc.gif`;
    await deliverRaw(app, alice.account.email, `From: Kim <kim@elsewhere.test>\nReply-To: ${bob.account.email}\nSubject: Question\nMessage-ID: <k1@x.test>\nReferences: <k0@x.test>\nContent-Type: text/html\n\n<html><body><p>Ready?</p><img src="${pixel}" width=1></body></html>\n`);
    await app.drain();
    const [question] = await inbox(alice, { q: 'subject:Question' });
    const reply = await app.call('POST', `/v1/email/messages/${question.id}/reply`, { as: alice.token, body: { body: '<p>Yes!</p>' } });
    expect(reply.status).toBe(200);
    expect(reply.body.threadId).toBe(question.threadId);
    await app.drain();
    const [answer] = await inbox(bob, { q: 'subject:"Re: Question"' });
    expect(answer).toMatchObject({ subject: 'Re: Question', inReplyTo: '<k1@x.test>', references: '<k0@x.test> <k1@x.test>' });
    const full = (await app.call('GET', `/v1/email/messages/${answer.id}`, { as: bob.token })).body;
    expect(full.body).toContain('Ready?');
    expect(full.body).not.toContain(pixel);
    const short = (await app.call('GET', `/v1/email/messages/${answer.id}`, { as: bob.token, query: { stripQuoted: true } })).body;
    expect(short.body).toContain('Yes!');
    expect(short.body).not.toContain('Ready?');
    const thread = (await app.call('GET', `/v1/email/conversations/${question.threadId}`, { as: alice.token })).body;
    expect(thread.records.map((m: { subject: string }) => m.subject)).toEqual(['Question', 'Re: Question']);
    expect((await app.call('GET', '/v1/email/conversations/tnothing', { as: alice.token })).status).toBe(404);
  });

  it('meet in one thread also when they arrive out of order, and subjects alone join nothing', async () => {
    const ivan = await app.account();
    await deliverRaw(app, ivan.account.email, 'Subject: Re: plan\nMessage-ID: <p3@x.test>\nIn-Reply-To: <p2@x.test>\nReferences: <p1@x.test> <p2@x.test>\n\n3\n');
    await deliverRaw(app, ivan.account.email, 'Subject: plan\nMessage-ID: <p1@x.test>\n\n1\n');
    await deliverRaw(app, ivan.account.email, 'Subject: Re: plan\nMessage-ID: <other@x.test>\n\nother\n');
    await app.drain();
    const threads = Object.fromEntries((await inbox(ivan)).map((m: { internetMessageId: string; threadId: string }) => [m.internetMessageId, m.threadId]));
    expect(threads['<p1@x.test>']).toBe(threads['<p3@x.test>']);
    expect(threads['<other@x.test>']).not.toBe(threads['<p1@x.test>']);
  });

  it('say 408 with Retry-After to a client that wants a thread id before it is known', async () => {
    const jane = await app.account();
    await deliverRaw(app, jane.account.email, 'Subject: just in\n\nx\n');
    const [m] = await inbox(jane);
    expect(m.omitted).toContain('threadId');
    const early = await app.call('GET', `/v1/email/messages/${m.id}`, { as: jane.token, query: { requireThreadId: true } });
    expect(early.status).toBe(408);
    expect(early.headers.get('retry-after')).toBe('2');
    await app.drain();
    expect((await app.call('GET', `/v1/email/messages/${m.id}`, { as: jane.token, query: { requireThreadId: true } })).body.threadId).toBeTruthy();
  });

  it('come back as a real delivery report where nobody has the address, hosted or outside', async () => {
    const karl = await app.account({ name: 'Karl' });
    const { submittedMessageId } = (await send(karl, { to: [{ address: 'nobody@hosted.test' }, { address: 'who@far.example' }], subject: 'Lost', body: 'x' })).body;
    const failures = await eventsOf(app, karl.account.id, 'DeliveryFailed');
    expect(failures.map((f) => f.recipient).sort()).toEqual(['nobody@hosted.test', 'who@far.example']);
    const arrived = await eventsOf(app, karl.account.id, 'MessageArrived');
    expect(arrived.map((e) => e.report)).toEqual(expect.arrayContaining([
      expect.objectContaining({ action: 'failed', recipient: 'nobody@hosted.test', status: '5.1.1', originalMessageId: submittedMessageId }),
      expect.objectContaining({ action: 'failed', recipient: 'who@far.example', status: '5.4.4', originalMessageId: submittedMessageId }),
    ]));
    const [report] = await inbox(karl, { q: 'from:mailer-daemon' });
    const raw = (await app.call('GET', `/v1/email/messages/${report.id}/raw`, { as: karl.token })).body;
    expect(raw).toMatch(/^Return-Path: <>/);
    expect(raw).toMatch(/Content-Type: multipart\/report;\s+report-type=delivery-status/);
    expect(raw).toContain('Content-Type: message/delivery-status');
    expect(raw).toContain('Content-Type: text/rfc822-headers');
  });

  it('go out also where a step fails, without what it wrote, and say so', async () => {
    const failing: SendStep = {
      name: 'tracking',
      async apply({ trx, accountId }) {
        await trx.updateTable('accounts').set({ name: 'Half done' }).where('id', '=', accountId).execute();
        throw new AppError('policy.denied', 'Tracking is off here.');
      },
    };
    const adding: SendStep = {
      name: 'followUp',
      async apply(context) {
        context.deliveredHtml = `${context.deliveredHtml}<i>for recipients only</i>`;
      },
    };
    const mona = await app.account({ name: 'Mona' });
    const sent = await sendMail({ ...app.deps, sendSteps: [failing, adding] }, mona.account.id, { to: [{ address: bob.account.email }], subject: 'Steps', body: '<p>own words</p>' });
    expect(sent).toMatchObject({ status: 'Ok', processingStatus: 'Incomplete', processingError: { failedSteps: ['tracking'], errorMessage: 'Tracking is off here.' } });
    await app.drain();
    expect((await app.call('GET', `/v1/email/messages/${sent.id}`, { as: mona.token })).body).toMatchObject({ body: '<p>own words</p>', from: { name: 'Mona' } });
    const [arrived] = await inbox(bob, { q: 'subject:Steps', bodyType: 'html' });
    expect(arrived.body).toContain('<i>for recipients only</i>');
    expect((await app.deps.db.selectFrom('accounts').select('name').where('id', '=', mona.account.id).executeTakeFirstOrThrow()).name).toBe('Mona');
  });

  it('begin a searched day at midnight of the account\'s zone', async () => {
    const tokyo = await app.account({ timezone: 'Asia/Tokyo' });
    await deliverRaw(app, tokyo.account.email, 'Subject: early\n\nx\n');
    await app.drain();
    // 20:00 UTC on the 9th is five in the morning of the 10th in Tokyo.
    await app.deps.db.updateTable('mail_messages').set({ received_at: new Date('2026-03-09T20:00:00Z') }).where('account_id', '=', tokyo.account.id).execute();
    expect(await inbox(tokyo, { q: 'after:2026-03-10' })).toHaveLength(1);
    expect(await inbox(tokyo, { q: 'before:2026-03-10' })).toHaveLength(0);
  });

  it('leave nothing behind when their account is removed', async () => {
    const lena = await app.account();
    const blobs = async () => (await app.deps.db.selectFrom('blobs').select('id').execute()).map((b) => b.id);
    const before = await blobs();
    await deliverRaw(app, [lena.account.email, bob.account.email], 'Subject: shared\n\nx\n');
    await send(lena, { to: [{ address: 'nobody@hosted.test' }], subject: 'mine', body: 'x' });
    await app.deps.db.deleteFrom('accounts').where('id', '=', lena.account.id).execute();
    const left = (await blobs()).filter((id) => !before.includes(id));
    expect(left).toHaveLength(1);
    const [shared] = await inbox(bob, { q: 'subject:shared' });
    expect((await app.call('GET', `/v1/email/messages/${shared.id}/raw`, { as: bob.token })).body).toContain('Subject: shared');
  });

  it('refuse a body that is too large with 413', async () => {
    const content = 'A'.repeat(38_000_000);
    const answer = await app.call('POST', '/v1/email/messages', { as: alice.token, body: { to: [{ address: bob.account.email }], attachments: [{ name: 'a', content }] } });
    expect(answer.status).toBe(413);
    const decoded = await app.call('POST', '/v1/email/messages', { as: alice.token, body: { to: [{ address: bob.account.email }], attachments: [{ name: 'a', content: content.slice(0, 34_000_000) }] } });
    expect(decoded.body.code).toBe('payload.tooLarge');
  });
});
