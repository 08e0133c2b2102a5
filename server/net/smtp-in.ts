import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { databaseFault } from '../db/faults.ts';
import { newRequestId, traced } from '../lib/trace.ts';
import { SmtpRefusal, type MailReceiver } from '../providers/provider.ts';
import { countClients, SMTP_LIMITS, type SmtpLimits } from './smtp-limits.ts';

export interface SmtpInOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The domains whose mail ends here; lower case, international ones in their xn-- form. */
  readonly domains: readonly string[];
  readonly receiver: MailReceiver;
  readonly log: Logger;
  /** Paths of PEM files; with them STARTTLS is offered. */
  readonly tls?: SmtpCertificate | undefined;
  /** Bytes of one message; 50 MB unless told. */
  readonly maxSize?: number;
  readonly limits?: Partial<SmtpLimits>;
  /** Told how a message, or a recipient that was not taken, was answered. */
  readonly onAnswer?: (result: 'taken' | 'refused' | 'postponed') => void;
}

export interface SmtpCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface SmtpIn {
  readonly port: number;
  stop(): Promise<void>;
}

const MAX_SIZE = 50 * 1024 * 1024;
const CERTIFICATE_MS = 60 * 60_000;
/** AUTH: nobody signs in here, so there is no password to try. The rest are jokes of the library's. */
const UNUSED = ['AUTH', 'WIZ', 'SHELL', 'KILL'];

/**
 * Takes mail for the hosted domains and for nobody else: a recipient elsewhere is refused, signed in or
 * not, so there is no relay to abuse. The answer to DATA waits for the commit. Only CRLF.CRLF ends a
 * message: a lone CR or LF before or after the dot is a part of it, and smuggles no second one.
 */
export async function startSmtpIn(options: SmtpInOptions): Promise<SmtpIn> {
  const maxSize = options.maxSize ?? MAX_SIZE;
  const limits = { ...SMTP_LIMITS, ...options.limits };
  const clients = countClients(limits, (sessionId) => {
    for (const connection of server.connections) if (connection.id === sessionId) connection.send(421, '4.4.2 This connection has had its time');
  });
  const server = new SMTPServer({
    name: options.domains[0] ?? 'localhost',
    banner: 'Sundial',
    size: maxSize,
    disabledCommands: options.tls ? UNUSED : [...UNUSED, 'STARTTLS'],
    ...(options.tls ? readCertificate(options.tls) : {}),
    minVersion: 'TLSv1.2',
    authOptional: true,
    disableReverseLookup: true,
    maxClients: limits.clients,
    socketTimeout: limits.idle,
    closeTimeout: 5000,
    logger: false,
    onConnect(session, done) {
      answer(done, async () => clients.opened(session), options);
    },
    onClose(session) {
      clients.closed(session);
    },
    onRcptTo(address, session, done) {
      answer(done, async () => {
        if (session.envelope.rcptTo.length >= limits.recipients) throw new SmtpRefusal(452, '4.5.3', `No more than ${limits.recipients} recipients at once`);
        address.address = readRecipient(address.address, options.domains);
        const refusal = await refusalOf(address.address, options);
        if (refusal) throw clients.refused(session, refusal);
      }, options);
    },
    onData(stream, session, done) {
      answer(done, async () => {
        try {
          await options.receiver.take({
            from: session.envelope.mailFrom ? withAsciiDomain(session.envelope.mailFrom.address) : '',
            to: session.envelope.rcptTo.map((r) => r.address),
            source: within(stream, maxSize, () => clients.committing(session, true)),
            remoteAddress: session.remoteAddress,
            helo: heloOf(session),
            secure: session.secure,
          });
        } finally {
          clients.committing(session, false);
          // The far side goes on sending whatever we think of it; unread data would block its answer.
          stream.resume();
        }
      }, options, 'taken');
    },
  });
  // A client that breaks off, or speaks nonsense, is no fault of ours.
  server.on('error', (error: Error) => options.log.debug({ err: error }, 'smtp connection ended early'));
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const renewal = options.tls && setInterval(() => renewCertificate(server, options.tls!, options.log), CERTIFICATE_MS).unref();
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => {
      clearInterval(renewal);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Throws where the files are not a certificate and its key. */
export function readCertificate({ cert, key }: SmtpCertificate): { cert: Buffer; key: Buffer } {
  const files = { cert: readFileSync(cert), key: readFileSync(key) };
  createSecureContext(files);
  return files;
}

/** A renewed certificate is taken up without a restart; a broken one leaves the old one in use. */
function renewCertificate(server: SMTPServer, paths: SmtpCertificate, log: Logger): void {
  try {
    server.updateSecureContext(readCertificate(paths));
  } catch (error) {
    log.warn({ err: error }, 'the certificate for SMTP could not be read again; the old one stays');
  }
}

/** RFC 5321, 4.5.1: postmaster without a domain is the one of this server. The library shows international domains in Unicode. */
const readRecipient = (address: string, domains: readonly string[]): string =>
  address.toLowerCase() === 'postmaster' ? `postmaster@${domains[0] ?? 'localhost'}` : withAsciiDomain(address);

function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : `${address.slice(0, at + 1)}${domainToASCII(address.slice(at + 1)) || address.slice(at + 1)}`;
}

async function refusalOf(address: string, { domains, receiver }: SmtpInOptions): Promise<SmtpRefusal | undefined> {
  const domain = address.split('@').at(-1)?.toLowerCase() ?? '';
  if (!domains.includes(domain)) return new SmtpRefusal(550, '5.7.1', `Relaying denied: ${domain} is not a domain of this server`);
  if (!(await receiver.knows(address.toLowerCase()))) return new SmtpRefusal(550, '5.1.1', `${address} has no mailbox here`);
  return undefined;
}

async function* within(stream: SMTPServerDataStream, maxSize: number, whole: () => void): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    size += (part as Buffer).length;
    if (size > maxSize) throw new SmtpRefusal(552, '5.3.4', `The message is larger than ${maxSize} bytes`);
    yield part as Buffer;
  }
  whole();
}

const heloOf = (session: SMTPServerSession): string => session.hostNameAppearsAs || session.clientHostname || '';

/**
 * Runs a step and answers it; what is not a refusal of ours is a temporary fault, so that the sender tries
 * again. `success`: what is counted where it is taken; a recipient alone is nothing yet.
 */
function answer(done: (error?: (Error & { responseCode?: number }) | null) => void, step: () => Promise<void>, { log, onAnswer }: SmtpInOptions, success?: 'taken'): void {
  traced({ requestId: newRequestId() }, step).then(() => {
    if (success) onAnswer?.(success);
    done();
  }, (error: unknown) => {
    onAnswer?.(error instanceof SmtpRefusal && error.code >= 500 ? 'refused' : 'postponed');
    if (error instanceof SmtpRefusal) return done(Object.assign(new Error(error.message), { responseCode: error.code }));
    // A client that goes away in the middle of its message hears no answer, and is no fault of this server.
    if ((error as { code?: string }).code === 'ECONNECTION') log.debug({ err: error }, 'a client went away in the middle of a message');
    else log.error({ err: error }, 'an incoming message was put off');
    if (databaseFault(error) === 'full') return done(Object.assign(new Error('4.3.1 The server has no room left to store the message; try again later'), { responseCode: 452 }));
    done(Object.assign(new Error('4.3.0 The server cannot take the message now; try again later'), { responseCode: 451 }));
  });
}
