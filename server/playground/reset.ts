import { transaction } from '../db/db.ts';
import type { Deps } from '../deps.ts';
import { removeAccount } from '../features/accounts/service.ts';
import { resetClock } from './clock.ts';
import { findMailboxes } from './mailboxes.ts';
import { seed } from './seed.ts';
import { watchPlayground } from './start.ts';
import { playgroundOf } from './state.ts';

/** Both mailboxes as on the first day, and the clock back at the wall clock. What belonged to the old accounts goes with them. */
export async function resetPlayground(deps: Deps): Promise<void> {
  const both = await findMailboxes(deps);
  if (both) {
    await transaction(deps.db, async (trx) => {
      for (const { account } of [both.you, both.buyer]) await removeAccount(trx, deps, account.id);
    });
  }
  await resetClock(deps);
  const state = playgroundOf(deps);
  state.reading = 'outlook';
  state.outOfOffice = { on: false };
  state.answered.clear();
  state.preloaded.clear();
  await seed(deps);
  await watchPlayground(deps);
  state.publish({ event: 'reset', data: {} });
}
