import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

type Json = Record<string, unknown>;

describe('the stream', () => {
  let app: TestApp;
  let token: string;
  let accountId: number;
  beforeAll(async () => {
    app = await createTestApp();
    const made = await app.account();
    [token, accountId] = [made.token, made.account.id];
  });
  afterAll(() => app.close());

  /** Reads the stream until `count` events came; answers them with the time they took. */
  async function read(count: number, headers: Record<string, string> = {}, opened: () => Promise<void> = async () => {}): Promise<{ id: number; event: string; data: Json }[]> {
    const abort = new AbortController();
    const response = await fetch(`${app.url}/v1/email/tracking/stream`, { headers: { authorization: `Bearer ${token}`, ...headers }, signal: AbortSignal.any([abort.signal, AbortSignal.timeout(5000)]) });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? '';
    await opened();
    const parsed = () => text.split('\n\n').filter((block) => block.startsWith('id: ')).map((block) => {
      const field = (name: string) => block.split('\n').find((line) => line.startsWith(`${name}: `))!.slice(name.length + 2);
      return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) as Json };
    });
    while (parsed().length < count) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    abort.abort();
    return parsed();
  }

  it('shows an open within two seconds, with its verdict, and nothing of the past', async () => {
    const message = await trackedMessage(app, token);
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    await app.call('GET', '/v1/email/tracking', { as: token });
    let started = 0;
    const [first] = await read(1, {}, async () => {
      await new Promise((done) => setTimeout(done, 200));
      started = Date.now();
      await load(app, `/t/${message.code}.gif`, AGENTS.gmail);
    });
    expect(Date.now() - started).toBeLessThan(2000);
    expect(first).toMatchObject({ event: 'TrackingRecorded', data: { accountId, trackingId: message.id, eventType: 'open', verdict: 'proxy' } });
  });

  it('resumes behind the last event that the client has seen', async () => {
    const message = await trackedMessage(app, token);
    for (const agent of [AGENTS.outlook, AGENTS.gmail, AGENTS.apple]) {
      await load(app, `/t/${message.code}.gif`, agent);
      await app.call('GET', '/v1/email/tracking', { as: token });
    }
    const seen = await app.deps.db.selectFrom('outbox').select(['id', 'payload']).where('type', '=', 'TrackingRecorded').orderBy('id').execute();
    const human = seen.find(({ payload }) => (payload as Json).trackingId === message.id && (payload as Json).verdict === 'human')!;
    const rest = await read(2, { 'last-event-id': String(human.id) });
    expect(rest.map((e) => [e.data.trackingId, e.data.verdict])).toEqual([[message.id, 'proxy'], [message.id, 'unknown']]);
    expect((await app.call('GET', '/v1/email/tracking/stream', { as: token, headers: { 'last-event-id': 'soon' } })).body).toMatchObject({ code: 'request.invalid', field: 'last-event-id' });
  });

  it('is for the account alone and needs credentials', async () => {
    const { token: other } = await app.account();
    const foreign = await trackedMessage(app, other);
    const mine = await trackedMessage(app, token);
    const [first] = await read(1, {}, async () => {
      await new Promise((done) => setTimeout(done, 200));
      await load(app, `/t/${foreign.code}.gif`, AGENTS.outlook);
      await load(app, `/t/${mine.code}.gif`, AGENTS.outlook);
    });
    expect(first!.data.trackingId).toBe(mine.id);
    expect((await app.call('GET', '/v1/email/tracking/stream')).status).toBe(401);
  });
});
