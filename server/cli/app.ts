import { changeOrigins, changeReturnUrls, createApp, listApps, rotateSecret, type ListChange } from '../features/accounts/apps.service.ts';
import { table, type Args, type Command, type Option } from './command.ts';

const RETURN_URL: Option = { value: 'url', about: 'an exact address that a sign-in may return to', multiple: true };
const ORIGIN: Option = { value: 'origin', about: 'an exact origin that may call from a browser', multiple: true };

const changeOf = (args: Args): ListChange => ({ add: args.texts('add'), remove: args.texts('remove') });

export const appCommands: readonly Command[] = [
  {
    name: 'app create',
    summary: 'Make an application (a client of the API); its secrets are shown this once',
    takes: ['name'],
    options: { 'return-url': RETURN_URL, origin: ORIGIN },
    async run(cli, args) {
      const made = await createApp(await cli.deps(), args.values[0]!, { returnUrls: args.texts('return-url'), origins: args.texts('origin') });
      return { data: made, text: table([['client id', made.clientId], ['client secret', made.clientSecret], ['signing secret', made.signingSecret], ['', 'The secrets are shown this once and kept encrypted.']]).join('\n') };
    },
  },
  {
    name: 'app list',
    summary: 'List the applications',
    takes: [],
    options: {},
    async run(cli) {
      const apps = await listApps(await cli.deps());
      return { data: apps, text: table([['CLIENT ID', 'NAME', 'ACCOUNTS', 'MADE'], ...apps.map((a) => [a.clientId, a.name, String(a.accounts), `${a.createdAt.slice(0, 10)}${a.fromSettings ? ' (from the settings)' : ''}`])]).join('\n') };
    },
  },
  {
    name: 'app rotate-secret',
    summary: 'Give an application a new secret, shown this once; the old one ends at once',
    takes: ['client id'],
    options: { signing: { about: 'the secret that signs notifications, instead of the client secret' } },
    async run(cli, args) {
      const secret = await rotateSecret(await cli.deps(), args.values[0]!, args.flag('signing') ? 'signing' : 'client');
      return { data: { clientId: args.values[0], [args.flag('signing') ? 'signingSecret' : 'clientSecret']: secret }, text: secret };
    },
  },
  {
    name: 'app origins',
    summary: 'Show or change the origins that may call from a browser',
    takes: ['client id'],
    options: { add: ORIGIN, remove: { value: 'origin', about: 'take it off the list', multiple: true } },
    async run(cli, args) {
      const origins = await changeOrigins(await cli.deps(), args.values[0]!, changeOf(args));
      return { data: origins, text: origins.join('\n') || 'none' };
    },
  },
  {
    name: 'app return-urls',
    summary: 'Show or change the addresses that a sign-in may return to',
    takes: ['client id'],
    options: { add: RETURN_URL, remove: { value: 'url', about: 'take it off the list', multiple: true } },
    async run(cli, args) {
      const urls = await changeReturnUrls(await cli.deps(), args.values[0]!, changeOf(args));
      return { data: urls, text: urls.join('\n') || 'none' };
    },
  },
];
