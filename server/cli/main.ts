import { createInterface } from 'node:readline/promises';
import { pino } from 'pino';
import { StartError, type Stops } from '../assemble.ts';
import { ConfigError, parseConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { KeyRingError } from '../lib/keyring.ts';
import { createLogger } from '../log.ts';
import { helpOf, overview, readArgs, UsageError, type Cli } from './command.ts';
import { commands, findCommand } from './commands.ts';
import { openDeps } from './open.ts';

/** `sundial <command>`: reads what was typed, runs it, prints the answer, and says by its exit code how it went. */
const argv = process.argv.slice(2);
const isJson = argv.includes('--json');
process.exitCode = await run(argv.filter((arg) => arg !== '--json')).catch(complain);

async function run(args: readonly string[]): Promise<number> {
  const wantsHelp = args.includes('--help') || args.includes('-h');
  const found = findCommand(args);
  if (!found) {
    const words = args.filter((arg) => !arg.startsWith('-'));
    if (words.length && !(wantsHelp && commands.some(({ name }) => name.startsWith(`${words[0]} `)))) throw new UsageError(`There is no command ${words.slice(0, 2).join(' ')}; sundial --help lists them.`);
    console.log(overview(words.length ? commands.filter(({ name }) => name.startsWith(`${words[0]} `)) : commands));
    return wantsHelp ? 0 : 2;
  }
  if (wantsHelp) {
    console.log(helpOf(found.command));
    return 0;
  }
  const { command, rest } = found;
  const parsed = readArgs(command, rest);
  const stops: Stops = [];
  const cli: Cli = {
    config: parseConfig(process.env),
    deps: (options = {}) => openDeps(cli.config, createLogger('error', pino.destination(2)), stops, options),
    readLine,
  };
  try {
    const { data, text, failed } = await command.run(cli, parsed);
    console.log(isJson ? JSON.stringify(data, null, 2) : text);
    return failed ? 1 : 0;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

function complain(error: unknown): number {
  const known = [UsageError, AppError, ConfigError, StartError, KeyRingError].some((kind) => error instanceof kind);
  const message = known ? (error as Error).message : String((error as Error).stack ?? error);
  console.error(isJson ? JSON.stringify({ error: message }) : message);
  return error instanceof UsageError ? 2 : 1;
}
