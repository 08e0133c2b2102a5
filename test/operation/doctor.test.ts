import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import selfsigned from 'selfsigned';
import { afterAll, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../server/cli/checks/database.ts';
import { checkHost } from '../../server/cli/checks/host.ts';
import { checkMail } from '../../server/cli/checks/mail.ts';
import { checkWeb } from '../../server/cli/checks/web.ts';
import type { Finding } from '../../server/cli/checks/finding.ts';
import { parseConfig } from '../../server/config.ts';
import { lockDataDir } from '../../server/db/lock.ts';
import type { GuardedFetch } from '../../server/net/fetch.ts';
import type { DnsResolver } from '../../server/providers/provider.ts';
import { PRODUCTION } from '../support/production.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'sundial-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (env: Record<string, string> = {}) => parseConfig({ ...PRODUCTION, SUNDIAL_CLIENT_ID: 'client', SUNDIAL_CLIENT_SECRET: 'a-secret-of-enough-letters', DATA_DIR: join(folder, 'data'), ...env });
const lines = (findings: readonly Finding[]): string[] => findings.map((f) => `${f.status} ${f.check}`);
const find = (findings: readonly Finding[], check: string): Finding => findings.find((f) => f.check === check)!;

/** DNS as a test wants it: records by name and type; what is not there does not exist. */
const dns = (zone: Record<string, unknown[]>): DnsResolver => (async (name: string, type: string) => {
  const records = zone[`${name} ${type}`];
  if (!records) throw Object.assign(new Error(`query${type} ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
  return records;
}) as unknown as DnsResolver;

describe('the doctor, looking at a mail domain', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const path = join(folder, 'dkim.pem');
  writeFileSync(path, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const published = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const signed = config({ DKIM_KEYS: `firm.org:s1:${path}` });
  const whole = {
    'firm.org MX': [{ exchange: 'mx2.firm.org', priority: 20 }, { exchange: 'mx.firm.org', priority: 10 }],
    'firm.org TXT': [['google-site-verification=x'], ['v=spf1 include:relay.example -all']],
    '_dmarc.firm.org TXT': [['v=DMARC1; p=reject']],
    // Long records come in pieces of 255.
    's1._domainkey.firm.org TXT': [[`v=DKIM1; k=rsa; p=${published.slice(0, 200)}`, published.slice(200)]],
  };

  it('finds everything in order where it is', async () => {
    const found = await checkMail(signed, ['firm.org'], dns(whole));
    expect(lines(found)).toEqual(['ok mx firm.org', 'ok spf firm.org', 'ok dkim firm.org', 'ok dmarc firm.org', 'warn relay']);
    expect(find(found, 'mx firm.org').says).toContain('mx.firm.org, mx2.firm.org');
  });

  it('says what to publish where nothing is', async () => {
    const found = await checkMail(signed, ['firm.org'], dns({}));
    expect(lines(found)).toEqual(['fail mx firm.org', 'warn spf firm.org', 'fail dkim firm.org', 'warn dmarc firm.org', 'warn relay']);
    expect(find(found, 'dkim firm.org').todo).toContain(`p=${published}`);
    expect(find(found, 'mx firm.org').todo).toContain('firm.org. MX 10');
  });

  it('sees a key that is not the one that signs, two SPF records, and mail that leaves unsigned', async () => {
    const other = await checkMail(signed, ['firm.org'], dns({ ...whole, 's1._domainkey.firm.org TXT': [['v=DKIM1; p=AAAA']], 'firm.org TXT': [['v=spf1 -all'], ['v=spf1 mx -all']] }));
    expect(find(other, 'dkim firm.org')).toMatchObject({ status: 'fail', says: expect.stringContaining('another key') });
    expect(find(other, 'spf firm.org')).toMatchObject({ status: 'fail', says: expect.stringContaining('RFC 7208') });
    expect(find(await checkMail(config(), ['firm.org'], dns(whole)), 'dkim firm.org')).toMatchObject({ status: 'warn', says: expect.stringContaining('unsigned') });
  });

  it('does not take a network without DNS for a domain without records', async () => {
    const found = await checkMail(signed, ['firm.org'], async () => {
      throw Object.assign(new Error('queryMx ECONNREFUSED firm.org'), { code: 'ECONNREFUSED' });
    });
    expect(lines(found)).toEqual(['warn dns firm.org', 'warn relay']);
    expect(found[0]!.says).toContain('DNS did not answer (ECONNREFUSED)');
  });

  it('signs in to the relay without sending anything, and hears it refuse', async () => {
    const sink = await startSmtpSink();
    const relay = async (url: string): Promise<Finding> => find(await checkMail(config({ SMTP_RELAY_URL: url }), [], dns({})), 'relay');
    expect(await relay(sink.url)).toMatchObject({ status: 'ok' });
    expect(sink.seen()).toBe(0);
    await sink.close();
    const refused = await relay(sink.url);
    expect(refused).toMatchObject({ status: 'fail', says: expect.stringContaining('cannot be used') });
    // A password travels over TLS only, and is in no line.
    expect(JSON.stringify(await relay(`${sink.url.replace('://', '://me:hush-hush@')}`))).not.toContain('hush-hush');
  });
});

describe('the doctor, looking at the way in', () => {
  const noFetch: GuardedFetch = async () => ({ status: 200, headers: {}, body: Buffer.from('{"keys":[{}]}') });

  it('knows its own answer from a stranger\'s, a bad certificate, and nothing', async () => {
    const server = createServer((req, res) => void (req.url === '/healthz' ? res.end('ok\n') : res.writeHead(404).end()));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = async (ask: typeof fetch): Promise<Finding> => find(await checkWeb(config(), noFetch, ask), 'public url');
    expect(await asked((_url, init) => fetch(`${url}/healthz`, init))).toMatchObject({ status: 'ok' });
    expect(await asked((_url, init) => fetch(`${url}/other`, init))).toMatchObject({ status: 'fail', says: expect.stringContaining('answers 404') });
    expect(await asked(async () => new Response('ok\n', { headers: { date: new Date(Date.now() - 600_000).toUTCString() } }))).toMatchObject({ status: 'warn', says: expect.stringContaining('clock differs') });
    expect(await asked(async () => {
      throw new TypeError('fetch failed', { cause: new Error('self-signed certificate') });
    })).toMatchObject({ status: 'fail', todo: expect.stringContaining('certificate that they trust') });
    await new Promise((done) => server.close(done));
  });

  it('asks Exchange for its keys, and sees that tokens need an audience', async () => {
    const exchange = config({ EXCHANGE_METADATA_URLS: 'https://mail.firm.org/autodiscover/metadata/json/1' });
    const found = await checkWeb(exchange, noFetch, async () => new Response('ok\n'));
    expect(lines(found)).toContain('ok exchange mail.firm.org');
    expect(find(found, 'exchange')).toMatchObject({ status: 'fail', todo: expect.stringContaining('ADDIN_AUDIENCES=https://sundial.test/addin/taskpane.html') });
    const without = await checkWeb(exchange, async () => ({ status: 200, headers: {}, body: Buffer.from('<html>') }), async () => new Response('ok\n'));
    expect(find(without, 'exchange mail.firm.org').status).toBe('fail');
  });
});

describe('the doctor, looking at this machine', () => {
  it('sees a port that something else has, and a directory that cannot be written', async () => {
    const stranger = createServer(() => {});
    await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
    const port = String((stranger.address() as AddressInfo).port);
    writeFileSync(join(folder, 'file'), '');
    const found = await checkHost(config({ PORT: '0', SMTP_PORT: port, DATA_DIR: join(folder, 'file/data') }));
    expect(find(found, 'smtp port')).toMatchObject({ status: 'warn', says: expect.stringContaining('not Sundial') });
    expect(find(found, 'data directory')).toMatchObject({ status: 'fail' });
    expect(find(found, 'node').status).toBe('ok');
    await new Promise((done) => {
      stranger.close(done);
      stranger.closeAllConnections();
    });
  });

  it('sees a certificate of SMTP that runs out, and one that is none', async () => {
    const certificate = async (days: number): Promise<Finding> => {
      const made = await selfsigned.generate([{ name: 'commonName', value: 'mx.firm.org' }], { keySize: 2048, algorithm: 'sha256', notBeforeDate: new Date(Date.now() - 90 * 86_400_000), notAfterDate: new Date(Date.now() + days * 86_400_000) });
      const [cert, key] = [join(folder, `${days}.crt`), join(folder, `${days}.key`)];
      writeFileSync(cert, made.cert);
      writeFileSync(key, made.private);
      return find(await checkHost(config({ PORT: '0', SMTP_PORT: '0', SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key })), 'smtp certificate');
    };
    expect([await certificate(60), await certificate(5), await certificate(-1)].map((f) => f.status)).toEqual(['ok', 'warn', 'fail']);
    const none = await checkHost(config({ PORT: '0', SMTP_PORT: '0', SMTP_TLS_CERT: join(folder, 'file'), SMTP_TLS_KEY: join(folder, 'file') }));
    expect(find(none, 'smtp certificate').status).toBe('fail');
  });

  it('leaves an embedded database alone that a running server has, and makes none', async () => {
    const fresh = config({ DATA_DIR: join(folder, 'fresh') });
    expect((await checkDatabase(fresh, [])).findings[0]).toMatchObject({ status: 'ok', says: expect.stringContaining('the first start makes it') });
    const dataDir = join(folder, 'locked');
    mkdirSync(join(dataDir, 'pglite'), { recursive: true });
    writeFileSync(join(dataDir, 'pglite/PG_VERSION'), '18\n');
    // As another living process would hold it.
    writeFileSync(join(dataDir, 'lock'), String(process.ppid));
    expect(lockDataDir(dataDir)).toBeUndefined();
    expect((await checkDatabase(config({ DATA_DIR: dataDir }), [])).findings).toMatchObject([{ status: 'warn', says: expect.stringContaining('A running Sundial has') }]);
  });
});
