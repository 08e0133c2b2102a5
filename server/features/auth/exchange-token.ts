import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { hashToken } from '../../lib/ids.ts';

/**
 * Exchange user identity tokens (learn.microsoft.com/office/dev/add-ins/outlook/validate-an-identity-token).
 *
 * The order is the point: size, shape and the exact allow-list come before any request leaves, because
 * the token itself names the address that its key comes from; whoever wrote the token chose it.
 */
export interface ExchangeIdentity {
  /** `appctx.amurl`: which Exchange says so. Identities of two of them never meet. */
  readonly metadataUrl: string;
  /** `appctx.msexchuid`: which mailbox of that Exchange. */
  readonly exchangeUid: string;
}

export interface ExchangeTokens {
  /** Throws 401 `unauthorized` with the rule that is broken, 502/504 where the key cannot be fetched. */
  verify(token: string): Promise<ExchangeIdentity>;
}

/** Where the development Exchange of the playground publishes its key. */
export const playgroundMetadataUrl = (config: Config): string | undefined =>
  config.mode === 'playground' ? `${config.publicUrl}/playground/exchange/autodiscover/metadata/json/1` : undefined;

/** What the playground's tokens are for: the add-in's page, as the manifest's first SourceLocation. */
export const playgroundAudience = (config: Config): string | undefined =>
  config.mode === 'playground' ? `${config.publicUrl}/addin/taskpane.html` : undefined;

/** Genuine tokens have 1 to 2 kB; what is larger is not worth a parser. */
const LONGEST_TOKEN = 16_384;
/** As Microsoft's own samples allow, on both sides. */
const SKEW_SECONDS = 300;
const METADATA_TTL_MS = 24 * 3_600_000;
/** A token with an unknown key makes us look again, but no more often than this. */
const REFETCH_MS = 5 * 60_000;
const MOST_CACHED_TOKENS = 10_000;

const Header = z.object({ typ: z.literal('JWT'), alg: z.literal('RS256'), x5t: z.string().regex(/^[\w-]{27}$/) });
const Seconds = z.union([z.number(), z.string().regex(/^\d{1,12}$/).transform(Number)]);
const AppContext = z.object({ msexchuid: z.string().min(1).max(320), version: z.string(), amurl: z.string().max(2048) });
const Claims = z.object({
  aud: z.string(),
  nbf: Seconds,
  exp: Seconds,
  // A JSON text on the wire, an object in Microsoft's documentation.
  appctx: z.union([AppContext, z.string().transform((text, context) => {
    try {
      return AppContext.parse(JSON.parse(text));
    } catch {
      context.addIssue('not the application context');
      return z.NEVER;
    }
  })]),
});
const Metadata = z.object({
  keys: z.array(z.object({
    keyinfo: z.object({ x5t: z.string() }),
    keyvalue: z.object({ type: z.string(), value: z.string() }),
  })),
});

interface KeySet {
  readonly byThumbprint: ReadonlyMap<string, KeyObject>;
  /** When this Exchange was last asked, whether it answered or not. */
  readonly askedAt: number;
  readonly freshUntil: number;
}

type Needs = Pick<Deps, 'config' | 'clock' | 'fetch'>;

const refuse = (problem: string, cause?: unknown): AppError => new AppError('unauthorized', `exchangeIdToken: ${problem}`, { cause });

/** One verifier for a server: the authenticator and the sign-in share its keys and what it has validated. */
const verifiers = new WeakMap<Config, ExchangeTokens>();

export function exchangeTokensOf(deps: Needs): ExchangeTokens {
  const known = verifiers.get(deps.config) ?? createExchangeTokens(deps);
  verifiers.set(deps.config, known);
  return known;
}

export function createExchangeTokens({ config, clock, fetch }: Needs): ExchangeTokens {
  const keySets = new Map<string, KeySet>();
  const fetching = new Map<string, Promise<KeySet>>();
  const validated = new Map<string, { identity: ExchangeIdentity; until: number }>();
  const allowed = new Set([...config.exchangeMetadataUrls, playgroundMetadataUrl(config)].filter((url) => url !== undefined));
  const audiences = new Set([...config.addinAudiences, playgroundAudience(config)].filter((url) => url !== undefined));

  return {
    async verify(token) {
      if (token.length > LONGEST_TOKEN) throw refuse(`is longer than ${LONGEST_TOKEN} characters.`);
      const hash = hashToken(token);
      const known = validated.get(hash);
      const now = clock.real().getTime();
      if (known && known.until > now) return known.identity;
      validated.delete(hash);

      const { x5t, claims } = parse(token);
      const { amurl, msexchuid, version } = claims.appctx;
      if (!allowed.has(amurl)) throw refuse('appctx.amurl is not one of EXCHANGE_METADATA_URLS.');
      if (version !== 'ExIdTok.V1') throw refuse('appctx.version is not ExIdTok.V1.');
      if (!audiences.has(claims.aud)) throw refuse('aud is not one of ADDIN_AUDIENCES.');
      if (now < (claims.nbf - SKEW_SECONDS) * 1000) throw refuse('is not valid yet (nbf).');
      const until = (claims.exp + SKEW_SECONDS) * 1000;
      if (now >= until) throw refuse('has expired (exp).');

      const key = await keyOf(amurl, x5t);
      await compactVerify(token, key, { algorithms: ['RS256'] }).catch((error: unknown) => {
        throw refuse('the signature does not match.', error);
      });
      const identity = { metadataUrl: amurl, exchangeUid: msexchuid };
      if (validated.size >= MOST_CACHED_TOKENS) validated.delete(validated.keys().next().value!);
      validated.set(hash, { identity, until });
      return identity;
    },
  };

  async function keyOf(url: string, x5t: string): Promise<KeyObject> {
    const now = clock.real().getTime();
    let set = keySets.get(url);
    if (!set || now >= set.freshUntil) set = await refresh(url, set);
    const key = set.byThumbprint.get(x5t);
    if (key) return key;
    if (now - set.askedAt >= REFETCH_MS) {
      const rolledOver = (await refresh(url, set)).byThumbprint.get(x5t);
      if (rolledOver) return rolledOver;
    }
    throw refuse('x5t is no key of this Exchange.');
  }

  /** Requests at the same moment share one fetch; a failure keeps the last good keys, tried again after a while. */
  async function refresh(url: string, last: KeySet | undefined): Promise<KeySet> {
    const running = fetching.get(url) ?? load(url).finally(() => fetching.delete(url));
    fetching.set(url, running);
    try {
      const set = await running;
      keySets.set(url, set);
      return set;
    } catch (error) {
      if (!last) throw error;
      const now = clock.real().getTime();
      const kept = { ...last, askedAt: now, freshUntil: Math.max(last.freshUntil, now + REFETCH_MS) };
      keySets.set(url, kept);
      return kept;
    }
  }

  async function load(url: string): Promise<KeySet> {
    const answer = await fetch(url, { headers: { accept: 'application/json' }, timeout: 4000, maxBytes: 262_144 });
    const metadata = Metadata.safeParse(answer.status === 200 ? jsonOrNothing(answer.body.toString()) : undefined);
    if (!metadata.success) throw new AppError('provider.failed', `${new URL(url).host} did not answer with an authentication metadata document.`);
    const byThumbprint = new Map<string, KeyObject>();
    for (const { keyinfo, keyvalue } of metadata.data.keys) {
      if (keyvalue.type !== 'x509Certificate') continue;
      const der = Buffer.from(keyvalue.value, 'base64');
      // The thumbprint is counted anew: a document that names a key by another's would let that one sign for it.
      const x5t = createHash('sha1').update(der).digest('base64url');
      if (x5t !== keyinfo.x5t) continue;
      const key = publicKeyOf(der);
      if (key) byThumbprint.set(x5t, key);
    }
    const now = clock.real().getTime();
    return { byThumbprint, askedAt: now, freshUntil: now + METADATA_TTL_MS };
  }
}

function parse(token: string): { x5t: string; claims: z.output<typeof Claims> } {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) throw refuse('is not three base64url parts.');
  const header = Header.safeParse(jsonOrNothing(Buffer.from(parts[0]!, 'base64url').toString()));
  if (!header.success) throw refuse(`header.${String(header.error.issues[0]?.path[0] ?? '')} is not what Exchange writes (typ JWT, alg RS256, x5t).`);
  const claims = Claims.safeParse(jsonOrNothing(Buffer.from(parts[1]!, 'base64url').toString()));
  if (!claims.success) throw refuse(`${claims.error.issues[0]?.path.join('.') || 'payload'} is missing or not of its form.`);
  return { x5t: header.data.x5t, claims: claims.data };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function publicKeyOf(der: Buffer): KeyObject | undefined {
  try {
    const key = new X509Certificate(der).publicKey;
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
