import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';

/** A command of `sundial`. Its help is made of what stands here, so the two cannot differ. */
export interface Command {
  /** As typed, such as `app create`. */
  readonly name: string;
  readonly summary: string;
  /** The values that follow the name, in their order; all are needed. */
  readonly takes: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  readonly run: (cli: Cli, args: Args) => Promise<Outcome>;
}

export interface Option {
  readonly about: string;
  /** What stands for the value in the help; left out for a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
}

/** What a command may use. */
export interface Cli {
  readonly config: Config;
  /** Opens the database; with `jobs` also the queues, for what other features are to hear of. */
  deps(options?: { jobs?: boolean }): Promise<Deps>;
  /** One line from standard input, for what must not stand in a shell's history. */
  readLine(): Promise<string>;
}

export interface Args {
  readonly values: readonly string[];
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
}

export interface Outcome {
  /** For --json. */
  readonly data: unknown;
  /** For people. */
  readonly text: string;
  /** Something is not as it should be; the exit code says so. */
  readonly failed?: boolean;
}

/** What was typed is wrong; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Splits what follows the command's name; throws UsageError. */
export function readArgs(command: Command, argv: readonly string[]): Args {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, o]) => [name, { type: o.value ? 'string' as const : 'boolean' as const, multiple: o.multiple ?? false }]));
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. See sundial ${command.name} --help.`);
  }
  const { positionals, values } = parsed;
  if (positionals.length !== command.takes.length) throw new UsageError(`Usage: ${usage(command)}`);
  const given = values as Record<string, string | boolean | readonly string[] | undefined>;
  return {
    values: positionals,
    text: (name) => given[name] as string | undefined,
    texts: (name) => (given[name] ?? []) as readonly string[],
    flag: (name) => given[name] === true,
  };
}

const usage = (command: Command): string =>
  ['sundial', command.name, ...command.takes.map((t) => `<${t}>`), ...Object.entries(command.options).map(([name, o]) => `[--${name}${o.value ? ` <${o.value}>` : ''}]`)].join(' ');

export function helpOf(command: Command): string {
  const options = { ...command.options, json: { about: 'the answer as JSON' } } as Record<string, Option>;
  return [
    command.summary,
    '',
    `  ${usage(command)}`,
    '',
    ...table(Object.entries(options).map(([name, o]) => [`  --${name}${o.value ? ` <${o.value}>` : ''}`, `${o.about}${o.multiple ? ' (may be repeated)' : ''}`])),
  ].join('\n');
}

export function overview(commands: readonly Command[]): string {
  return [
    'sundial runs beside the server, on the same settings (.env). On the embedded database stop the server first.',
    '',
    ...table(commands.map((c) => [`  ${[c.name, ...c.takes.map((t) => `<${t}>`)].join(' ')}`, c.summary])),
    '',
    'Each takes --help and --json. Exit codes: 0 done, 1 refused or not in order, 2 typed wrongly.',
  ].join('\n');
}

/** Columns of equal width, as far as they have to be. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_cell, i) => Math.max(...rows.map((row) => row[i]!.length))) ?? [];
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ').trimEnd());
}
