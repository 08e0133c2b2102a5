import { accountCommands } from './account.ts';
import { appCommands } from './app.ts';
import type { Command } from './command.ts';
import { doctorCommand } from './doctor.ts';
import { domainCommands } from './domain.ts';
import { jobsCommands } from './jobs.ts';
import { keysCommands } from './keys.ts';

/** What an operator does that is not a request of a client. */
export const commands: readonly Command[] = [...appCommands, ...accountCommands, ...domainCommands, ...jobsCommands, ...keysCommands, doctorCommand];

/** The command that the words begin with, and what follows its name. */
export function findCommand(words: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  const command = commands.find(({ name }) => words.slice(0, name.split(' ').length).join(' ') === name);
  return command && { command, rest: words.slice(command.name.split(' ').length) };
}
