import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { hostile } from '../support/hostile.ts';
import { addressesIn, leaves, readBytes } from '../support/mail-bytes.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const KNOWN = ['from', 'to', 'cc', 'reply-to', 'subject', 'x-value', 'message-id', 'in-reply-to', 'references', 'date', 'mime-version', 'content-type', 'content-transfer-encoding'];

describe('whatever stands in a value', () => {
  let app: TestApp;
  let sink: SmtpSink;
  let token: string;
  let email: string;
  beforeAll(async () => {
    sink = await startSmtpSink();
    app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url } });
    const made = await app.account();
    token = made.token;
    email = made.account.email;
  });
  afterAll(async () => {
    await app.close();
    await sink.close();
  });

  it('a message that is sent has the headers, recipients, parts and end that it was meant to have, or is refused', async () => {
    let went = 0;
    const values = fc.record({ name: hostile, subject: hostile, header: hostile, file: hostile, cid: hostile, type: hostile, body: hostile, address: hostile, reference: hostile, key: hostile });
    await fc.assert(fc.asyncProperty(values, fc.constantFrom('none', 'header', 'cid', 'type', 'address', 'reference', 'key'), async (v, strict) => {
      sink.taken.length = 0;
      // What has a grammar of its own is refused where it breaks it, so each message tries at most one of these.
      const only = (name: typeof strict, good: string): string => (strict === name ? v[name as keyof typeof v] : good);
      const answer = await app.call('POST', '/v1/email/messages', { as: token, body: {
        from: { name: v.name, address: email }, to: [{ name: v.name, address: only('address', 'b@away.example') }], cc: [{ name: v.name, address: 'c@away.example' }],
        replyTo: [{ name: v.name, address: 'r@away.example' }], subject: v.subject, body: `<p>${v.body}</p>`,
        inReplyTo: only('reference', '<1@x.test>'), xHeaders: [{ name: only('key', 'X-Value'), value: only('header', 'fine') }],
        attachments: [{ name: v.file, mimeType: only('type', 'text/plain'), content: 'eA==', inline: true, contentId: only('cid', 'one@x') }],
        keywords: [v.name.slice(0, 50)],
      } });
      expect([200, 201, 400], JSON.stringify(answer.body)).toContain(answer.status);
      await app.drain();
      if (answer.status === 400) {
        expect(sink.taken).toEqual([]);
        return;
      }
      went++;
      expect(sink.taken.map((t) => t.to).sort()).toEqual([only('address', 'b@away.example').toLowerCase(), 'c@away.example'].sort());
      for (const { from, data } of sink.taken) {
        expect(from).toBe(email);
        const read = readBytes(data);
        const names = read.headers.map((h) => h.name);
        expect(names.filter((n) => !KNOWN.includes(n) && n !== v.key.toLowerCase())).toEqual([]);
        expect(names.filter((n, i) => names.indexOf(n) !== i)).toEqual([]);
        const value = (name: string): string => read.headers.find((h) => h.name === name)?.value ?? '';
        expect(addressesIn(value('from'))).toEqual([email]);
        expect(addressesIn(value('to'))).toEqual([only('address', 'b@away.example')]);
        expect(addressesIn(value('cc'))).toEqual(['c@away.example']);
        expect(addressesIn(value('reply-to'))).toEqual(['r@away.example']);
        const kinds = leaves(read).map((part) => (part.headers.some((h) => h.name === 'content-disposition') ? 'file' : /^text\/\w+/.exec(part.headers.find((h) => h.name === 'content-type')!.value)![0]));
        // A body without any text has no alternative in plain text.
        expect(kinds.filter((kind) => kind !== 'text/plain')).toEqual(['text/html', 'file']);
        for (const part of leaves(read)) {
          expect(part.headers.map((h) => h.name).filter((n) => !['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id'].includes(n))).toEqual([]);
        }
      }
    }), { numRuns: 60 });
    expect(went).toBeGreaterThan(15);
  }, 120_000);

  it('a draft is sent to whom it names and to nobody else', async () => {
    // Half a surrogate pair is refused, as the other operations show.
    await fc.assert(fc.asyncProperty(hostile.filter((text) => text.isWellFormed()), async (value) => {
      const stored = await app.call('POST', '/v1/email/drafts', { as: token, body: { to: [{ name: value, address: 'b@away.example' }], subject: value, body: 'x' } });
      expect(stored.status).toBe(200);
      sink.taken.length = 0;
      expect((await app.call('POST', `/v1/email/drafts/${stored.body.id}/send`, { as: token, body: {} })).status).toBe(200);
      await app.drain();
      expect(sink.taken.map((t) => t.to)).toEqual(['b@away.example']);
      expect(addressesIn(readBytes(sink.taken[0]!.data).headers.find((h) => h.name === 'to')!.value)).toEqual(['b@away.example']);
    }), { numRuns: 20 });
  }, 60_000);
});
