import { reencrypt } from '../db/encrypted.ts';
import type { Command } from './command.ts';

export const keysCommands: readonly Command[] = [
  {
    name: 'keys reencrypt',
    summary: 'Encrypt what older keys of SUNDIAL_KEYS wrote anew with the newest, so that they can be taken away',
    takes: [],
    options: {},
    async run(cli) {
      const { db, keys } = await cli.deps();
      const done = await reencrypt(db, keys);
      const { rewritten, newest, older, missing, damaged } = done;
      const isDone = older + missing + damaged.length === 0;
      return {
        data: done,
        text: [
          `${rewritten} encrypted anew; ${newest} stand under the newest key now.`,
          ...(missing ? [`${missing} were written by a key that is not in SUNDIAL_KEYS: add it again behind the newest, and give this command again.`] : []),
          ...(damaged.length ? [`Not to be read with their key, so damaged: ${damaged.join('; ')}.`] : []),
          ...(older > damaged.length ? [`${older - damaged.length} were written by an older key meanwhile: every process needs the newest key in front. Restart them, and give this command again.`] : []),
          ...(isDone ? ['Nothing in the database needs the older keys any more. docs/operation.md says when to take them away.'] : []),
        ].join('\n'),
        failed: !isDone,
      };
    },
  },
];
