import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '2001:4860:4860::8888'])('holds %s for public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    '0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1',
    '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255',
    '::', '::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::ffff:0:127.0.0.1', '::127.0.0.1', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::7f00:1',
    '2002:7f00:1::', '2002:a00:1::1', '2001:0:7f00:1::', '100::1', '2001:db8::1', '3fff::1', '5f00::1', '4000::1', 'fc00::1', 'fd00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1',
  ])('does not hold %s for public', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('the guarded fetch over https', () => {
  let server: HttpsServer;
  let port: number;
  const heard: { path: string; address: string; headers: IncomingHttpHeaders }[] = [];
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  beforeAll(async () => {
    const pems = await generate([{ name: 'commonName', value: 'names.test' }], { keySize: 2048, extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'names.test' }, { type: 2, value: 'other.test' }] }] });
    setDefaultCACertificates([pems.cert]);
    server = createHttpsServer({ key: pems.private, cert: pems.cert }, (req, res) => {
      heard.push({ path: req.url!, address: req.socket.localAddress!, headers: req.headers });
      if (req.url === '/drip') {
        const drip = setInterval(() => res.write('x'), 20);
        return void res.on('close', () => clearInterval(drip));
      }
      if (req.url === '/endless') {
        const pour = (): void => { while (!res.destroyed && res.write(Buffer.alloc(65_536))); };
        res.on('drain', pour);
        return pour();
      }
      if (req.url === '/bomb') return void res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      if (req.url?.startsWith('/to?')) return void res.writeHead(307, { location: req.url.slice(4) }).end();
      res.end('fine');
    });
    await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => void (heard.length = 0));
  afterAll(() => {
    setDefaultCACertificates([]);
    server.closeAllConnections();
    server.close();
  });

  /** 127.0.0.2 stands for the public address that a name first has; 127.0.0.1 is private. */
  const answering = (...answers: string[][]) => {
    let asked = 0;
    const fetch = createFetch({
      allow: ['127.0.0.2'], plainHttp: [],
      lookup: (_host, _options, done) => done(null, answers[Math.min(asked++, answers.length - 1)]!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    });
    return { fetch, asked: () => asked };
  };

  it('dials the very address that it checked, although the name has another one a moment later', async () => {
    const { fetch, asked } = answering(['127.0.0.2'], ['127.0.0.1']);
    expect((await fetch(`https://names.test:${port}/`)).body.toString()).toBe('fine');
    expect(asked()).toBe(1);
    expect(heard.map((h) => h.address)).toEqual(['127.0.0.2']);
    // A later call, whether over the same connection or a new one, reaches no other address.
    server.closeAllConnections();
    await expect(fetch(`https://names.test:${port}/`)).rejects.toThrow('not a public address');
    expect(heard.map((h) => h.address)).toEqual(['127.0.0.2']);
  });

  it('dials of several addresses only those that are public', async () => {
    await answering(['127.0.0.1', '::1', '127.0.0.2', '10.0.0.1']).fetch(`https://names.test:${port}/`);
    expect(heard.map((h) => h.address)).toEqual(['127.0.0.2']);
    await expect(answering(['127.0.0.1', '::ffff:127.0.0.2', '::7f00:2', '::1']).fetch(`https://other.test:${port}/`)).resolves.toMatchObject({ status: 200 });
    await expect(answering(['127.0.0.1', '::7f00:2', '::1']).fetch(`https://other.test:${port}/`)).rejects.toThrow('not a public address');
  });

  it.each([`https://127.0.0.1:PORT/`, 'http://names.test:PORT/', 'file:///etc/hostname', 'https://names.test:PORT/to?https://127.0.0.1/', '//127.0.0.1:PORT/'])('answers a redirect to %s itself, and asks nowhere else', async (location) => {
    const answer = await answering(['127.0.0.2']).fetch(`https://names.test:${port}/to?${location.replace('PORT', String(port))}`, { headers: { authorization: 'Bearer secret' } });
    expect(answer.status).toBe(307);
    expect(heard).toHaveLength(1);
  });

  it('checks the certificate against the name', async () => {
    await expect(answering(['127.0.0.2']).fetch(`https://wrong.test:${port}/`)).rejects.toThrow('could not be reached');
    expect(heard).toEqual([]);
  });

  it('gives up on an answer that never ends: too slow, too large', async () => {
    const { fetch } = answering(['127.0.0.2']);
    await expect(fetch(`https://names.test:${port}/drip`, { timeout: 300 })).rejects.toMatchObject({ code: 'provider.timeout' });
    await expect(fetch(`https://names.test:${port}/endless`)).rejects.toThrow('larger than 262144');
  });

  it('unpacks nothing, so that a small answer stays small', async () => {
    const answer = await answering(['127.0.0.2']).fetch(`https://names.test:${port}/bomb`);
    expect(answer.body.equals(bomb)).toBe(true);
    expect(heard[0]!.headers['accept-encoding']).toBeUndefined();
  });

  it.each(['https://user:secret@names.test/', 'https://user@names.test/', 'ftp://names.test/', 'file:///etc/passwd', 'http://names.test/', 'data:text/plain,x', 'gopher://names.test/'])('does not call %s', async (url) => {
    await expect(answering(['127.0.0.2']).fetch(url)).rejects.toThrow('was not called');
  });

  it.each(['0177.0.0.1', '0x7f000001', '2130706433', '127.1', '127.0.0.1.', '[::ffff:7f00:1]', '[::7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]', '[fd00::1]', '0', '①②⑦.⓪.⓪.①'])('reads the address %s as what it is', async (host) => {
    await expect(createFetch({ allow: [], plainHttp: [] })(`https://${host}:${port}/`)).rejects.toThrow('not a public address');
    expect(heard).toEqual([]);
  });
});
