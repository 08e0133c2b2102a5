import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlToText, textToHtml } from '../../server/lib/html.ts';
import { removeImages, stripQuotedHtml, stripQuotedText } from '../../server/lib/html-quote.ts';
import { composeMime, type Composition } from '../../server/lib/mime-compose.ts';
import { classifyAutomatic, readAwayUntil } from '../../server/lib/mime-report.ts';
import { parseMime } from '../../server/lib/mime.ts';
import { readMail, sourceOf } from '../../server/lib/mime-reader.ts';

const folder = join(import.meta.dirname, '../fixtures/mail');
const fixtures = readdirSync(folder).filter((n) => n.endsWith('.eml')).map((n) => readFileSync(join(folder, n))).filter((f) => f.length < 20_000);

const composition = (values: Partial<Composition>): Composition => ({
  from: { address: 'a@hosted.test' }, to: [{ address: 'b@elsewhere.test' }], cc: [], bcc: [], replyTo: [], subject: 's', html: '<p>x</p>', text: null,
  messageId: '<1@hosted.test>', references: [], date: new Date('2026-11-21T10:00:00Z'), headers: [], attachments: [], keepBcc: false, ...values,
});

describe('reading a message', () => {
  it('reads a part whose Content-Type is cut off behind its colon', async () => {
    const mail = await parseMime(Buffer.from('From: a@b.test\r\nContent-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: '));
    expect(mail.attachments.map((a) => a.mimeType)).toEqual(['application/octet-stream']);
  });

  it('never fails, and gives texts that a database takes, whatever was done to the message', async () => {
    const damaged = fc.tuple(fc.constantFrom(...fixtures), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 30 }), fc.nat(), fc.nat())
      .map(([raw, hits, from, length]) => {
        const copy = Buffer.from(raw);
        for (const [at, byte] of hits) copy[at % copy.length] = byte;
        const start = from % copy.length;
        return Buffer.concat([copy.subarray(0, start), copy.subarray(start + (length % 200))]);
      });
    await fc.assert(fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 3000 }).map((a) => Buffer.from(a))), async (raw) => {
      const { mail } = await readMail(sourceOf(raw));
      const texts = JSON.stringify({ ...mail, attachments: mail.attachments.map(({ bytes: _bytes, ...a }) => a) });
      expect(texts).not.toContain('\\u0000');
      expect(texts).not.toMatch(/\\ud[89a-f]/i);
    }), { numRuns: 300 });
  });

  it('stays quick on input that is made to be slow', async () => {
    const many = (s: string): string => s.repeat(Math.floor(60_000 / s.length));
    const html = (body: string): string => `From: a@b.test\r\nContent-Type: text/html\r\n\r\n${body}`;
    const inputs = [html(many('<')), html(many('<!--')), html(many('<div>')), html(many('<body')), `To: ${many('<')}\r\n\r\n`, `To: ${many('(')}\r\n\r\n`, `Subject: ${many('=?utf-8?Q?')}\r\n\r\n`, `References: ${many('<a')}\r\n\r\n`];
    for (const input of inputs) {
      const start = performance.now();
      const mail = await parseMime(Buffer.from(input));
      stripQuotedHtml(mail.html ?? '');
      stripQuotedText(mail.text ?? '');
      removeImages(mail.html ?? '', 'https://x.test/t/');
      expect(performance.now() - start, input.slice(0, 80)).toBeLessThan(3000);
    }
  });
});

describe('writing a message', () => {
  const hostile = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('a\r\nBcc: evil@x.test', 'a\nX: y', '\r\n\r\nbody', 'ü"<>,;:@', '=?utf-8?Q?a=0D=0ABcc:_x?='));

  it('lets no value begin a header, end the headers or add a recipient', async () => {
    await fc.assert(fc.asyncProperty(hostile, hostile, hostile, hostile, async (name, subject, value, file) => {
      const raw = await composeMime(composition({
        from: { address: 'a@hosted.test', name }, to: [{ address: 'b@elsewhere.test', name }], subject, headers: [{ name: 'X-Value', value }],
        attachments: [{ name: file, mimeType: 'text/plain', inline: false, content: Buffer.from('x') }],
      }));
      const head = raw.toString('latin1').split('\r\n\r\n')[0]!.replace(/\r\n[ \t]/g, ' ');
      const names = head.split('\r\n').map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
      expect([...new Set(names)].sort()).toEqual(expect.arrayContaining(['from', 'message-id', 'to']));
      expect(names.filter((n) => !['from', 'to', 'subject', 'x-value', 'message-id', 'date', 'mime-version', 'content-type'].includes(n))).toEqual([]);
      const read = await parseMime(raw);
      expect(read.to.map((a) => a.address)).toEqual(['b@elsewhere.test']);
      expect([...read.cc, ...read.bcc]).toEqual([]);
      expect(read.attachments).toHaveLength(1);
    }), { numRuns: 200 });
  });

  it('keeps Bcc only where it is told to', async () => {
    const bcc = [{ address: 'quiet@elsewhere.test' }];
    expect((await composeMime(composition({ bcc, keepBcc: true }))).toString()).toContain('Bcc: quiet@');
    expect((await composeMime(composition({ bcc }))).toString()).not.toContain('quiet@');
  });
});

describe('quotes', () => {
  it.each([
    ['Gmail', '<div>Yes</div><div class="gmail_quote"><div class="gmail_attr">On Monday X wrote:</div><blockquote>Old</blockquote></div>'],
    ['Outlook on the web', '<div>Yes</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> X</div><div>Old</div>'],
    ['Outlook for Windows', '<div><p>Yes</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>From:</b> X</p></div></div><p>Old</p></div>'],
    ['Thunderbird', '<p>Yes</p><div class="moz-cite-prefix">Am 1.1. schrieb X:</div><blockquote type="cite">Old</blockquote>'],
  ])('of %s are taken off', (_name, html) => {
    const own = stripQuotedHtml(html);
    expect(own).toContain('Yes');
    expect(own).not.toContain('Old');
    expect(own).not.toContain('From:');
  });

  it('stay where they are all there is', () => {
    const html = '<blockquote type="cite">Only this</blockquote>';
    expect(stripQuotedHtml(html)).toBe(html);
    expect(stripQuotedText('> only\n> this')).toBe('> only\n> this');
  });

  it('of plain text are taken off', () => {
    expect(stripQuotedText('Yes!\n\nOn Mon, 2 Nov 2026, X wrote:\n> Old\n> older')).toBe('Yes!');
    expect(stripQuotedText('Yes!\n\n-----Original Message-----\nFrom: X\nOld')).toBe('Yes!');
    expect(stripQuotedText('On time, as I wrote: fine.')).toBe('On time, as I wrote: fine.');
  });

  it('lose the images of an address and nothing else', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('<p>a', '</p>', '<img src="https://s.test/t/1.gif" width=1>', '<img src=\'https://else.test/t/1.gif\'>', 'text', '<!-- <img src="https://s.test/t/2.gif"> -->')), (parts) => {
      const html = parts.join('');
      expect(removeImages(html, 'https://s.test/t/')).toBe(parts.filter((p) => !p.startsWith('<img src="https://s.test/t/')).join(''));
    }));
  });
});

describe('text and HTML', () => {
  it('come back the same from a round trip', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z<>&"']{1,20}$/), { minLength: 1, maxLength: 5 }), (lines) => {
      expect(htmlToText(textToHtml(lines.join('\n')))).toBe(lines.join('\n'));
    }));
  });
});

describe('automatic answers', () => {
  const sent = new Date('2026-11-21T10:00:00Z');

  it.each([
    ['I am away until 2026-12-01.', '2026-12-01T00:00:00.000Z'],
    ['Back in the office on Monday, 7 December 2026', '2026-12-07T00:00:00.000Z'],
    ['I will be back on January 8th', '2027-01-08T00:00:00.000Z'],
    ['returning on December 3, 2026 I will', '2026-12-03T00:00:00.000Z'],
    ['until further notice', null],
    ['until 31 February 2027', null],
    ['I was away until 2020-01-01', null],
    ['until 3/4/2027', null],
  ])('say until when: %s', (text, until) => {
    expect(readAwayUntil(text, sent)).toBe(until);
  });

  it('are known by headers, never by a subject alone', () => {
    const signs = (headers: Record<string, string>, subject = 'Hello', nullSender = false) => classifyAutomatic({
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })), subject, text: '', nullSender, isReport: false,
    });
    expect(signs({}, 'Automatic reply: out of office')).toBe('no');
    expect(signs({ 'Auto-Submitted': 'no' })).toBe('no');
    expect(signs({ 'Auto-Submitted': 'auto-replied' })).toBe('vacation');
    expect(signs({ 'X-Autoreply': 'yes' })).toBe('vacation');
    expect(signs({ Precedence: 'auto_reply' })).toBe('vacation');
    expect(signs({ 'X-Auto-Response-Suppress': 'OOF, AutoReply' })).toBe('no');
    expect(signs({ 'X-Auto-Response-Suppress': 'All' }, 'Automatic reply: x')).toBe('vacation');
    expect(signs({ 'List-Id': '<l.test>' })).toBe('other');
    expect(signs({}, 'Out of office', true)).toBe('vacation');
    expect(signs({}, 'Mail failed', true)).toBe('other');
  });
});
