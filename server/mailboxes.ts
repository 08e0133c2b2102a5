import { resolve as resolveName } from 'node:dns/promises';
import type { Deps } from './deps.ts';
import { accountById, accountsByAddress, type AccountRow } from './features/accounts/queries.ts';
import { taskJobs } from './features/email/jobs.ts';
import { startSmtpIn, type SmtpIn } from './net/smtp-in.ts';
import { createSmtpOut } from './net/smtp-out.ts';
import { createHosted } from './providers/hosted/hosted.ts';
import type { DnsResolver, Mailbox } from './providers/provider.ts';
import { createProviders, type Providers } from './providers/registry.ts';

export interface Mailboxes {
  readonly providers: Providers;
  /** Starts inbound SMTP where the settings say; until then mail between own mailboxes waits in its queue. */
  listen(): Promise<SmtpIn>;
}

/** Connects the kinds of mailbox this server has, each with what it may use of the server and no more. */
export function connectMailboxes(deps: Omit<Deps, 'providers'>, options: { resolveDns?: DnsResolver } = {}): Mailboxes {
  const { config } = deps;
  const HOSTED = 'Hosted';
  // At a start the queue may run before the listener does; it waits instead of counting a failed attempt.
  const listening = Promise.withResolvers<number>();
  // A wildcard address is one to listen on, not one to dial.
  const ownHost = ['0.0.0.0', '::'].includes(config.smtp.host) ? '127.0.0.1' : config.smtp.host;
  const hosted = createHosted(deps.db, {
    clock: deps.clock,
    keys: deps.keys,
    log: deps.log,
    transport: createSmtpOut({
      own: async () => ({ host: ownHost, port: await listening.promise }),
      relayUrl: config.smtp.relayUrl,
      name: config.smtp.hostedDomains[0] ?? new URL(config.publicUrl).hostname,
    }),
    resolveDns: options.resolveDns ?? resolvePublic,
    hostedDomains: config.smtp.hostedDomains,
    dkimKeys: config.smtp.dkimKeys,
    emit: (trx, event) => deps.events.emit(trx, event),
    enqueue: (trx, task, payload, o) => deps.jobs.enqueue(trx, taskJobs[task], { serviceType: HOSTED, ...payload }, o),
    mailboxesByAddress: async (address) => (await accountsByAddress(deps.db, HOSTED, address)).map(toMailbox),
    mailboxById: async (id, trx) => {
      const account = await accountById(trx ?? deps.db, id);
      return account && toMailbox(account);
    },
  });
  return {
    providers: createProviders([hosted]),
    async listen() {
      const smtp = await startSmtpIn({
        host: config.smtp.host, port: config.smtp.port, domains: config.smtp.hostedDomains, receiver: hosted.inbound!, log: deps.log, tls: config.smtp.tls,
      });
      listening.resolve(smtp.port);
      return smtp;
    },
  };
}

const toMailbox = (account: AccountRow): Mailbox => ({ id: account.id, email: account.email, name: account.name, timezone: account.timezone });

/** Names that are reserved for tests and examples (RFC 6761, 2606) are nobody's: asking would only cost time. */
const RESERVED = /(^|\.)(test|example|invalid|localhost)$/i;

const resolvePublic: DnsResolver = async (name, type) => {
  if (RESERVED.test(name)) throw Object.assign(new Error(`${name} is reserved`), { code: 'ENOTFOUND' });
  return resolveName(name, type);
};
