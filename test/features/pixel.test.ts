import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { groupCommit } from '../../server/features/tracking/recorder.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

describe('the pixel', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  const wire = async (path: string): Promise<{ status: number; headers: [string, string][]; bytes: string }> => {
    const answer = await fetch(`${app.url}${path}`, { headers: { 'user-agent': AGENTS.chrome } });
    const headers = [...answer.headers].filter(([name]) => name !== 'date');
    return { status: answer.status, headers, bytes: Buffer.from(await answer.arrayBuffer()).toString('hex') };
  };

  it('answers known, unknown, withdrawn and malformed codes with the same bytes and headers', async () => {
    const known = await trackedMessage(app, token);
    const withdrawn = await trackedMessage(app, token);
    await app.call('POST', `/o/${withdrawn.code}`);
    const answers = await Promise.all([known.code, withdrawn.code, 'A'.repeat(22), 'x', '', '%00', '%FF%FE', 'a'.repeat(5000)].map((code) => wire(`/t/${code}.gif`)));
    const [first] = answers;
    expect(first!.status).toBe(200);
    expect(first!.bytes.length / 2).toBe(43);
    expect(Object.fromEntries(first!.headers)).toMatchObject({
      'content-type': 'image/gif', 'content-length': '43', 'cache-control': 'no-store, no-cache, must-revalidate, max-age=0',
      'pragma': 'no-cache', 'cross-origin-resource-policy': 'cross-origin', 'x-content-type-options': 'nosniff',
    });
    expect(first!.headers.map(([name]) => name)).not.toContain('set-cookie');
    for (const answer of answers) expect(answer).toEqual(first);
  });

  it('has committed the open before it answers, with the program and a shortened address', async () => {
    const message = await trackedMessage(app, token);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook, { referer: 'https://mail.example/' });
    const { rows } = await sql`
      select user_agent, referrer, remote_addr, method from tracking_hits where tracking_id = ${message.id}
      union all select user_agent, referrer, remote_addr, method from tracking_events where tracking_id = ${message.id} and type = 'open'`.execute(app.deps.db);
    expect(rows).toEqual([{ user_agent: AGENTS.outlook, referrer: 'https://mail.example/', remote_addr: '127.0.0.0', method: 'GET' }]);
  });

  it('records every one of 300 opens that arrive together', async () => {
    const messages = await Promise.all([1, 2, 3].map(() => trackedMessage(app, token)));
    await Promise.all(Array.from({ length: 300 }, (_, i) => load(app, `/t/${messages[i % 3]!.code}.gif`, AGENTS.outlook)));
    for (const message of messages) {
      expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: token })).body.openCount).toBe(100);
    }
  });

  it('answers HEAD without counting it', async () => {
    const message = await trackedMessage(app, token);
    const answer = await load(app, `/t/${message.code}.gif`, AGENTS.chrome, {}, 'HEAD');
    expect([answer.status, answer.headers.get('content-length'), answer.body]).toEqual([200, '43', '']);
    expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: token })).body).toMatchObject({ openCount: 0, notCounted: 1 });
  });

  it('keeps 10,000 raw events of one code and counts the rest', async () => {
    const message = await trackedMessage(app, token);
    await app.deps.db.updateTable('tracking').set({ raw_events: 10_000 }).where('id', '=', message.id).execute();
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: token })).body).toMatchObject({ openCount: 0, hitsNotKept: 2 });
  });

  it('answers 503 for every code while the database is down', async () => {
    const other = await createTestApp();
    const { token: as } = await other.account();
    const { code } = await trackedMessage(other, as);
    await other.deps.db.destroy();
    for (const path of [`/t/${code}.gif`, `/t/${'A'.repeat(22)}.gif`, '/t/x.gif', '/l/x']) {
      expect((await load(other, path, AGENTS.chrome)).status).toBe(503);
    }
    await other.close().catch(() => {});
  });
});

describe('tracked links', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  it('lead to the address that was stored, whatever the request adds, and show as a click', async () => {
    const message = await trackedMessage(app, token, { html: '<a href="https://shop.test/price?a=1&amp;b=2">Pricing</a>', tracking: { links: true } });
    const answer = await load(app, `/l/${message.links[0]!.code}?url=https://evil.test`, AGENTS.chrome);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://shop.test/price?a=1&b=2']);
    const { body } = await app.call('GET', `/v1/email/tracking/${message.id}/events`, { as: token });
    expect(body.records.at(-1)).toMatchObject({ eventType: 'click', verdict: 'human', url: 'https://shop.test/price?a=1&b=2', linkText: 'Pricing' });
    expect((await app.call('GET', `/v1/email/tracking/${message.id}`, { as: token })).body).toMatchObject({ clickCount: 1, openCount: 0 });
  });

  it('of unknown codes are a plain 404 and never lead anywhere', async () => {
    for (const code of ['A'.repeat(22), 'https:%2F%2Fevil.test', '..%2F..', '%00']) {
      const answer = await load(app, `/l/${code}`, AGENTS.chrome);
      expect([answer.status, answer.headers.get('location'), answer.headers.get('content-type')]).toEqual([404, null, 'text/plain; charset=utf-8']);
    }
  });
});

describe('a group commit', () => {
  it('shares one run among what arrives in one turn of the event loop, and among what arrives during a run', async () => {
    const run = vi.fn(async (items: readonly number[]) => items.map((i) => i * 2));
    const commit = groupCommit(run);
    const first = [commit(1), commit(2), commit(3)];
    await new Promise((resolve) => setImmediate(resolve));
    const second = [commit(4), commit(5)];
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10]);
    expect(run.mock.calls.map(([items]) => items.length)).toEqual([3, 2]);
  });

  it('fails exactly those whose run failed and goes on', async () => {
    const commit = groupCommit(async (items: readonly string[]) => {
      if (items.includes('bad')) throw new Error('down');
      return items;
    });
    await expect(commit('bad')).rejects.toThrow('down');
    expect(await commit('good')).toBe('good');
  });
});
