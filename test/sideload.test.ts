import { spawnSync } from 'node:child_process';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import selfsigned from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenHttps } from '../scripts/https-front.ts';
import { createTestApp, type TestApp } from './support/app.ts';

const sideload = (...args: string[]) => spawnSync(process.execPath, ['scripts/sideload.mjs', ...args], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' });

/** What needs Outlook, or Microsoft's tools out of the internet, is not tried here. */
describe('npm run sideload', () => {
  it.each([
    [['--outlook', 'phone'], /phone is not windows or none/],
    [['--port', '0'], /--port 0 is no port/],
    [['--port', 'https'], /--port https is no port/],
    [['--cert', 'only.pem'], /--cert and --key belong together/],
    [['--what'], /Unknown option[\s\S]*npm run sideload/],
    ...(process.platform === 'win32' ? [] : [[['--outlook', 'windows'], /needs Windows[\s\S]*add the manifest by hand/] as [string[], RegExp]]),
  ] as [string[], RegExp][])('refuses %j before it does anything', (args, said) => {
    const { status, stderr, stdout } = sideload(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
  });

  it('says how it is used', () => {
    expect(sideload('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--outlook windows|none') });
  });
});

describe('HTTPS in front of the server', () => {
  let app: TestApp;
  let front: Awaited<ReturnType<typeof listenHttps>>;
  let pem: { cert: string; key: string };
  beforeAll(async () => {
    const made = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048, algorithm: 'sha256' });
    pem = { cert: made.cert, key: made.private };
    app = await createTestApp({ env: { TRUSTED_PROXIES: 'loopback' } });
    front = await listenHttps(pem, 0, Number(new URL(app.url).port));
  });
  afterAll(async () => {
    front.closeAllConnections();
    front.close();
    await app.close();
  });

  const get = (path: string, headers: Record<string, string> = {}) => new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const { port } = front.address() as AddressInfo;
    request({ host: '127.0.0.1', port, path, headers, ca: pem.cert, servername: 'localhost', checkServerIdentity: () => undefined }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => { body += piece.toString(); }).on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body })).on('error', reject);
    }).on('error', reject).end();
  });

  it('passes pages and answers on, and the server knows that it was HTTPS', async () => {
    const manifest = await get('/manifest.xml');
    expect(manifest).toMatchObject({ status: 200, body: expect.stringContaining('<OfficeApp') });
    expect(manifest.headers['strict-transport-security']).toBeDefined();
    expect((await app.call('GET', '/manifest.xml')).headers.get('strict-transport-security')).toBeNull();
    const { token } = await app.account();
    expect(await get('/v1/email/tracking/policy', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
    expect((await get('/v1/email/tracking/policy')).status).toBe(401);
  });

  it('passes a stream on while it is open, and ends it behind when it is left', async () => {
    const { token } = await app.account();
    const { port } = front.address() as AddressInfo;
    const type = await new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: '/v1/email/tracking/stream', headers: { authorization: `Bearer ${token}` }, ca: pem.cert, checkServerIdentity: () => undefined }, (answer) => {
        resolve(answer.headers['content-type']);
        asked.destroy();
      });
      asked.on('error', reject).end();
    });
    expect(type).toContain('text/event-stream');
  });

  it('says so where the server is not there yet', async () => {
    const early = await listenHttps(pem, 0, 9);
    const { port } = early.address() as AddressInfo;
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/', ca: pem.cert, checkServerIdentity: () => undefined }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject).end();
    });
    expect(status).toBe(502);
    early.closeAllConnections();
    early.close();
  });

  it('refuses what is no certificate, and a port that is taken', async () => {
    await expect(listenHttps({ cert: 'none', key: 'none' }, 0, 9)).rejects.toThrow();
    await expect(listenHttps(pem, (front.address() as AddressInfo).port, 9)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
