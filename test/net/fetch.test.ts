import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetch, isPublic } from '../../server/net/fetch.ts';

describe('the guarded fetch', () => {
  let server: Server;
  let url: string;
  let asked = 0;
  beforeAll(async () => {
    server = createServer((req, res) => {
      asked++;
      if (req.url === '/redirect') return void res.writeHead(302, { location: '/large' }).end();
      if (req.url === '/large') return void res.end('x'.repeat(10_000));
      if (req.url === '/silent') return;
      res.end('fine');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const fetchOf = (path: string) => createFetch({ allow: [], plainHttp: [`${url}${path}`] });

  it('calls plain http only where that exact address is allowed', async () => {
    expect((await fetchOf('/')(`${url}/`)).body.toString()).toBe('fine');
    const before = asked;
    await expect(fetchOf('/')(`${url}/other`)).rejects.toMatchObject({ code: 'provider.failed' });
    expect(asked).toBe(before);
  });

  it.each(['https://127.0.0.1/', 'https://localhost/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://2130706433/', 'https://0x7f.1/', 'https://10.0.0.1/', 'https://169.254.169.254/'])(
    'does not dial the private address of %s', async (target) => {
      await expect(createFetch({ allow: [], plainHttp: [] })(target)).rejects.toThrow('not a public address');
    });

  it.each(['127.0.0.1', 'localhost'])('dials %s where EGRESS_ALLOW names its range, and still by https only', async (host) => {
    const allowing = createFetch({ allow: ['127.0.0.0/8', '::1'], plainHttp: [] });
    const { port } = server.address() as AddressInfo;
    // The server speaks no TLS: getting as far as that means that it was dialled.
    await expect(allowing(`https://${host}:${port}/`)).rejects.toThrow('could not be reached');
    await expect(createFetch({ allow: ['10.0.0.0/8'], plainHttp: [] })(`https://${host}:${port}/`)).rejects.toThrow('not a public address');
    await expect(allowing(`http://${host}:${port}/`)).rejects.toThrow('only https');
  });

  it('does not follow a redirect', async () => {
    expect((await fetchOf('/redirect')(`${url}/redirect`)).status).toBe(302);
  });

  it('gives up on an answer that is too large or too late', async () => {
    await expect(fetchOf('/large')(`${url}/large`, { maxBytes: 5000 })).rejects.toThrow('larger than 5000');
    await expect(fetchOf('/silent')(`${url}/silent`, { timeout: 200 })).rejects.toMatchObject({ code: 'provider.timeout' });
  });

  it.each([['8.8.8.8', true], ['2606:4700::1111', true], ['192.168.1.1', false], ['100.64.0.1', false], ['fd00::1', false], ['fe80::1', false], ['::ffff:10.0.0.1', false], ['0.0.0.0', false], ['224.0.0.1', false], ['64:ff9b::7f00:1', false]])(
    'holds %s for public: %s', (address, expected) => {
      expect(isPublic(address)).toBe(expected);
    });
});
