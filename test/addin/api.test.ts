import { describe, expect, it, vi } from 'vitest';
import { createApi, type ApiError } from '../../addin/api.ts';
import { readEvents } from '../../addin/events.ts';

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

describe('the client', () => {
  it('fetches a new identity token once when the server refuses the last, and repeats the call', async () => {
    const token = vi.fn(async (fresh: boolean) => (fresh ? 'new' : 'old'));
    const seen: (string | null)[] = [];
    const api = createApi({
      clientId: 'c', token, fetch: async (_url, init) => {
        const header = new Headers(init?.headers).get('authorization');
        seen.push(header);
        return header === 'Bearer new' ? json({ id: 'u' }) : json({ code: 'unauthorized' }, 401);
      },
    });
    expect(await api.call('GET /v1/user')).toEqual({ id: 'u' });
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
  });

  it('puts values into path and query in a way that no value can change them', async () => {
    const urls: string[] = [];
    const api = createApi({ clientId: 'c', token: async () => 't', fetch: async (url) => {
      urls.push(String(url));
      return json({});
    } });
    await api.call('GET /v1/followup/conversations/{convoId}', { params: { convoId: 'a/../b?c' } });
    await api.call('GET /v1/email/tracking', { query: { internetMessageId: '<a&b@x>', limit: 1 } });
    expect(urls).toEqual(['/v1/followup/conversations/a%2F..%2Fb%3Fc', '/v1/email/tracking?internetMessageId=%3Ca%26b%40x%3E&limit=1']);
  });

  it('throws the server’s code with its request id', async () => {
    const api = createApi({ clientId: 'c', token: async () => 't', fetch: async () => json({ code: 'name.taken', message: 'Taken.', requestId: 'r1', field: 'name' }, 409) });
    const error = await api.call('GET /v1/user').catch((e: unknown) => e) as ApiError;
    expect(error).toMatchObject({ code: 'name.taken', status: 409, requestId: 'r1', field: 'name', message: 'Taken.' });
  });

  it('tells a read that failed from a write of which nobody knows', async () => {
    const api = createApi({ clientId: 'c', token: async () => 't', fetch: async () => { throw new TypeError('network'); } });
    await expect(api.call('GET /v1/user')).rejects.toMatchObject({ code: 'offline' });
    await expect(api.call('POST /v1/user/logout')).rejects.toMatchObject({ code: 'unknown' });
  });

  it('sends a request that may have had its effect again with the same key, and the next action with a new one', async () => {
    const keys: (string | null)[] = [];
    const answers = [() => { throw new TypeError('network'); }, () => json({ code: 'internal' }, 500), () => json({ code: 'idempotency.inProgress' }, 409), () => json({ id: 1 }), () => json({ id: 2 })];
    const api = createApi({ clientId: 'c', token: async () => 't', fetch: async (_url, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      return answers.shift()!();
    } });
    const create = (name: string) => api.call('POST /v1/followup/rules', { body: { name } });
    await expect(create('a')).rejects.toMatchObject({ code: 'unknown' });
    await expect(create('a')).rejects.toMatchObject({ code: 'internal' });
    expect(await create('a')).toEqual({ id: 1 });
    expect(await create('a')).toEqual({ id: 2 });
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
  });

  it('sends no key with what creates nothing', async () => {
    const api = createApi({ clientId: 'c', token: async () => 't', fetch: async (_url, init) => json({ key: new Headers(init?.headers).get('idempotency-key') }) });
    expect(await api.call('GET /v1/user')).toEqual({ key: null });
    expect(await api.call('PUT /v1/followup/config', { body: {} })).toEqual({ key: null });
  });

  it('goes on with a broken stream where it stopped, and never has a token in the address', async () => {
    vi.useFakeTimers();
    const asked: { url: string; last: string | null }[] = [];
    const chunks = ['id: 5\nevent: TrackingRecorded\ndata: {"a":1}\n\n', 'id: 6\nevent: TrackingRecorded\ndata: {"a":2}\n\n'];
    const api = createApi({ clientId: 'c', token: async () => 'secret', fetch: async (url, init) => {
      asked.push({ url: String(url), last: new Headers(init?.headers).get('last-event-id') });
      const text = chunks.shift();
      return text ? new Response(text) : new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))));
    } });
    const ended = new AbortController();
    const heard: unknown[] = [];
    const done = api.stream('/v1/email/tracking/stream', (e) => heard.push(e.data), ended.signal);
    await vi.advanceTimersByTimeAsync(5000);
    ended.abort();
    await done;
    vi.useRealTimers();
    expect(heard).toEqual([{ a: 1 }, { a: 2 }]);
    expect(asked.map((a) => a.last)).toEqual([null, '5', '6']);
    expect(asked.every((a) => !a.url.includes('secret'))).toBe(true);
  });
});

describe('server-sent events', () => {
  const read = async (chunks: string[]) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
    const events = [];
    for await (const event of readEvents(stream)) events.push(event);
    return events;
  };

  it('are read however the bytes are cut, with any line end, comments skipped', async () => {
    const text = ': hello\r\n\r\nid: 1\r\nevent: x\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 2\ndata: b\n\n';
    const whole = [{ id: '1', event: 'x', data: '{"a":\n1}' }, { id: '2', event: 'message', data: 'b' }];
    expect(await read([text])).toEqual(whole);
    for (let cut = 1; cut < text.length; cut += 1) expect(await read([text.slice(0, cut), text.slice(cut)]), `cut at ${cut}`).toEqual(whole);
  });

  it('that are not finished are not given', async () => {
    expect(await read(['data: half'])).toEqual([]);
  });
});
