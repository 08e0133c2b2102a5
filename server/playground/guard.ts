import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Call, Contract, Handlers, Operation } from '../http/operation.ts';

/**
 * Lets only the playground's own page in: the exact host of publicUrl (a foreign name that is rebound to
 * loopback carries its own), its exact origin where the browser names one, and no request that a browser
 * says another site began. What changes something must name its origin.
 */
export function requireOwnPage(deps: Pick<Deps, 'config'>, op: Operation, { rawHeaders, origin }: Call<Operation>['request']): void {
  const own = new URL(deps.config.publicUrl);
  const site = rawHeaders['sec-fetch-site'];
  const good = rawHeaders.host === own.host
    && (origin === undefined ? op.method === 'get' : origin === own.origin)
    && (site === undefined || site === 'same-origin' || (site === 'none' && op.method === 'get'));
  if (!good) throw new AppError('access.denied', `The playground answers its own page at ${own.origin} only.`);
}

/** Puts the check in front of every handler of the contract, so that none can forget it. */
export function guarded<C extends Contract>(deps: Pick<Deps, 'config'>, contract: C, handlers: Handlers<C>): Handlers<C> {
  const entries = Object.entries(contract).map(([name, op]) => {
    const handler = handlers[name] as (call: Call<Operation>) => Promise<unknown>;
    return [name, async (call: Call<Operation>) => {
      requireOwnPage(deps, op, call.request);
      return handler(call);
    }];
  });
  return Object.fromEntries(entries) as Handlers<C>;
}
