import { Readable } from 'node:stream';
import { authenticate } from 'mailauth';
import type { MailSource } from '../../lib/mime-reader.ts';
import type { ProviderDeps } from '../provider.ts';

/** SPF, DKIM and DMARC as RFC 8601 names their results; `internal`: our own delivery, whose token was good. */
export interface Verdicts {
  readonly spf: string;
  readonly dkim: string;
  readonly dmarc: string;
  /** What the sender's domain asks for where DMARC fails: none, quarantine, reject. */
  readonly policy: string;
}

const TIME_LIMIT_MS = 5000;
const LARGEST = 10_000_000;

/** Judges mail from outside. Never an obstacle: without an answer in time the verdict is temperror and the mail is there. */
export async function judge(deps: ProviderDeps, message: MailSource, envelope: { from: string; remoteAddress: string; helo: string; internal: boolean }): Promise<Verdicts> {
  const all = (result: string): Verdicts => ({ spf: result, dkim: result, dmarc: result, policy: 'none' });
  if (envelope.internal) return all('internal');
  if (message.size > LARGEST) return all('none');
  const late = new Promise<Verdicts>((resolve) => setTimeout(() => resolve(all('temperror')), TIME_LIMIT_MS).unref());
  const check = authenticate(Readable.from(message.pieces(), { objectMode: false }), {
    ip: envelope.remoteAddress,
    helo: envelope.helo,
    sender: envelope.from,
    mta: deps.hostedDomains[0] ?? 'localhost',
    trustReceived: false,
    disableArc: true,
    disableBimi: true,
    resolver: deps.resolveDns,
  } as Parameters<typeof authenticate>[1]).then(({ spf, dkim, dmarc }) => ({
    spf: resultOf(spf),
    dkim: dkim.results.some((r) => r.status.result === 'pass') ? 'pass' : (dkim.results[0]?.status.result ?? 'none'),
    dmarc: resultOf(dmarc),
    policy: (dmarc && 'policy' in dmarc && dmarc.policy) || 'none',
  }), () => all('temperror'));
  return Promise.race([check, late]);
}

const resultOf = (part: unknown): string => (part as { status?: { result?: string } } | false | undefined) && (part as { status?: { result?: string } }).status?.result || 'none';
