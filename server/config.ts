import { resolve } from 'node:path';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isReturnUrl, parseOrigin } from './lib/web-address.ts';

/**
 * The environment, parsed once. Every setting is optional; a wrong one stops the start with one line
 * that names it. `.env.example` lists them with their meaning.
 */
const list = z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean));
const flag = z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => ['true', '1', 'yes'].includes(text));
const port = z.coerce.number().int().min(0).max(65535);
export const mailDomain = z.string().regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i, 'a mail domain such as example.com is expected, international ones in their xn-- form');
const range = z.string().refine((text) => isIP(text) !== 0 || ipaddr.isValidCIDR(text), 'an address such as 10.0.0.1 or a range such as 10.20.0.0/16 is expected');
/** What the header of a proxy may come from; Express knows the three names. */
const proxy = z.union([z.enum(['loopback', 'linklocal', 'uniquelocal']), range], 'an address, a range such as 10.20.0.0/16, or loopback, linklocal or uniquelocal is expected');
const key = z.string().refine((text) => Buffer.from(text, 'base64url').length === 32, 'each key is 32 bytes in base64url');
const origin = z.string().refine((text) => parseOrigin(text) !== undefined, 'an origin such as https://app.example is expected, without a path').transform((text) => parseOrigin(text)!);
const returnUrl = z.string().refine(isReturnUrl, 'an absolute address without fragment, user name and wildcard is expected');
const httpUrl = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''));

const Environment = z.object({
  HOST: z.string().optional(),
  PORT: port.default(3000),
  PUBLIC_URL: httpUrl.optional(),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SUNDIAL_MODE: z.enum(['playground', 'production']).default('playground'),
  SUNDIAL_ROLE: z.enum(['all', 'web', 'worker']).default('all'),
  SUNDIAL_CLIENT_ID: z.string().min(1).optional(),
  SUNDIAL_CLIENT_SECRET: z.string().min(16).optional(),
  SUNDIAL_RETURN_URLS: list.pipe(z.array(returnUrl)).default([]),
  SUNDIAL_ORIGINS: list.pipe(z.array(origin)).default([]),
  SUNDIAL_SIGNING_SECRET: z.string().min(16).optional(),
  SUNDIAL_KEYS: list.pipe(z.array(key).min(1)).optional(),
  SMTP_PORT: port.default(2525),
  /** Paths of PEM files, both or none: STARTTLS. */
  SMTP_TLS_CERT: z.string().optional(),
  SMTP_TLS_KEY: z.string().optional(),
  SMTP_RELAY_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  HOSTED_DOMAINS: list.pipe(z.array(mailDomain)).default([]),
  EXCHANGE_METADATA_URLS: list.pipe(z.array(z.url())).default([]),
  ADDIN_AUDIENCES: list.pipe(z.array(z.url())).default([]),
  SUNDIAL_LINK_WITHOUT_REDEEM: flag.default(false),
  OFFICE_JS: z.enum(['cdn', 'local']).default('cdn'),
  /** Space-separated `domain:selector:path-to-pem`. */
  DKIM_KEYS: list.default([]),
  METRICS_TOKEN: z.string().min(16).optional(),
  ACCEPT_EMBEDDED_DATABASE: flag.default(false),
  TRUSTED_PROXIES: list.pipe(z.array(proxy)).default([]),
  EGRESS_ALLOW: list.pipe(z.array(range)).default([]),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface Config {
  readonly mode: 'playground' | 'production';
  /** `web`: HTTP and inbound SMTP, no jobs. `worker`: jobs, and of HTTP only health and metrics. Both want one Postgres. */
  readonly role: 'all' | 'web' | 'worker';
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. Where the outside reaches this server: pixels, links, forms. */
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly application: {
    readonly clientId: string | undefined;
    readonly clientSecret: string | undefined;
    readonly returnUrls: readonly string[];
    readonly origins: readonly string[];
    readonly signingSecret: string | undefined;
    readonly linkWithoutRedeem: boolean;
  };
  readonly keys: string | undefined;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly relayUrl: string | undefined;
    readonly hostedDomains: readonly string[];
    /** The certificate of inbound SMTP, as paths of PEM files. */
    readonly tls: { readonly cert: string; readonly key: string } | undefined;
    readonly dkimKeys: readonly { domain: string; selector: string; path: string }[];
  };
  readonly exchangeMetadataUrls: readonly string[];
  readonly addinAudiences: readonly string[];
  readonly officeJs: 'cdn' | 'local';
  readonly metricsToken: string | undefined;
  readonly acceptEmbeddedDatabase: boolean;
  readonly trustedProxies: readonly string[];
  readonly egressAllow: readonly string[];
  readonly logLevel: string;
}

/** Thrown for a wrong setting; its message is one line for the person who starts the server. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ConfigError(`Setting ${String(issue.path[0])} is wrong: ${issue.message}.`);
  }
  const e = parsed.data;
  const playground = e.SUNDIAL_MODE === 'playground';
  const host = e.HOST ?? (playground ? '127.0.0.1' : '0.0.0.0');
  if (playground && !['127.0.0.1', 'localhost', '::1'].includes(host)) {
    throw new ConfigError('Setting HOST is wrong: the playground binds to loopback only; use 127.0.0.1 or SUNDIAL_MODE=production.');
  }
  if (!playground) requireForProduction(e);
  if (e.SUNDIAL_ROLE !== 'all' && (playground || !e.DATABASE_URL)) {
    throw new ConfigError(`Setting SUNDIAL_ROLE is wrong: ${e.SUNDIAL_ROLE} is for several processes on one Postgres, so it needs production mode and DATABASE_URL; all is for one process.`);
  }
  const publicUrl = e.PUBLIC_URL ?? `http://${host === '::1' ? '[::1]' : host}:${e.PORT}`;
  return {
    mode: e.SUNDIAL_MODE,
    role: e.SUNDIAL_ROLE,
    host,
    port: e.PORT,
    publicUrl,
    dataDir: resolve(e.DATA_DIR),
    databaseUrl: e.DATABASE_URL,
    application: {
      clientId: e.SUNDIAL_CLIENT_ID,
      clientSecret: e.SUNDIAL_CLIENT_SECRET,
      returnUrls: e.SUNDIAL_RETURN_URLS,
      origins: e.SUNDIAL_ORIGINS,
      signingSecret: e.SUNDIAL_SIGNING_SECRET,
      linkWithoutRedeem: e.SUNDIAL_LINK_WITHOUT_REDEEM,
    },
    keys: e.SUNDIAL_KEYS?.join(' '),
    smtp: {
      host,
      port: e.SMTP_PORT,
      relayUrl: e.SMTP_RELAY_URL,
      hostedDomains: e.HOSTED_DOMAINS.length ? e.HOSTED_DOMAINS.map((d) => d.toLowerCase()) : playground ? ['playground.test'] : [],
      dkimKeys: e.DKIM_KEYS.map(parseDkimKey),
      tls: smtpTls(e),
    },
    exchangeMetadataUrls: e.EXCHANGE_METADATA_URLS,
    addinAudiences: e.ADDIN_AUDIENCES,
    officeJs: e.OFFICE_JS,
    metricsToken: e.METRICS_TOKEN,
    acceptEmbeddedDatabase: e.ACCEPT_EMBEDDED_DATABASE,
    trustedProxies: e.TRUSTED_PROXIES,
    egressAllow: e.EGRESS_ALLOW,
    logLevel: e.LOG_LEVEL,
  };
}

function requireForProduction(e: z.output<typeof Environment>): void {
  const missing = (['PUBLIC_URL', 'SUNDIAL_CLIENT_ID', 'SUNDIAL_CLIENT_SECRET', 'SUNDIAL_KEYS'] as const)
    .filter((name) => e[name] === undefined);
  if (missing.length) throw new ConfigError(`Production mode needs ${missing.join(', ')}.`);
  if (!e.DATABASE_URL && !e.ACCEPT_EMBEDDED_DATABASE) {
    throw new ConfigError('Production mode needs DATABASE_URL, or ACCEPT_EMBEDDED_DATABASE=true to accept that a power cut may lose what the embedded database answered.');
  }
  if (!e.PUBLIC_URL!.startsWith('https://')) throw new ConfigError('Setting PUBLIC_URL is wrong: production mode needs https.');
}

function smtpTls({ SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key }: z.output<typeof Environment>): Config['smtp']['tls'] {
  if (cert && key) return { cert, key };
  if (cert || key) throw new ConfigError(`Setting ${cert ? 'SMTP_TLS_KEY' : 'SMTP_TLS_CERT'} is missing: SMTP_TLS_CERT and SMTP_TLS_KEY go together.`);
  return undefined;
}

function parseDkimKey(entry: string): { domain: string; selector: string; path: string } {
  const [domain, selector, ...path] = entry.split(':');
  if (!domain || !selector || !path.length) throw new ConfigError(`Setting DKIM_KEYS is wrong: "${entry}" is not domain:selector:path.`);
  return { domain, selector, path: path.join(':') };
}
