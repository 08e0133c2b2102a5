import { readArgs, type Outcome } from '../../server/cli/command.ts';
import { findCommand } from '../../server/cli/commands.ts';
import type { TestApp } from './app.ts';

/** Runs a command of the operator on the app's own parts, as the process does on its own; answers what --json prints. */
export function commandLine(app: TestApp, typed: { line?: string } = {}): (...words: string[]) => Promise<Outcome> {
  return async (...words) => {
    const found = findCommand(words);
    if (!found) throw new Error(`There is no command ${words.join(' ')}.`);
    return found.command.run({ config: app.deps.config, deps: async () => app.deps, readLine: async () => typed.line ?? '' }, readArgs(found.command, found.rest));
  };
}
