import type { AuthRule, Principal, RequestFacts } from './operation.ts';

/**
 * Finds out who calls. Injected into the binder, because accounts and sessions are features above http.
 * Answers null where a `none` operation is called without credentials; throws 401 where they are wrong
 * or where the rule needs some.
 */
export interface Authenticator {
  (facts: RequestFacts, rule: AuthRule): Promise<Principal | null>;
}
