import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../support/embedded-postgres.ts';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { deliverRaw } from '../support/mail.ts';
import { AGENTS } from '../support/tracking.ts';

const AWAY_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'sundial-away-'));
let postgres: TestPostgres;
let server: Faulty;
afterAll(async () => {
  await server?.kill();
  await postgres?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a database that goes away for half a minute costs nothing that was answered, is said so to everybody, and needs nobody to start anything again', async () => {
  postgres = await startPostgres({ durable: true });
  server = await startFaulty({ DATA_DIR: dataDir, DATABASE_URL: postgres.url });
  const alice = await server.account('alice@hosted.test');
  const bob = await server.account('bob@hosted.test');
  const { body: tracked } = await server.call('POST', '/v1/email/draftTracking/create?draftId=d&ignoreNotFound=true', { as: alice.token, body: { htmlText: '<p>x</p>', tracking: { opens: true, trackOpensAfterSendDelay: 0 } } });
  await server.call('PATCH', '/v1/email/draftTracking/d/convert', { as: alice.token, body: { messageId: 'm', threadId: 't', internetMessageId: '<m@hosted.test>' } });
  const pixel = (code: string) => server.call('GET', `/t/${code}.gif`, { headers: { 'user-agent': AGENTS.outlook } });

  const promised = { sent: [] as string[], opens: 0, taken: [] as string[] };
  const refused = { sends: 0, opens: 0, mails: 0 };
  let n = 0;
  /** Somebody sends, somebody opens, somebody far away writes; each remembers what it was promised. */
  const traffic = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) {
      const name = `m${++n}`;
      const [sent, opened, mail] = await Promise.all([
        server.call('POST', '/v1/email/messages', { as: alice.token, body: { to: [{ address: 'bob@hosted.test' }], subject: name, body: 'x' } }),
        pixel(tracked.trackingCode),
        deliverRaw(server, 'bob@hosted.test', `From: far@away.example\nSubject: in-${name}\n\nx\n`).then(() => 250, (error: { responseCode?: number }) => error.responseCode ?? 0),
      ]);
      if (sent.status === 201) promised.sent.push(name);
      else expect(sent, 'one form').toMatchObject({ status: 503, body: { code: 'service.unavailable', message: expect.any(String), requestId: expect.any(String) } });
      if (sent.status === 503) expect(Number(sent.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([200, 503]).toContain(opened.status);
      expect([250, 421, 451]).toContain(mail);
      promised.opens += opened.status === 200 ? 1 : 0;
      if (mail === 250) promised.taken.push(`in-${name}`);
      refused.sends += sent.status === 503 ? 1 : 0;
      refused.opens += opened.status === 503 ? 1 : 0;
      refused.mails += mail === 250 ? 0 : 1;
      await setTimeout(20);
    }
  };

  let phase: 'before' | 'away' | 'after' = 'before';
  const working = traffic(() => phase !== 'after');
  await expect.poll(() => Math.min(promised.sent.length, promised.opens, promised.taken.length), { timeout: 60_000 }).toBeGreaterThan(5);
  await postgres.pause();
  phase = 'away';
  const since = performance.now();
  await expect.poll(() => Math.min(refused.sends, refused.opens, refused.mails), { timeout: 30_000 }).toBeGreaterThan(2);
  // Nobody learns from a pixel which codes exist, also now.
  expect((await pixel('A'.repeat(22))).status).toBe(503);
  expect((await pixel('no-code-at-all')).status).toBe(503);
  expect((await server.call('GET', '/v1/account', { as: bob.token })).body.code).toBe('service.unavailable');
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  expect((await server.call('GET', '/readyz')).status).toBe(503);
  await setTimeout(Math.max(0, AWAY_MS - (performance.now() - since)));
  const before = promised.sent.length;
  await postgres.resume();
  await expect.poll(() => server.call('GET', '/readyz').then((a) => a.status), { timeout: 30_000 }).toBe(200);
  await expect.poll(() => promised.sent.length, { timeout: 30_000 }).toBeGreaterThan(before + 5);
  phase = 'after';
  await working;

  const inbox = async (): Promise<string[]> => {
    const subjects: string[] = [];
    for (let token = ''; ;) {
      const { body } = await server.call('GET', `/v1/email/messages?q=in%3Ainbox&limit=100${token && `&pageToken=${encodeURIComponent(token)}`}`, { as: bob.token });
      subjects.push(...body.records.map((m: { subject: string }) => m.subject));
      token = body.nextPageToken ?? '';
      if (!token) return subjects;
    }
  };
  await expect.poll(async () => {
    const there = await inbox();
    return [...promised.sent, ...promised.taken].filter((subject) => !there.includes(subject));
  }, { timeout: 90_000, interval: 500 }).toEqual([]);
  const there = await inbox();
  expect(promised.sent.filter((subject) => there.filter((s) => s === subject).length > 1), 'delivered twice').toEqual([]);
  const { body: summary } = await server.call('GET', `/v1/email/tracking/${tracked.trackingId}`, { as: alice.token });
  expect(summary.openCount + (summary.notCounted ?? 0)).toBeGreaterThanOrEqual(promised.opens);
});
