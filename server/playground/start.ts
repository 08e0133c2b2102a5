import type { Deps } from '../deps.ts';
import { restoreClock } from './clock.ts';
import { seed } from './seed.ts';
import { playgroundOf } from './state.ts';
import { watchMailboxes } from './watch.ts';

/** Sets the playground up after HTTP and SMTP listen; answers how to stop what it listens to. */
export async function startPlayground(deps: Deps, smtpPort: number): Promise<() => void> {
  playgroundOf(deps).smtpPort = smtpPort;
  await restoreClock(deps);
  await seed(deps);
  return watchPlayground(deps);
}

const watching = new WeakMap<Deps, () => void>();

/** Listens to the mailboxes that exist now, and no longer to those before a Reset. */
export async function watchPlayground(deps: Deps): Promise<() => void> {
  const stop = await watchMailboxes(deps);
  unwatch(deps);
  watching.set(deps, stop);
  return () => unwatch(deps);
}

function unwatch(deps: Deps): void {
  watching.get(deps)?.();
  watching.delete(deps);
}
