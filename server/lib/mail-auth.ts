import { authenticate } from 'mailauth';

/** SPF, DKIM and DMARC as RFC 8601 names their results; `internal`: our own delivery, whose token was good. */
export interface Verdicts {
  readonly spf: string;
  readonly dkim: string;
  readonly dmarc: string;
  /** What the sender's domain asks for where DMARC fails: none, quarantine, reject. */
  readonly policy: string;
}

/** How a message came in. */
export interface Arrival {
  readonly ip: string;
  readonly helo: string;
  readonly sender: string;
  readonly mta: string;
}

/** Shaped as node's dns.promises.resolve. */
export type Resolver = (name: string, type: string) => Promise<unknown>;

/** Judges mail from outside; rejects where that cannot be done. A hostile body of some megabytes takes seconds of a processor. */
export async function authenticateMail(raw: Uint8Array, arrival: Arrival, resolver: Resolver): Promise<Verdicts> {
  const { spf, dkim, dmarc } = await authenticate(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    ...arrival, trustReceived: false, disableArc: true, disableBimi: true, resolver,
  } as Parameters<typeof authenticate>[1]);
  return {
    spf: resultOf(spf),
    dkim: dkim.results.some((r) => r.status.result === 'pass') ? 'pass' : (dkim.results[0]?.status.result ?? 'none'),
    dmarc: resultOf(dmarc),
    policy: (dmarc && 'policy' in dmarc && dmarc.policy) || 'none',
  };
}

const resultOf = (part: unknown): string => (part as { status?: { result?: string } } | false | undefined) && (part as { status?: { result?: string } }).status?.result || 'none';
