import { transaction } from '../db/db.ts';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { createHostedAccount } from '../features/accounts/hosted.service.ts';
import { accountsByAddress, appByClientId, firstApp, hostedAccounts, type AccountRow } from '../features/accounts/queries.ts';
import { removeAccount } from '../features/accounts/service.ts';
import { randomToken } from '../lib/ids.ts';
import { erasePerson } from '../personal/erase.ts';
import { exportPerson } from '../personal/export.ts';
import { table, UsageError, type Args, type Cli, type Command, type Option } from './command.ts';

const APP: Option = { value: 'client id', about: 'the application; left out, the first one' };
const YES: Option = { value: 'address', about: 'the address once more: this cannot be undone' };

/** The mailbox that the command names; with `jobs` what happens to it is heard of. */
async function requireMailbox(cli: Cli, args: Args, options?: { jobs: boolean }): Promise<{ deps: Deps; account: AccountRow }> {
  const deps = await cli.deps(options);
  const [account] = await accountsByAddress(deps.db, 'Hosted', args.values[0]!);
  if (!account) throw notFound(`A mailbox ${args.values[0]}`);
  return { deps, account };
}

function requireYes(args: Args): void {
  if (args.text('yes')?.toLowerCase() !== args.values[0]!.toLowerCase()) throw new UsageError(`This cannot be undone. If you mean it, add --yes ${args.values[0]}`);
}

export const accountCommands: readonly Command[] = [
  {
    name: 'account create',
    summary: 'Make a hosted mailbox; a password that is made for it is shown this once',
    takes: ['address'],
    options: {
      name: { value: 'name', about: 'how the person is called' },
      timezone: { value: 'zone', about: 'an IANA name such as Europe/Berlin; UTC where left out' },
      app: APP,
      'password-stdin': { about: 'read the password from standard input instead of making one' },
    },
    async run(cli, args) {
      const deps = await cli.deps();
      const app = args.text('app') === undefined ? await firstApp(deps.db) : await appByClientId(deps.db, args.text('app')!);
      if (!app) throw notFound(`An application with the client id ${args.text('app') ?? '(the first)'}`);
      const made = args.flag('password-stdin') ? undefined : randomToken(12);
      const email = args.values[0]!;
      const { accountId, accessToken } = await createHostedAccount(deps, {
        appId: app.id, email, password: made ?? await cli.readLine(), name: args.text('name'), timezone: args.text('timezone'),
      }, async (_trx, created) => created);
      return {
        data: { accountId, email, clientId: app.client_id, accessToken, ...(made ? { password: made } : {}) },
        text: table([['account', String(accountId)], ['address', email], ...(made ? [['password', made]] : []), ['access token', accessToken], ['', 'Password and token are shown this once.']]).join('\n'),
      };
    },
  },
  {
    name: 'account list',
    summary: 'List the accounts',
    takes: [],
    options: { domain: { value: 'domain', about: 'only those of this mail domain' } },
    async run(cli, args) {
      const accounts = await hostedAccounts((await cli.deps()).db, args.text('domain'));
      return {
        data: accounts.map((a) => ({ accountId: a.id, email: a.email, name: a.name, timezone: a.timezone, clientId: a.client_id, createdAt: a.created_at.toISOString() })),
        text: table([['ID', 'ADDRESS', 'NAME', 'MADE'], ...accounts.map((a) => [String(a.id), a.email, a.name, a.created_at.toISOString().slice(0, 10)])]).join('\n'),
      };
    },
  },
  {
    name: 'account delete',
    summary: 'Delete a mailbox with its mail, as the API does; links in mail that is out go on leading where they led',
    takes: ['address'],
    options: { yes: YES },
    async run(cli, args) {
      requireYes(args);
      const { deps, account } = await requireMailbox(cli, args, { jobs: true });
      await transaction(deps.db, (trx) => removeAccount(trx, deps, account.id));
      return { data: { accountId: account.id, deleted: true }, text: `${account.email} and its mail are deleted. account erase also removes what would stay of a deleted person.` };
    },
  },
  {
    name: 'account export',
    summary: 'Write all that is kept about the person of a mailbox into a new folder',
    takes: ['address'],
    options: { to: { value: 'folder', about: 'the folder to make; it must not exist yet' } },
    async run(cli, args) {
      const folder = args.text('to');
      if (folder === undefined) throw new UsageError('Say where to, with --to <folder>.');
      const { deps, account } = await requireMailbox(cli, args);
      const written = await exportPerson(deps, account.id, folder);
      return { data: { folder, ...written }, text: `${folder}: ${written.messages} messages, ${written.events} events, ${written.records} records. README.txt in it says what is what.` };
    },
  },
  {
    name: 'account erase',
    summary: 'Remove a mailbox and every trace of its person, also from queues and events',
    takes: ['address'],
    options: { yes: YES },
    async run(cli, args) {
      requireYes(args);
      const { deps, account } = await requireMailbox(cli, args);
      const { removed, left } = await erasePerson(deps, account.id);
      const others = Object.entries(left).map(([what, count]) => `${count} ${what}`);
      return {
        data: { accountId: account.id, removed, left },
        text: [
          `${account.email} is erased: ${removed} rows.`,
          ...(others.length ? [`What other people keep of their own names the address still: ${others.join(', ')}.`] : []),
          'Backups and log files keep what they hold until they are rotated.',
        ].join('\n'),
      };
    },
  },
];
