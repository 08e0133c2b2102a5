import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw, eventsOf } from '../support/mail.ts';

const folder = join(import.meta.dirname, '../fixtures/mail');
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.eml')).map((name) => name.replace('.eml', ''));

type Someone = Awaited<ReturnType<TestApp['account']>>;

describe('odd mail from outside', () => {
  let app: TestApp;
  let alice: Someone;
  beforeAll(async () => {
    app = await createTestApp();
    alice = await app.account();
  });
  afterAll(() => app.close());

  /** Over SMTP into a fresh mailbox, read back over HTTP. */
  const through = async (raw: Buffer, from?: string) => {
    const someone = await app.account();
    await deliverRaw(app, someone.account.email, raw, from);
    await app.drain();
    const list = await app.call('GET', '/v1/email/messages', { as: someone.token, query: { includeTrashAndJunk: true } });
    expect(list.status).toBe(200);
    expect(list.body.length).toBe(1);
    const [{ id }] = list.body.records;
    const message = await app.call('GET', `/v1/email/messages/${id}`, { as: someone.token, query: { loadInlines: true, stripQuoted: true } });
    expect(message.status).toBe(200);
    const [event] = await eventsOf(app, someone.account.id, 'MessageArrived');
    return { someone, id, message: message.body, event: event! };
  };
  const fixture = (name: string): Buffer => readFileSync(join(folder, `${name}.eml`));

  it.each(fixtures)('%s is stored whole, shown as far as it goes, and heard of once', async (name) => {
    const raw = fixture(name);
    const { someone, id, message } = await through(raw);
    expect(message.omitted).toEqual([]);
    const bytes = await fetch(`${app.url}/v1/email/messages/${id}/raw`, { headers: { authorization: `Bearer ${someone.token}` } });
    const stored = Buffer.from(await bytes.arrayBuffer());
    expect(stored.includes(raw.subarray(0, raw.length - 2))).toBe(true);
    expect((await app.call('GET', `/v1/email/messages/${id}`, { as: someone.token, query: { bodyType: 'text' } })).status).toBe(200);
    expect((await app.call('GET', `/v1/email/conversations/${message.threadId}`, { as: someone.token })).body.length).toBe(1);
    for (const a of message.attachments) {
      expect((await app.call('GET', `/v1/email/messages/${id}/attachments/${a.id}`, { as: someone.token })).status).toBe(200);
    }
    expect(await eventsOf(app, someone.account.id, 'MessageArrived')).toHaveLength(1);
  });

  it('reads the texts that can be read', async () => {
    expect((await through(fixture('raw-8bit-headers'))).message).toMatchObject({ from: { address: 'jm@elsewhere.test' } });
    expect((await through(fixture('utf8-headers'))).message).toMatchObject({ subject: 'Prüfung ✓', from: { name: 'Zoë' }, body: expect.stringContaining('ÄÖÜ ✓') });
    expect((await through(fixture('latin1-qp'))).message).toMatchObject({ subject: 'café', body: expect.stringContaining('café') });
    expect((await through(fixture('iso-2022-jp'))).message).toMatchObject({ subject: '日本語', body: expect.stringContaining('日本語') });
    expect((await through(fixture('missing-boundary-end'))).message.body).toContain('This part has no end');
    expect((await through(fixture('no-from'))).message.from).toBeUndefined();
    expect((await through(fixture('unknown-charset'))).message.body).toContain('We come in');
    expect((await through(fixture('invitation'))).message.meetingMessageMethod).toBe('request');
    expect((await through(fixture('deep-html'))).message.body).toContain('bottom');
  });

  it('tells a person from a robot, and a vacation from both', async () => {
    const kind = async (name: string) => (await through(fixture(name))).event.automatic;
    expect(await kind('plain')).toBe('no');
    expect(await kind('person-on-holiday')).toBe('no');
    expect(await kind('newsletter')).toBe('other');
    expect(await kind('notice')).toBe('other');
    expect((await through(fixture('vacation-rfc3834'))).event).toMatchObject({ automatic: 'vacation', awayUntil: '2026-11-30T00:00:00.000Z' });
    expect((await through(fixture('vacation-exchange'))).event).toMatchObject({ automatic: 'vacation', awayUntil: '2026-12-01T00:00:00.000Z' });
  });

  it('reads delivery reports: a delay is no failure, and a forwarded report is none', async () => {
    expect((await through(fixture('dsn-failed'), '')).event.report).toEqual({ action: 'failed', recipient: 'gone@elsewhere.test', status: '5.1.1', diagnostic: '550 5.1.1 <gone@elsewhere.test>: Recipient address rejected', originalMessageId: '<orig@hosted.test>' });
    expect((await through(fixture('dsn-delayed'), '')).event.report).toMatchObject({ action: 'delayed', status: '4.4.1', originalMessageId: '<orig@hosted.test>' });
    expect((await through(fixture('dsn-whole-message'), '')).event.report).toMatchObject({ action: 'failed', status: '5.2.2', originalMessageId: '<orig@hosted.test>' });
    const forwarded = Buffer.from(fixture('dsn-failed').toString().replace('multipart/report; report-type=delivery-status;', 'multipart/mixed;'));
    expect((await through(forwarded)).event.report).toBeNull();
  });

  it('keeps two messages with one Message-ID apart', async () => {
    for (let i = 0; i < 2; i++) await deliverRaw(app, alice.account.email, fixture('plain'));
    await app.drain();
    expect((await app.call('GET', '/v1/email/messages', { as: alice.token })).body.length).toBe(2);
  });

  it('can be answered where its Message-ID is none, into its thread', async () => {
    const { someone, id, message } = await through(Buffer.from('From: a@elsewhere.test\r\nSubject: Odd\r\nMessage-ID: <n\0l\u00e4@elsewhere.test>\r\nReferences: <good@elsewhere.test> <b\0d@x>\r\n\r\nhi\r\n'));
    const reply = await app.call('POST', `/v1/email/messages/${id}/reply`, { as: someone.token, body: { body: '<p>yes</p>' } });
    expect(reply).toMatchObject({ status: 200, body: { threadId: message.threadId } });
    expect((await app.call('GET', `/v1/email/messages/${reply.body.id}`, { as: someone.token })).body.references).toBe('<good@elsewhere.test>');
  });

  it('indexes what fits where the words of a message are more than an index takes', async () => {
    const words = (letters: readonly string[]) => Array.from({ length: 200_000 }, (_, i) => [...i.toString(36).padStart(4, '0')].map((d) => letters[Number.parseInt(d, 36)]).join('')).join(' ');
    for (const letters of ['abcdefghijklmnopqrstuvwxyz0123456789', 'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤ', '𐐀𐐁𐐂𐐃𐐄𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣']) {
      const { message, someone } = await through(Buffer.from(`From: a@elsewhere.test\r\nSubject: needle\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${words([...letters])}\r\n`));
      expect(message.subject).toBe('needle');
      expect((await app.call('GET', '/v1/email/messages', { as: someone.token, query: { q: 'needle' } })).body.length).toBe(1);
    }
  }, 90_000);

  it('reads two thousand nested parts, and twenty thousand in a row, without holding anything up', async () => {
    let nested = 'Content-Type: text/plain\r\n\r\ninnermost\r\n';
    for (let i = 0; i < 2000; i++) nested = `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n${nested}\r\n--b${i}--\r\n`;
    const deep = await through(Buffer.from(`From: a@elsewhere.test\r\nSubject: Nested\r\nMIME-Version: 1.0\r\n${nested}`));
    expect(deep.message.subject).toBe('Nested');
    const part = '--p\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n';
    const wide = await through(Buffer.from(`From: a@elsewhere.test\r\nSubject: Wide\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=p\r\n\r\n${part.repeat(20_000)}--p--\r\n`));
    expect(wide.message.subject).toBe('Wide');
  });
});
