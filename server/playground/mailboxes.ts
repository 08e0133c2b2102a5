import { settingOf } from '../db/settings.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { accountById, type AccountRow } from '../features/accounts/queries.ts';
import type { Jwe } from '../lib/keyring.ts';
import type { Who } from './contract.ts';

/** The two people of the playground; which accounts they are changes with each Reset. */
export const MAILBOXES_SETTING = 'playground.mailboxes';

export interface PlaygroundMailbox {
  readonly account: AccountRow;
  readonly token: string;
}

export type KeptMailboxes = Readonly<Record<Who, { readonly accountId: number; readonly token: Jwe }>>;

/** Undefined before the seed. */
export async function findMailboxes(deps: Pick<Deps, 'db' | 'keys'>): Promise<Readonly<Record<Who, PlaygroundMailbox>> | undefined> {
  const kept = await settingOf(deps.db, MAILBOXES_SETTING) as KeptMailboxes | undefined;
  if (!kept) return undefined;
  const [you, buyer] = await Promise.all((['you', 'buyer'] as const).map(async (who) => {
    const account = await accountById(deps.db, kept[who].accountId);
    return account && { account, token: await deps.keys.decrypt(kept[who].token) };
  }));
  return you && buyer ? { you, buyer } : undefined;
}

export async function mailboxes(deps: Pick<Deps, 'db' | 'keys'>): Promise<Readonly<Record<Who, PlaygroundMailbox>>> {
  const found = await findMailboxes(deps);
  if (!found) throw new AppError('service.unavailable', 'The playground is being set up; try again in a moment.', { retryAfter: 1 });
  return found;
}
