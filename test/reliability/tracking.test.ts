import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageArrived } from '../../server/events/types.ts';
import { judgeWaiting } from '../../server/features/tracking/judging.ts';
import { arrivedMail } from '../../server/features/tracking/listeners.ts';
import { createRecorder } from '../../server/features/tracking/recorder.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

let app: TestApp;
let token: string;
let accountId: number;
beforeAll(async () => {
  app = await createTestApp();
  const made = await app.account();
  [token, accountId] = [made.token, made.account.id];
});
afterAll(() => app.close());

const summary = async (id: number) => (await app.call('GET', `/v1/email/tracking/${id}`, { as: token })).body;

const reply = (n: number, internetMessageId: string): MessageArrived => ({
  type: 'MessageArrived', accountId, messageId: `r${n}`, threadId: 'T', internetMessageId: `<r${n}@x>`, inReplyTo: internetMessageId, references: [],
  from: 'buyer@x.test', subject: 'Re', receivedAt: app.clock.now().toISOString(), folder: 'inbox', automatic: 'no', awayUntil: null, report: null, calendar: false,
});

describe('tracking under pressure', () => {
  it('loses no open when the process ends between answering and judging', async () => {
    // First of all: after the opens of another test this server's own recorder would still be judging.
    const message = await trackedMessage(app, token);
    // A recorder whose judging fails is a process that ended there: the next reader finds what it left.
    const dying = createRecorder({ ...app.deps, metrics: undefined as never, events: { ...app.deps.events, emitAll: () => Promise.reject(new Error('gone')) } });
    await dying.open({ code: message.code, method: 'GET', ip: '203.0.113.9', header: (name) => (name === 'user-agent' ? AGENTS.outlook : ''), viewerAccountId: null });
    await dying.settled();
    const [row] = await app.deps.db.selectFrom('tracking_hits').select('remote_addr').where('tracking_id', '=', message.id).execute();
    expect(row).toEqual({ remote_addr: '203.0.113.0' });
    expect(await summary(message.id)).toMatchObject({ openCount: 1 });
  });

  it('adds up when opens, answers, judging and purging happen at the same time', async () => {
    const messages = await Promise.all([1, 2, 3].map((n) => trackedMessage(app, token, { ids: { messageId: `m${n}`, threadId: 'T', internetMessageId: `<race${n}@x>` } })));
    const opens = messages.flatMap(({ code }) => Array.from({ length: 40 }, (_, i) => load(app, `/t/${code}.gif`, i % 2 ? AGENTS.outlook : AGENTS.chrome)));
    const replies = Array.from({ length: 9 }, (_, n) => arrivedMail.hear(app.deps, reply(n, `<race${1 + n % 3}@x>`), n));
    const again = Array.from({ length: 9 }, (_, n) => arrivedMail.hear(app.deps, reply(n, `<race${1 + n % 3}@x>`), n));
    const others = [...Array.from({ length: 5 }, () => judgeWaiting(app.deps, accountId)), ...[1, 2].map(() => app.call('POST', '/v1/email/tracking/purgeMyTracking', { as: token, headers: { 'user-agent': AGENTS.chrome } }))];
    await Promise.all([...opens, ...replies, ...again, ...others]);
    await app.call('POST', '/v1/email/tracking/purgeMyTracking', { as: token, headers: { 'user-agent': AGENTS.chrome } });
    for (const { id } of messages) {
      expect(await summary(id)).toMatchObject({ openCount: 20, notCounted: 20 });
      const { body } = await app.call('GET', `/v1/email/tracking/${id}/events`, { as: token, query: { limit: 200 } });
      const numbers = body.records.filter((e: { eventType: string }) => e.eventType === 'open').map((e: { openNumber: number }) => e.openNumber);
      expect([...numbers].sort((a: number, b: number) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      expect(body.records.filter((e: { eventType: string }) => e.eventType === 'reply')).toHaveLength(3);
    }
  });

  it('answers every pixel address with the same image and no link address with a server error, whatever is asked and said', async () => {
    const { hostname, port } = new URL(app.url);
    const ask = (path: string, headers: Record<string, string>): Promise<{ status: number; bytes: number }> => new Promise((resolve, reject) => {
      const asked = request({ hostname, port, path, headers, method: 'GET' }, (res) => {
        let bytes = 0;
        res.on('data', (chunk: Buffer) => { bytes += chunk.length; });
        res.on('end', () => resolve({ status: res.statusCode!, bytes }));
      });
      asked.on('error', reject).end();
    });
    const visible = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)), maxLength: 60 });
    const latin = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).filter((c) => c !== 0x7f).map((c) => String.fromCharCode(c)), maxLength: 900 });
    const names = fc.constantFrom('user-agent', 'referer', 'purpose', 'sec-purpose', 'x-moz', 'cookie', 'x-forwarded-for');
    const headers = fc.dictionary(names, latin);
    await fc.assert(fc.asyncProperty(visible.map((code) => code.replace(/[/?#]/g, '_')), headers, async (code, said) => {
      expect(await ask(`/t/${code}.gif`, said)).toEqual({ status: 200, bytes: 43 });
      expect((await ask(`/l/x${code}`, said)).status).toBe(404);
    }), { numRuns: 100 });
  });

  it('keeps whatever a mail program says of itself, and can show it', async () => {
    const message = await trackedMessage(app, token);
    await load(app, `/t/${message.code}.gif`, 'M\u00f6bius \'"<script>', { referer: 'x'.repeat(4000) });
    const { body } = await app.call('GET', `/v1/email/tracking/${message.id}/events`, { as: token });
    expect(body.records.at(-1)).toMatchObject({ eventType: 'open', verdict: 'unknown', userAgent: expect.stringContaining('<script>') });
    expect(body.records.at(-1).referrer).toHaveLength(500);
  });
});
