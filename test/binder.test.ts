import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../server/errors.ts';
import { bindContract, errorHandler, requestIds } from '../server/http/bind.ts';
import { createMetrics } from '../server/http/metrics.ts';
import { json, operation, type Principal } from '../server/http/operation.ts';
import { bytes } from '../server/http/reply.ts';

const contract = {
  echo: operation({
    method: 'post', path: '/echo/{id}', aliases: ['/old/{id}'], operationId: 'echo', tag: 'Test', summary: 'Echo', auth: 'none',
    scopes: ['Mail.Send'],
    params: z.object({ id: z.string() }),
    query: z.object({ n: z.int().max(9).optional(), on: z.boolean().optional(), scopes: z.array(z.string()).optional() }),
    body: z.object({ name: z.string(), to: z.array(z.object({ address: z.email() })).optional() }),
    bodyLimit: 2000,
    response: json(z.object({ id: z.string(), n: z.int().optional(), on: z.boolean().optional(), scopes: z.array(z.string()).optional(), name: z.string(), to: z.array(z.unknown()).optional() })),
    errors: [],
  }),
  broken: operation({ method: 'get', path: '/broken', operationId: 'broken', tag: 'Test', summary: 'Fails', auth: 'none', response: json(z.object({})), errors: [] }),
  stream: operation({ method: 'get', path: '/stream/{pieces}', operationId: 'stream', tag: 'Test', summary: 'Fails after so many pieces', auth: 'none', params: z.object({ pieces: z.int() }), response: { kind: 'bytes', mediaType: 'text/plain' }, errors: [] }),
} as const;

/** Sources that were begun and not ended. */
let open = 0;
async function* failing(pieces: number): AsyncGenerator<Uint8Array> {
  open++;
  try {
    for (let n = 0; n < pieces; n++) yield Buffer.alloc(100_000, 'x');
    throw new AppError('service.unavailable', 'The source is gone.');
  } finally {
    open--;
  }
}

describe('the binder', () => {
  let server: Server;
  let url: string;
  let principal: Principal | null = null;

  beforeAll(async () => {
    const app = express();
    app.use(requestIds);
    bindContract(app, contract, {
      echo: async ({ params, query, body }) => ({ ...params, ...query, ...body }),
      broken: async () => {
        throw new Error('the password is hunter2');
      },
      stream: async ({ params }) => bytes(failing(params.pieces), 'text/plain', { headers: { ETag: '"tag"' } }),
    }, { authenticate: async () => principal, idempotency: async (_op, call, handler) => ({ answer: await handler(call), replayed: false }), log: pino({ level: 'silent' }), metrics: createMetrics(), frameOrigins: [], validateResponses: true });
    app.use(errorHandler(pino({ level: 'silent' })));
    server = createServer(app);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const post = async (path: string, body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() as Record<string, unknown> };
  };

  it('answers an error where a stream fails before its first piece, and cuts the answer off where it fails later', async () => {
    const none = await fetch(`${url}/stream/0`);
    expect([none.status, await none.json()]).toEqual([503, expect.objectContaining({ code: 'service.unavailable' })]);
    expect(none.headers.get('etag')).not.toBe('"tag"');
    const some = await fetch(`${url}/stream/5`);
    expect(some.status).toBe(200);
    await expect(some.arrayBuffer()).rejects.toThrow();
    const gone = new AbortController();
    const left = await fetch(`${url}/stream/10000`, { signal: gone.signal });
    await left.body!.getReader().read();
    gone.abort();
    expect((await fetch(`${url}/stream/10000`, { method: 'HEAD' })).status).toBe(200);
    await expect.poll(() => open).toBe(0);
  });

  it('converts query texts by their declared type and splits lists at spaces', async () => {
    const { body } = await post('/echo/7?n=3&on=true&scopes=a%20b&scopes=c&unknown=1', { name: 'x' });
    expect(body).toEqual({ id: '7', n: 3, on: true, scopes: ['a', 'b', 'c'], name: 'x' });
  });

  it('reads null as absent, also inside lists, and ignores unknown members', async () => {
    const { status, body } = await post('/echo/7', { name: 'x', to: [null, { address: 'a@b.test', extra: null }], more: 1 });
    expect([status, body.to]).toEqual([200, [{ address: 'a@b.test' }]]);
  });

  it('names the field of a wrong value', async () => {
    const { status, body } = await post('/echo/7', { name: 'x', to: [{ address: 'nobody' }] });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', field: 'to[0].address' });
    expect((await post('/echo/7?n=eleven', { name: 'x' })).body).toMatchObject({ field: 'n' });
  });

  it('answers broken JSON, a wrong type and too large a body in the one error form', async () => {
    expect(await post('/echo/7', '{')).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(await post('/echo/7', '{"name":"x"}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415, body: { code: 'media.unsupported' } });
    expect(await post('/echo/7', { name: 'x'.repeat(3000) })).toMatchObject({ status: 413, body: { code: 'payload.tooLarge' } });
  });

  it('answers a body that is nested without end, or is not compressed as it says, with 400', async () => {
    const deep = await post('/echo/7', `{"name":"x","more":${'['.repeat(900)}${']'.repeat(900)}}`);
    expect(deep).toMatchObject({ status: 400, body: { code: 'request.invalid', field: 'body' } });
    expect(await post('/echo/7', '{"name":"x"}', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  it('refuses half of a surrogate pair wherever it stands', async () => {
    expect(await post('/echo/7', '{"name":"x","to":[null,{"address":"\\ud800"}]}')).toMatchObject({ status: 400, body: { field: 'to[1].address' } });
  });

  it('says what is missing in the words of JSON', async () => {
    expect((await post('/echo/7', {})).body.message).toBe('name: is missing; must be a string.');
    expect((await post('/echo/7', { name: 7 })).body.message).toBe('name: must be a string, not number.');
  });

  it('answers on an alias as on the path itself', async () => {
    expect((await post('/old/7', { name: 'x' })).body).toEqual({ id: '7', name: 'x' });
  });

  it('refuses a caller whose scopes are too small, and says which would do', async () => {
    principal = { appId: 1, scopes: ['Mail.Read'], via: 'bearer' };
    const { status, body } = await post('/echo/7', { name: 'x' });
    principal = null;
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'scope.missing', message: expect.stringContaining('Mail.Send') });
  });

  it('tells a client nothing of the inside of a failure', async () => {
    const answer = await fetch(`${url}/broken`);
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ code: 'internal', requestId: answer.headers.get('x-request-id') });
  });

  it('has one form and one status for every code', () => {
    expect(new AppError('slot.taken', 'x').status).toBe(409);
  });
});
