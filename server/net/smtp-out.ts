import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { failpoint } from '../lib/failpoint.ts';
import type { DeliveryOutcome, Envelope, MailTransport } from '../providers/provider.ts';

export interface SmtpOutOptions {
  /** Where this server's own listener is, as soon as it listens. */
  readonly own: () => Promise<{ readonly host: string; readonly port: number }>;
  /** `smtp://user:password@host:port` or `smtps://...`; undefined where there is none. */
  readonly relayUrl: string | undefined;
  /** How this server names itself in EHLO. */
  readonly name: string;
  /** Milliseconds to wait for the far side to say something; five minutes unless told (RFC 5321, 4.5.3.2). */
  readonly silence?: number;
}

const CONNECT_MS = 20_000;
const SILENCE_MS = 5 * 60_000;

interface Far {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly own: boolean;
}

/** One connection for one recipient: an answer then is about exactly that recipient. */
export function createSmtpOut(options: SmtpOutOptions): MailTransport {
  const relay = options.relayUrl ? readRelay(options.relayUrl) : undefined;
  return {
    hasRelay: relay !== undefined,
    async deliver(route, envelope, source) {
      if (route === 'own') return attempt({ ...await options.own(), secure: false, own: true }, options, envelope, source);
      if (!relay) throw new Error('No relay is configured.');
      return attempt(relay, options, envelope, source);
    },
  };
}

export function readRelay(text: string): Far {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    own: false,
    ...(url.username ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } } : {}),
  };
}

interface SmtpFault extends Error {
  readonly responseCode?: number;
  readonly response?: string;
  readonly code?: string;
}

async function attempt(far: Far, { name, silence = SILENCE_MS }: SmtpOutOptions, envelope: Envelope, source: AsyncIterable<Uint8Array>): Promise<DeliveryOutcome> {
  const connection = new SMTPConnection({
    host: far.host, port: far.port, secure: far.secure, name,
    // Our own listener speaks on loopback, where TLS would only prove who we are to ourselves.
    ignoreTLS: far.own,
    // A password never travels in the clear, except to a relay on this very machine.
    requireTLS: !far.own && !far.secure && far.auth !== undefined && !isLoopback(far.host),
    connectionTimeout: CONNECT_MS, greetingTimeout: Math.min(CONNECT_MS, silence), socketTimeout: silence,
  });
  // Set once the last byte of the message was handed on: from there to the answer nobody knows who has it.
  let allRead = false;
  async function* watched(): AsyncGenerator<Uint8Array> {
    yield* source;
    allRead = true;
    await failpoint('smtp.beforeDot');
  }
  try {
    const response = await new Promise<string>((resolve, reject) => {
      connection.once('error', reject);
      connection.once('end', () => reject(new Error('the connection was closed')));
      const send = async (): Promise<void> => {
        await failpoint('smtp.rcpt');
        const body = Readable.from(watched());
        body.once('end', () => setImmediate(() => void failpoint('smtp.afterDot')));
        connection.send({ from: envelope.from, to: [envelope.to] }, body, (error, info) => {
          if (error || !info) reject(error ?? new Error('no answer'));
          else resolve(info.response ?? '250');
        });
      };
      connection.connect((error) => {
        if (error) return reject(error);
        if (!far.auth) return void send().catch(reject);
        connection.login({ type: 'login', user: far.auth.user, credentials: far.auth } as never, (failed) => void (failed ? reject(failed) : send().catch(reject)));
      });
    });
    await failpoint('smtp.answered');
    connection.quit();
    return { outcome: 'taken', response };
  } catch (error) {
    connection.close();
    return readFault(error as SmtpFault, allRead);
  }
}

/** 5xx is final, 4xx and every lost connection is not; without an answer after the whole message nothing is known. */
function readFault(fault: SmtpFault, allRead: boolean): DeliveryOutcome {
  const response = (fault.response ?? fault.message).replace(/\s+/g, ' ').slice(0, 1000);
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response)?.[0];
  const code = fault.responseCode;
  if (fault.code === 'EAUTH') return { outcome: 'postponed', response: 'The relay refused the sign-in of this server.', status: '4.7.8' };
  if (code !== undefined && code >= 500) return { outcome: 'refused', response, status: status?.startsWith('5') ? status : '5.0.0' };
  if (code !== undefined && code >= 400) return { outcome: 'postponed', response, status: status ?? '4.0.0' };
  if (allRead) return { outcome: 'unknown', response };
  return { outcome: 'postponed', response, status: '4.4.1' };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);
