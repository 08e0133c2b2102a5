import { authenticateInThread } from '../../lib/mail-auth-thread.ts';
import { authenticateMail, type Arrival, type Verdicts } from '../../lib/mail-auth.ts';
import type { MailSource } from '../../lib/mime-reader.ts';
import type { ProviderDeps } from '../provider.ts';

export type { Verdicts };

const TIME_LIMIT_MS = 5000;
/** Up to here no body is dear to judge; a larger one gets a thread. */
const INLINE_BYTES = 64_000;
const LARGEST = 10_000_000;

/** Judges mail from outside. Never an obstacle: without an answer in time the verdict is temperror and the mail is there. */
export async function judge(deps: ProviderDeps, message: MailSource, envelope: { from: string; remoteAddress: string; helo: string; internal: boolean }): Promise<Verdicts> {
  const all = (result: string): Verdicts => ({ spf: result, dkim: result, dmarc: result, policy: 'none' });
  if (envelope.internal) return all('internal');
  if (message.size > LARGEST) return all('none');
  const arrival: Arrival = { ip: envelope.remoteAddress, helo: envelope.helo, sender: envelope.from, mta: deps.hostedDomains[0] ?? 'localhost' };
  const late = new Promise<Verdicts>((resolve) => setTimeout(() => resolve(all('temperror')), TIME_LIMIT_MS).unref());
  const check = (async () => {
    const parts: Uint8Array[] = [];
    for await (const part of message.pieces()) parts.push(part);
    const raw = Buffer.concat(parts);
    return raw.length > INLINE_BYTES ? authenticateInThread(raw, arrival, deps.resolveDns, TIME_LIMIT_MS) : authenticateMail(raw, arrival, deps.resolveDns);
  })().catch(() => all('temperror'));
  return Promise.race([check, late]);
}
