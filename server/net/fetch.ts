import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, request, type Dispatcher } from 'undici';
import { AppError } from '../errors.ts';

/**
 * The one way out over HTTP. The address that is checked is the address that is dialled (the check
 * sits in the connector's look-up, so DNS that changes between check and dial gains nothing); https
 * only, no redirects, limits on time and size.
 */
export interface GuardedFetch {
  (url: string, options?: FetchOptions): Promise<FetchResult>;
}

export interface FetchOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for the whole exchange; 5,000 unless told. */
  readonly timeout?: number;
  /** Bytes of the answer; 262,144 unless told. */
  readonly maxBytes?: number;
}

export interface FetchResult {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

export interface EgressPolicy {
  /** Ranges in CIDR form that may be reached although they are private. */
  readonly allow: readonly string[];
  /** Exact URLs that may be plain http on loopback: the playground's own authority. */
  readonly plainHttp: readonly string[];
  /** How names are looked up: as the system does it, unless told. Asked once for each dial, and its answer is what is dialled. */
  readonly lookup?: (host: string, options: LookupAllOptions, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
}

export function createFetch(policy: EgressPolicy): GuardedFetch {
  const allowed = policy.allow.map((range) => ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${isIP(range) === 6 ? 128 : 32}`));
  const good = (address: string): boolean => isPublic(address) || allowed.some((r) => matches(address, r));
  const guarded = new Agent({ connect: { lookup: guardedLookup(good, policy.lookup ?? dnsLookup) }, maxRedirections: 0 } as Agent.Options);
  const local = new Agent();
  return async (url, options = {}) => {
    const plain = policy.plainHttp.includes(url);
    const target = new URL(url);
    if (target.protocol !== 'https:' && !plain) throw new AppError('provider.failed', `${target.protocol}//${target.host} was not called: only https is.`);
    // Who puts a password into an address would find it in logs, here and at the other side.
    if (target.username || target.password) throw new AppError('provider.failed', `${target.host} was not called: its address holds a user name or password.`);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // A literal address never reaches the connector's look-up.
    if (!plain && isIP(host) && !good(host)) throw refused(host);
    try {
      const answer = await request(target, {
        method: options.method ?? 'GET',
        headers: options.headers,
        body: options.body,
        dispatcher: plain ? local : guarded,
        signal: AbortSignal.timeout(options.timeout ?? 5000),
      });
      return { status: answer.statusCode, headers: answer.headers, body: await readAtMost(answer.body, options.maxBytes ?? 262_144) };
    } catch (error) {
      if (error instanceof AppError) throw error;
      const name = (error as Error).name;
      if (name === 'TimeoutError') throw new AppError('provider.timeout', `${target.host} did not answer in time.`, { cause: error });
      throw new AppError('provider.failed', `${target.host} could not be reached.`, { cause: error });
    }
  };
}

async function readAtMost(body: Dispatcher.ResponseData['body'], most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += (part as Buffer).length;
    if (size > most) {
      body.destroy();
      throw new AppError('provider.failed', `The answer is larger than ${most} bytes.`);
    }
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

const refused = (host: string): AppError => new AppError('provider.failed', `${host} is not a public address; EGRESS_ALLOW names the private ranges that may be called.`);

type Lookup = (host: string, options: object, done: (error: Error | null, address: string | LookupAddress[], family?: number) => void) => void;

function guardedLookup(good: (address: string) => boolean, lookup: NonNullable<EgressPolicy['lookup']>): Lookup {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const usable = addresses.filter((a) => good(a.address));
      if (!usable.length) return done(refused(host), []);
      if ((options as { all?: boolean }).all) return done(null, usable);
      done(null, usable[0]!.address, usable[0]!.family);
    });
  };
}

/** All that IANA has given to the public internet so far; outside it are also the old forms that hold an IPv4 address (::7f00:1). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * `unicast` excludes loopback, private, link-local, carrier-grade NAT, multicast, documentation, and the
 * forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64), whatever that address is.
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_IPV6));
}

function matches(address: string, [range, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean {
  const parsed = ipaddr.process(address);
  return parsed.kind() === range.kind() && parsed.match([range, bits] as never);
}
