import { resolve as resolveName } from 'node:dns/promises';
import type { Deps } from './deps.ts';
import { accountById, accountsByAddress, type AccountRow } from './features/accounts/queries.ts';
import { taskJobs } from './features/email/jobs.ts';
import { startSmtpIn, type SmtpIn } from './net/smtp-in.ts';
import { createSmtpOut } from './net/smtp-out.ts';
import { createHosted } from './providers/hosted/hosted.ts';
import type { DnsResolver, Mailbox, MailTransport } from './providers/provider.ts';
import { createProviders, type Providers } from './providers/registry.ts';

export interface Mailboxes {
  readonly providers: Providers;
  /**
   * Starts inbound SMTP where the settings say, or at `where`; until then mail between own mailboxes waits
   * in its queue.
   */
  listen(where?: { readonly host: string; readonly port: number }): Promise<SmtpIn>;
}

/** Connects the kinds of mailbox this server has, each with what it may use of the server and no more. */
export function connectMailboxes(deps: Omit<Deps, 'providers'>, options: { resolveDns?: DnsResolver } = {}): Mailboxes {
  const { config } = deps;
  const HOSTED = 'Hosted';
  // At a start the queue may run before the listener does; it waits instead of counting a failed attempt.
  const listening = Promise.withResolvers<{ host: string; port: number }>();
  const hosted = createHosted(deps.db, {
    clock: deps.clock,
    keys: deps.keys,
    log: deps.log,
    transport: counted(deps, createSmtpOut({
      own: () => listening.promise,
      relayUrl: config.smtp.relayUrl,
      name: deps.domains.all[0] ?? new URL(config.publicUrl).hostname,
    })),
    resolveDns: options.resolveDns ?? resolvePublic,
    get hostedDomains() {
      return deps.domains.all;
    },
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
    async listen({ host, port } = config.smtp) {
      const smtp = await startSmtpIn({
        host, port, receiver: hosted.inbound!, log: deps.log, tls: config.smtp.tls,
        get domains() {
          return deps.domains.all;
        },
        onAnswer: (result) => deps.metrics.mailIn.inc({ result }),
      });
      // A wildcard address is one to listen on, not one to dial.
      listening.resolve({ host: ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host, port: smtp.port });
      return smtp;
    },
  };
}

const counted = ({ metrics }: Pick<Deps, 'metrics'>, transport: MailTransport): MailTransport => ({
  hasRelay: transport.hasRelay,
  async deliver(route, envelope, source) {
    const answer = await transport.deliver(route, envelope, source);
    metrics.mailOut.inc({ route, result: answer.outcome });
    return answer;
  },
});

const toMailbox = (account: AccountRow): Mailbox => ({ id: account.id, email: account.email, name: account.name, timezone: account.timezone });

/** Names that are reserved for tests and examples (RFC 6761, 2606) are nobody's: asking would only cost time. */
const RESERVED = /(^|\.)(test|example|invalid|localhost)$/i;

const resolvePublic: DnsResolver = async (name, type) => {
  if (RESERVED.test(name)) throw Object.assign(new Error(`${name} is reserved`), { code: 'ENOTFOUND' });
  return resolveName(name, type);
};
