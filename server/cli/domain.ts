import { addDomain, removeDomain } from '../features/accounts/domains.ts';
import { hostedAccountsOf, storedDomains } from '../features/accounts/queries.ts';
import { mailDomain } from '../config.ts';
import { table, UsageError, type Command } from './command.ts';

function requireDomain(text: string): string {
  const parsed = mailDomain.safeParse(text);
  if (!parsed.success) throw new UsageError(`${text}: ${parsed.error.issues[0]!.message}.`);
  return parsed.data.toLowerCase();
}

export const domainCommands: readonly Command[] = [
  {
    name: 'domain add',
    summary: 'Host the mailboxes of a mail domain here, beside those of HOSTED_DOMAINS',
    takes: ['domain'],
    options: {},
    async run(cli, args) {
      const domain = requireDomain(args.values[0]!);
      const added = await addDomain(await cli.deps(), domain) && !cli.config.smtp.hostedDomains.includes(domain);
      return {
        data: { domain, added },
        text: `${domain} ${added ? 'is hosted here now; a running server takes its mail at once' : 'is hosted here already'}.\nIts MX record has to name this server; sundial doctor looks at that.`,
      };
    },
  },
  {
    name: 'domain list',
    summary: 'List the hosted mail domains',
    takes: [],
    options: {},
    async run(cli) {
      const deps = await cli.deps();
      const stored = new Set(await storedDomains(deps.db));
      const domains = await Promise.all(deps.domains.all.map(async (domain) => ({ domain, mailboxes: await hostedAccountsOf(deps.db, domain), from: cli.config.smtp.hostedDomains.includes(domain) ? 'HOSTED_DOMAINS' : 'domain add', stored: stored.has(domain) })));
      return { data: domains, text: table([['DOMAIN', 'MAILBOXES', 'FROM'], ...domains.map((d) => [d.domain, String(d.mailboxes), d.from])]).join('\n') };
    },
  },
  {
    name: 'domain remove',
    summary: 'No longer host a domain that domain add added; it must have no mailboxes left',
    takes: ['domain'],
    options: {},
    async run(cli, args) {
      const domain = requireDomain(args.values[0]!);
      await removeDomain(await cli.deps(), cli.config.smtp.hostedDomains, domain);
      return { data: { domain, removed: true }, text: `${domain} is no longer hosted here.` };
    },
  },
];
