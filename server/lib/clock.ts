/**
 * Time as a parameter. `now` is the product's clock: drips, bookings and mail dates follow it, and the
 * playground and tests may move it, forward only. `real` is the wall clock: tokens, sessions and rate
 * limits follow it, so that moving the playground's clock signs nobody out.
 */
export interface Clock {
  now(): Date;
  real(): Date;
}

export interface MovableClock extends Clock {
  /** Moves `now` forward; a negative step is an error, because what was sent cannot be unsent. */
  advance(milliseconds: number): void;
  /** How far `now` is ahead of `real`, in milliseconds. */
  offset(): number;
  /** Back to the wall clock; only the playground's Reset does this, after it cleared what was timed. */
  reset(): void;
}

export function createClock(offset = 0, real: () => Date = () => new Date()): MovableClock {
  let ahead = offset;
  return {
    now: () => new Date(real().getTime() + ahead),
    real,
    advance(milliseconds) {
      if (!(milliseconds >= 0)) throw new RangeError('The clock moves forward only.');
      ahead += milliseconds;
    },
    offset: () => ahead,
    reset() {
      ahead = 0;
    },
  };
}
