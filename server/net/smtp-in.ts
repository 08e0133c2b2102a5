import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { SmtpRefusal, type MailReceiver } from '../providers/provider.ts';

export interface SmtpInOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The domains whose mail ends here; lower case. */
  readonly domains: readonly string[];
  readonly receiver: MailReceiver;
  readonly log: Logger;
  /** Bytes of one message; 50 MB unless told. */
  readonly maxSize?: number;
}

export interface SmtpIn {
  readonly port: number;
  stop(): Promise<void>;
}

const MAX_SIZE = 50 * 1024 * 1024;
const MAX_RECIPIENTS = 100;
const MAX_CLIENTS = 200;

/**
 * Takes mail for the hosted domains and for nobody else: a recipient elsewhere is refused, signed in or
 * not, so there is no relay to abuse. The answer to DATA waits for the commit.
 */
export async function startSmtpIn(options: SmtpInOptions): Promise<SmtpIn> {
  const maxSize = options.maxSize ?? MAX_SIZE;
  const server = new SMTPServer({
    name: options.domains[0] ?? 'localhost',
    banner: 'Sundial',
    size: maxSize,
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    maxClients: MAX_CLIENTS,
    socketTimeout: 60_000,
    closeTimeout: 5000,
    logger: false,
    onRcptTo(address, session, done) {
      answer(done, async () => {
        if (session.envelope.rcptTo.length >= MAX_RECIPIENTS) throw new SmtpRefusal(452, '4.5.3', `No more than ${MAX_RECIPIENTS} recipients at once`);
        const domain = address.address.split('@').at(-1)?.toLowerCase() ?? '';
        if (!options.domains.includes(domain)) throw new SmtpRefusal(550, '5.7.1', `Relaying denied: ${domain} is not a domain of this server`);
        if (!(await options.receiver.knows(address.address.toLowerCase()))) throw new SmtpRefusal(550, '5.1.1', `${address.address} has no mailbox here`);
      }, options.log);
    },
    onData(stream, session, done) {
      answer(done, async () => {
        try {
          await options.receiver.take({
            from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
            to: session.envelope.rcptTo.map((r) => r.address),
            source: within(stream, maxSize),
            remoteAddress: session.remoteAddress,
            helo: heloOf(session),
          });
        } finally {
          // The far side goes on sending whatever we think of it; unread data would block its answer.
          stream.resume();
        }
      }, options.log);
    },
  });
  // A client that breaks off, or speaks nonsense, is no fault of ours.
  server.on('error', (error: Error) => options.log.debug({ err: error }, 'smtp connection ended early'));
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function* within(stream: SMTPServerDataStream, maxSize: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    size += (part as Buffer).length;
    if (size > maxSize) throw new SmtpRefusal(552, '5.3.4', `The message is larger than ${maxSize} bytes`);
    yield part as Buffer;
  }
}

const heloOf = (session: SMTPServerSession): string => session.hostNameAppearsAs || session.clientHostname || '';

/** Runs a step and answers it; what is not a refusal of ours is a temporary fault, so that the sender tries again. */
function answer(done: (error?: (Error & { responseCode?: number }) | null) => void, step: () => Promise<void>, log: Logger): void {
  step().then(() => done(), (error: unknown) => {
    if (error instanceof SmtpRefusal) return done(Object.assign(new Error(error.message), { responseCode: error.code }));
    // A client that goes away in the middle of its message hears no answer, and is no fault of this server.
    if ((error as { code?: string }).code === 'ECONNECTION') log.debug({ err: error }, 'a client went away in the middle of a message');
    else log.error({ err: error }, 'an incoming message was put off');
    done(Object.assign(new Error('4.3.0 The server cannot take the message now; try again later'), { responseCode: 451 }));
  });
}
