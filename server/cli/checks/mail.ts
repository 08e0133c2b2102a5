import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Config } from '../../config.ts';
import { readRelay } from '../../net/smtp-out.ts';
import type { DnsResolver } from '../../providers/provider.ts';
import { badIn, fail, ok, reasonOf, warn, type Finding } from './finding.ts';

/** RFC 2606 and 6761: names of tests and examples, which no DNS has. */
const RESERVED = /(^|\.)(test|example|invalid|localhost|local)$/i;
const TIMEOUT_MS = 10_000;

/** Each hosted domain as the rest of the world sees it, and the relay that takes our mail out. */
export async function checkMail(config: Config, domains: readonly string[], resolve: DnsResolver): Promise<Finding[]> {
  if (!domains.length) return [badIn(config, 'mail domains', 'No mail domain is hosted here.', 'Set HOSTED_DOMAINS, or run sundial domain add.'), await checkRelay(config)];
  const found = await Promise.all(domains.map((domain) => checkDomain(config, domain, resolve)));
  return [...found.flat(), await checkRelay(config)];
}

async function checkDomain(config: Config, domain: string, resolve: DnsResolver): Promise<Finding[]> {
  if (RESERVED.test(domain)) return [ok(`dns ${domain}`, 'A name for tests: no DNS has it, and mail for it stays on this server.')];
  const look = lookUp(resolve);
  const mx = await look(domain, 'MX');
  if (mx.problem) return [warn(`dns ${domain}`, `DNS did not answer (${mx.problem}), so MX, SPF, DKIM and DMARC were not looked at.`, 'Ask again where this machine has a network and a name server.')];
  const txt = async (name: string, start: string): Promise<string[]> =>
    (await look(name, 'TXT')).records.map((record) => (record as string[]).join('')).filter((text) => text.toLowerCase().startsWith(start));
  const hosts = (mx.records as { exchange: string; priority: number }[]).toSorted((a, b) => a.priority - b.priority).map((r) => r.exchange);
  const [spf, dmarc] = [await txt(domain, 'v=spf1'), await txt(`_dmarc.${domain}`, 'v=dmarc1')];
  return [
    hosts.length ? ok(`mx ${domain}`, `Mail goes to ${hosts.join(', ')}; that has to lead to this server's SMTP_PORT.`) : fail(`mx ${domain}`, 'There is no MX record, so no mail arrives.', `Publish: ${domain}. MX 10 <the name of this server>.`),
    spf.length === 1 ? ok(`spf ${domain}`, spf[0]!) : spf.length ? fail(`spf ${domain}`, 'There are two SPF records, which counts as none (RFC 7208, 4.5).', 'Join them into one.') : warn(`spf ${domain}`, 'There is no SPF record.', `Publish: ${domain}. TXT "v=spf1 <what sends for you: your relay's include> -all"`),
    await checkDkim(config, domain, txt),
    dmarc.length ? ok(`dmarc ${domain}`, dmarc[0]!) : warn(`dmarc ${domain}`, 'There is no DMARC record; large providers want one.', `Publish: _dmarc.${domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@${domain}"`),
  ];
}

/** The published key must be the one that signs, or every signature fails. */
async function checkDkim(config: Config, domain: string, txt: (name: string, start: string) => Promise<string[]>): Promise<Finding> {
  const check = `dkim ${domain}`;
  const key = config.smtp.dkimKeys.find((k) => k.domain.toLowerCase() === domain);
  if (!key) return warn(check, 'Mail of this domain leaves unsigned.', 'Make a key and name it in DKIM_KEYS; see docs/operation.md.');
  const name = `${key.selector}._domainkey.${domain}`;
  let own: string;
  try {
    own = createPublicKey(readFileSync(key.path)).export({ type: 'spki', format: 'der' }).toString('base64');
  } catch (error) {
    return fail(check, `The key ${key.path} cannot be read (${reasonOf(error)}).`, 'Set DKIM_KEYS to a private key in PEM form.');
  }
  const published = (await txt(name, 'v=dkim1'))[0];
  const todo = `Publish: ${name}. TXT "v=DKIM1; k=rsa; p=${own}"`;
  if (!published) return fail(check, `${name} is not published, so the signatures cannot be checked.`, todo);
  return /\bp=([^;]*)/.exec(published)?.[1]?.replace(/\s/g, '') === own ? ok(check, `${name} has the key that signs.`) : fail(check, `${name} has another key than the one that signs.`, todo);
}

interface Looked {
  readonly records: readonly unknown[];
  /** Set where DNS itself did not work; a name without such records has none. */
  readonly problem?: string;
}

const lookUp = (resolve: DnsResolver) => async (name: string, type: 'MX' | 'TXT'): Promise<Looked> => {
  try {
    return { records: await resolve(name, type) as unknown[] };
  } catch (error) {
    const { code = reasonOf(error) } = error as { code?: string };
    return ['ENOTFOUND', 'ENODATA'].includes(code) ? { records: [] } : { records: [], problem: code };
  }
};

/** Connects, speaks TLS and signs in as for a delivery, and sends nothing. */
async function checkRelay(config: Config): Promise<Finding> {
  if (!config.smtp.relayUrl) return warn('relay', 'No relay: mail to other domains comes back as undeliverable.', 'Set SMTP_RELAY_URL.');
  const relay = readRelay(config.smtp.relayUrl);
  const at = `${relay.host}:${relay.port}`;
  const connection = new SMTPConnection({
    host: relay.host, port: relay.port, secure: relay.secure, requireTLS: !relay.secure && relay.auth !== undefined,
    connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => {
        if (error) return reject(error);
        if (!relay.auth) return resolve();
        connection.login({ type: 'login', user: relay.auth.user, credentials: relay.auth } as never, (failed) => (failed ? reject(failed) : resolve()));
      });
    });
    connection.quit();
    return ok('relay', `${at} answers${relay.auth ? ' and takes the sign-in' : ''}.`);
  } catch (error) {
    connection.close();
    const isSignIn = (error as { code?: string }).code === 'EAUTH';
    return fail('relay', isSignIn ? `${at} refuses the sign-in.` : `${at} cannot be used (${reasonOf(error)}).`, isSignIn ? 'Set user and password in SMTP_RELAY_URL, percent-encoded.' : 'Check SMTP_RELAY_URL and the firewall; mail waits and is tried again meanwhile.');
  }
}
