import { PGlite } from '@electric-sql/pglite';

/** A socket may wait so long for the queries of others before the event loop turns; a single longer query it waits for as well. */
const LONGEST_TURN_MS = 15;

/**
 * PGlite answers within the call, so `await` on it never leaves the microtask queue: a chain of a thousand
 * short queries would hold the event loop as one long call does, and nobody would be answered meanwhile.
 * Here the loop turns in between. Whoever holds a transaction keeps holding it over the turn.
 */
export class TurnTakingPglite extends PGlite {
  #turnBegan: number | undefined;

  override async execProtocolRaw(...call: Parameters<PGlite['execProtocolRaw']>): ReturnType<PGlite['execProtocolRaw']> {
    // Again after the turn: of all who waited for it, only the first may find it fresh.
    while (performance.now() - this.#turn() > LONGEST_TURN_MS) await new Promise((resolve) => setImmediate(resolve));
    return super.execProtocolRaw(...call);
  }

  /** When the present turn of the loop began, as far as queries know. */
  #turn(): number {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now();
      setImmediate(() => {
        this.#turnBegan = undefined;
      });
    }
    return this.#turnBegan;
  }
}
