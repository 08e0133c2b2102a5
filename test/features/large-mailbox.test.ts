import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillMailbox } from '../../bench/support/messages.ts';
import { tidyEmbeddedDatabase } from '../../server/jobs/tidy.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

/** Every 2,000th message holds the word zanzibar, the oldest of them far behind the newest 500. */
describe('a large mailbox', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    const made = await app.account();
    token = made.token;
    await fillMailbox(app.deps.db, made.account.id, made.account.email, 2200);
    await fillMailbox(app.deps.db, (await app.account()).account.id, 'other@hosted.test', 300);
  });
  afterAll(() => app.close());

  const search = async (q: string) => (await app.call('GET', '/v1/email/messages', { as: token, query: { q } })).body;

  it('finds a word wherever it stands, newest first, and nothing of another mailbox', async () => {
    // The 200 messages that the others repeat are the oldest.
    for (const word of ['number2199', 'number300', 'number1999']) expect((await search(word)).records.map((m: { subject: string }) => m.subject)).toEqual([expect.stringContaining(` ${word.slice(6)}`)]);
    expect((await search('zanzibar')).records).toHaveLength(1);
    expect((await search('nowhere')).records).toEqual([]);
  });

  it('pages through all that have a common word, each once', async () => {
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const { body } = await app.call('GET', '/v1/email/messages', { as: token, query: { q: 'offer', ...(pageToken ? { pageToken } : {}) } });
      seen.push(...body.records.map((m: { id: string }) => m.id));
      pageToken = body.nextPageToken;
    } while (pageToken);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from mail_messages m join accounts a on a.id = m.account_id where a.email <> 'other@hosted.test' and m.search @@ to_tsquery('simple', 'offer:*') and m.id in (select id from mail_messages where id = any(${seen}))`.execute(app.deps.db);
    expect(new Set(seen).size).toBe(seen.length);
    expect(rows[0]!.n).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(1000);
  }, 60_000);

  it('has statistics for the planner once the embedded database was tidied', async () => {
    await tidyEmbeddedDatabase.handler(app.deps, {}, { jobId: 'x', signal: new AbortController().signal });
    if (process.env.TEST_DATABASE_URL) return;
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stats where tablename = 'mail_messages' and attname in ('account_id', 'search')`.execute(app.deps.db);
    expect(rows[0]!.n).toBe(2);
    expect((await search('zanzibar')).records).toHaveLength(1);
  });
});
