import type { Deps } from '../../deps.ts';
import { createExchangeTokens, type ExchangeTokens } from './exchange-token.ts';

/** One verifier for a server: its keys and validated tokens are shared by the authenticator and the sign-in. */
const verifiers = new WeakMap<object, ExchangeTokens>();

export function exchangeTokensOf(deps: Pick<Deps, 'config' | 'clock' | 'fetch'>): ExchangeTokens {
  const known = verifiers.get(deps.config);
  if (known) return known;
  const made = createExchangeTokens(deps);
  verifiers.set(deps.config, made);
  return made;
}
