import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import selfsigned from 'selfsigned';
import { keepSetting, settingOf } from '../db/settings.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { playgroundAudience, playgroundMetadataUrl } from '../features/auth/exchange-token.ts';
import type { Handlers } from '../http/operation.ts';
import { authorityContract } from './authority.contract.ts';
import type { Jwe } from '../lib/keyring.ts';
import { requireOwnPage } from './guard.ts';

/**
 * An Exchange for development: it issues identity tokens in the form that Exchange Server puts on the
 * wire, and publishes its key in an authentication metadata document, so that the playground signs in by
 * the very path that production takes. The key is made at the first start and kept, encrypted.
 */
export interface ExchangeAuthority {
  /**
   * A token for eight hours, for one mailbox of this Exchange. `audience` is the add-in's address
   * (the playground's own unless told).
   */
  issueIdentityToken(options: { mailbox: string; audience?: string }): Promise<string>;
  /** The authentication metadata document. */
  metadata(): Record<string, unknown>;
}

/** Exchange's own principal, in every `iss`. */
const EXCHANGE = '00000002-0000-0ff1-ce00-000000000000';
const REALM = 'exchange.playground.test';
const LIFETIME_SECONDS = 8 * 3600;
const SETTING = 'playground.exchange';
const CERTIFICATE_YEARS = 20;

interface Kept {
  /** PKCS #8 PEM. */
  readonly privateKey: Jwe;
  /** Base64 DER. */
  readonly certificate: string;
}

type Needs = Pick<Deps, 'db' | 'keys' | 'config' | 'clock'>;

export async function openAuthority(deps: Needs): Promise<ExchangeAuthority> {
  const kept = (await settingOf(deps.db, SETTING) ?? await keepSetting(deps.db, SETTING, await createKey(deps))) as Kept;
  const key = createPrivateKey(await deps.keys.decrypt(kept.privateKey));
  const der = Buffer.from(kept.certificate, 'base64');
  const x5t = createHash('sha1').update(der).digest('base64url');
  const metadataUrl = playgroundMetadataUrl(deps.config);
  const audience = playgroundAudience(deps.config);
  if (!metadataUrl || !audience) throw new Error('The development Exchange runs in playground mode only.');
  return {
    issueIdentityToken: ({ mailbox, audience: aud = audience }) =>
      issue({ key, x5t, aud, metadataUrl, mailbox, now: Math.floor(deps.clock.real().getTime() / 1000) }),
    metadata: () => ({
      id: `_${guid('metadata')}`,
      version: '1.0',
      name: 'Exchange',
      realm: '*',
      serviceName: EXCHANGE,
      issuer: `${EXCHANGE}@*`,
      allowedAudiences: [`${EXCHANGE}@*`],
      keys: [{ usage: 'signing', keyinfo: { x5t }, keyvalue: { type: 'x509Certificate', value: kept.certificate } }],
      endpoints: [{ location: metadataUrl, protocol: 'OAuth2', usage: 'metadata' }],
    }),
  };
}

/** Names and order of the claims as Exchange writes them: `appctx` is JSON in a string, the times are numbers. */
async function issue(t: { key: KeyObject; x5t: string; aud: string; metadataUrl: string; mailbox: string; now: number }): Promise<string> {
  const claims = {
    iss: `${EXCHANGE}@${REALM}`,
    aud: t.aud,
    nbf: t.now,
    exp: t.now + LIFETIME_SECONDS,
    appctxsender: `${EXCHANGE}@${REALM}`,
    isbrowserhostedapp: 'True',
    appctx: JSON.stringify({ msexchuid: guid(t.mailbox.toLowerCase()), version: 'ExIdTok.V1', amurl: t.metadataUrl }),
  };
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: t.x5t })
    .sign(t.key);
}

async function createKey(deps: Needs): Promise<Kept> {
  const now = deps.clock.real();
  const notAfterDate = new Date(now);
  notAfterDate.setUTCFullYear(now.getUTCFullYear() + CERTIFICATE_YEARS);
  const made = await selfsigned.generate([{ name: 'commonName', value: 'Sundial development Exchange' }], { keySize: 2048, algorithm: 'sha256', notBeforeDate: now, notAfterDate });
  return {
    privateKey: await deps.keys.encrypt(made.private),
    certificate: new X509Certificate(made.cert).raw.toString('base64'),
  };
}

/** The same mailbox has the same id after every start, as in a real directory. */
function guid(name: string): string {
  const h = createHash('sha256').update(`${REALM}/${name}`).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** Mailboxes that the playground has seeded, with the passwords that its sign-in page fills in. */
interface SeededSignIn {
  readonly email: string;
}

export function authorityRoutes(deps: Deps): Handlers<typeof authorityContract> {
  let opened: Promise<ExchangeAuthority> | undefined;
  const authority = (): Promise<ExchangeAuthority> => (opened ??= openAuthority(deps));
  return {
    exchangeMetadata: async () => (await authority()).metadata(),

    exchangeToken: async ({ body, request }) => {
      requireOwnPage(deps, authorityContract.exchangeToken, request);
      const seeded = (await settingOf(deps.db, 'playground.signin') ?? []) as SeededSignIn[];
      const mailbox = seeded.find((s) => s.email.toLowerCase() === body.mailbox.toLowerCase());
      if (!mailbox) throw notFound(`The playground mailbox ${body.mailbox}`);
      return { token: await (await authority()).issueIdentityToken({ mailbox: mailbox.email }) };
    },
  };
}
