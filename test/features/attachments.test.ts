import { createHash, randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw } from '../support/mail.ts';

type Someone = Awaited<ReturnType<TestApp['account']>>;

const MB = 1_000_000;
const text = Buffer.from('Grüße aus Zürich, this line is one of very many; a = b.\r\n'.repeat(60_000));
const binary = randomBytes(4 * MB);
const printable = (bytes: Buffer): string => bytes.toString('latin1').replace(/[=\x80-\xff]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase()}`);
const files: readonly { readonly name: string; readonly encoding: string; readonly bytes: Buffer; readonly written: string }[] = [
  { name: 'base64.bin', encoding: 'base64', bytes: binary, written: binary.toString('base64').replace(/.{76}/g, '$&\r\n') },
  { name: 'printable.csv', encoding: 'quoted-printable', bytes: text, written: printable(text) },
  { name: '7bit.csv', encoding: '7bit', bytes: Buffer.from(text.toString().replace(/[^\x20-\x7e\r\n]/g, '?')), written: text.toString().replace(/[^\x20-\x7e\r\n]/g, '?') },
  { name: '8bit.csv', encoding: '8bit', bytes: text, written: text.toString('latin1') },
];

describe('large attachments', () => {
  const logged: string[] = [];
  let app: TestApp;
  let bob: Someone;
  let path: string;
  let attachments: { id: string; name: string; size: number }[];
  beforeAll(async () => {
    app = await createTestApp({ log: pino({ level: 'warn' }, { write: (line) => void logged.push(line) }) });
    bob = await app.account({ name: 'Bob' });
    const parts = files.flatMap((f) => ['--edge', 'Content-Type: application/octet-stream', `Content-Disposition: attachment; filename=${f.name}`, `Content-Transfer-Encoding: ${f.encoding}`, '', f.written]);
    await deliverRaw(app, bob.account.email, Buffer.from(['From: a@elsewhere.test', 'Subject: Files', 'Content-Type: multipart/mixed; boundary=edge', '', '--edge', 'Content-Type: text/plain', '', 'See below.', ...parts, '--edge--', ''].join('\r\n'), 'latin1'));
    await app.drain();
    const [message] = (await app.call('GET', '/v1/email/messages', { as: bob.token })).body.records;
    path = `/v1/email/messages/${message.id}`;
    attachments = message.attachments;
  });
  afterAll(() => app.close());

  const pathOf = (name: string): string => `${path}/attachments/${attachments.find((a) => a.name === name)!.id}`;

  it.each(files.map((f) => [f.encoding, f] as const))('written as %s come out byte for byte', async (_encoding, file) => {
    const answer = await app.call('GET', pathOf(file.name), { as: bob.token });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(Object.keys(answer.body)).toEqual(['content']);
    const content = Buffer.from(answer.body.content, 'base64');
    expect(content.length).toBe(attachments.find((a) => a.name === file.name)!.size);
    expect(createHash('sha256').update(content).digest('hex')).toBe(createHash('sha256').update(file.bytes).digest('hex'));
  });

  it('are not sent again to who has them, nor to who asks for the head alone', async () => {
    const first = await app.call('GET', pathOf('base64.bin'), { as: bob.token });
    const tag = first.headers.get('etag')!;
    expect(tag).toMatch(/^W\/".+"$/);
    const again = await app.call('GET', pathOf('base64.bin'), { as: bob.token, headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' } });
    expect([again.status, String(again.body).length]).toEqual([304, 0]);
    const other = await app.call('GET', pathOf('8bit.csv'), { as: bob.token, headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' } });
    expect(other.status).toBe(200);
    const head = await app.call('HEAD', pathOf('base64.bin'), { as: bob.token });
    expect([head.status, head.headers.get('etag'), head.body]).toEqual([200, tag, '']);
  });

  it('leave nothing open when the client goes away in the middle', async () => {
    for (const large of [pathOf('base64.bin'), `${path}/raw`]) {
      for (let n = 0; n < 12; n++) {
        await new Promise<void>((resolve, reject) => {
          const request = get(`${app.url}${large}`, { headers: { authorization: `Bearer ${bob.token}` } }, (answer) => {
            answer.once('data', () => request.destroy());
            answer.once('close', resolve);
          }).once('error', reject);
        });
      }
    }
    // More were begun than the pool has connections; each has given its own back.
    expect((await app.call('GET', path, { as: bob.token })).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('leave as they were given, whole for each who gets them, also where their copies differ', async () => {
    const [alice, carol] = [await app.account({ name: 'Alice' }), await app.account({ name: 'Carol' })];
    const attachments = [{ name: 'large.bin', mimeType: 'application/octet-stream', content: binary.toString('base64') }, { name: 'small.txt', mimeType: 'text/plain', content: 'eA==' }];
    const mail = { to: [{ address: bob.account.email }], bcc: [{ address: carol.account.email }], subject: 'Large', body: '<p>Here.</p>', attachments };
    const draft = await app.call('POST', '/v1/email/drafts', { as: alice.token, body: mail });
    const sent = await app.call('POST', '/v1/email/messages', { as: alice.token, body: mail });
    expect([draft.status, sent.status]).toEqual([200, 201]);
    await app.drain();
    for (const [who, id] of [[alice, sent.body.id], [alice, draft.body.id], [bob, undefined], [carol, undefined]] as const) {
      const message = id === undefined ? (await app.call('GET', '/v1/email/messages', { as: who.token })).body.records[0] : (await app.call('GET', `/v1/email/messages/${id}`, { as: who.token })).body;
      expect(message.attachments.map((a: { name: string; size: number }) => [a.name, a.size])).toEqual([['large.bin', binary.length], ['small.txt', 1]]);
      const { body } = await app.call('GET', `/v1/email/messages/${message.id}/attachments/${message.attachments[0].id}`, { as: who.token });
      expect(Buffer.from(body.content, 'base64').equals(binary)).toBe(true);
      expect((message.bcc ?? []).length).toBe(who === alice ? 1 : 0);
    }
  });

  it('that are not there are 404, in the one form of errors', async () => {
    for (const id of ['4', '99', 'x', '-1', '0x1', '1e0', '9999999']) {
      expect((await app.call('GET', `${path}/attachments/${id}`, { as: bob.token })).body).toMatchObject({ code: 'notFound' });
    }
  });
});
