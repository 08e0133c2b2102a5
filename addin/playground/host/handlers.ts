import { answer } from './async.ts';
import { failed } from './failures.ts';

type Handler = (event: unknown) => void;

/** The handlers of one object (the mailbox, an item), by event type. */
export interface Handlers {
  addHandlerAsync(type: unknown, handler: unknown, ...rest: unknown[]): void;
  removeHandlerAsync(type: unknown, ...rest: unknown[]): void;
  raise(type: string, event: Record<string, unknown>): void;
}

export function handlers(known: readonly string[]): Handlers {
  const added = new Map<string, Set<Handler>>();
  const typeOf = (type: unknown): string => {
    if (typeof type === 'string' && known.includes(type)) return type;
    throw failed('InvalidParameterValueError', `${String(type)} is not an event of this object; it has ${known.join(', ')}.`);
  };
  return {
    addHandlerAsync(type, handler, ...rest) {
      if (typeof handler !== 'function') throw new TypeError('Sys.ArgumentException: handler must be a function.');
      answer(rest, () => {
        const set = added.get(typeOf(type)) ?? new Set();
        added.set(typeOf(type), set.add(handler as Handler));
      });
    },
    removeHandlerAsync(type, ...rest) {
      answer(rest, () => void added.delete(typeOf(type)));
    },
    raise(type, event) {
      for (const handler of added.get(type) ?? []) {
        try {
          handler({ type, ...event });
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}
