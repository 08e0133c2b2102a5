import type { HostFailure } from '../protocol.ts';
import { toFailure } from './failures.ts';

export interface AsyncResult {
  readonly status: 'succeeded' | 'failed';
  readonly value: unknown;
  readonly error: HostFailure | undefined;
  readonly asyncContext: unknown;
}

type Callback = (result: AsyncResult) => void;

export interface Trailing {
  readonly options: Readonly<Record<string, unknown>>;
  readonly callback: Callback | undefined;
  readonly asyncContext: unknown;
}

/**
 * Reads what follows a method's own parameters: `(options?, callback?)`, or `(callback, userContext)` as
 * the oldest methods have it. What is neither throws at once, as Outlook's library does.
 */
export function trailing(rest: readonly unknown[]): Trailing {
  const [first, second] = rest;
  if (rest.length > 2) throw new TypeError('Sys.ParameterCountException: parameter count mismatch.');
  if (typeof first === 'function') return { options: {}, callback: first as Callback, asyncContext: second };
  if (first !== undefined && first !== null && typeof first !== 'object') throw new TypeError('Sys.ArgumentException: options must be an object.');
  if (second !== undefined && second !== null && typeof second !== 'function') throw new TypeError('Sys.ArgumentException: callback must be a function.');
  const options = (first ?? {}) as Record<string, unknown>;
  return { options, callback: (second ?? undefined) as Callback | undefined, asyncContext: options.asyncContext };
}

/** Runs `work` and calls back later, never within the call itself. */
export function answer(rest: readonly unknown[], work: (options: Readonly<Record<string, unknown>>) => unknown): void {
  const { options, callback, asyncContext } = trailing(rest);
  Promise.resolve().then(() => work(options)).then(
    (value) => callback?.({ status: 'succeeded', value, error: undefined, asyncContext }),
    (error: unknown) => callback?.({ status: 'failed', value: undefined, error: toFailure(error), asyncContext }),
  ).catch((error: unknown) => {
    // An error in the add-in's own callback belongs to the add-in: it shows in its console.
    reportError(error);
  });
}
