import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

/** What can go wrong with one call of Office.js. */
export type Trouble = 'throws' | 'fails' | 'hangs' | undefined;

export interface Completion {
  readonly options: { readonly allowEvent?: boolean } | undefined;
  readonly afterMs: number;
}

/** Classic Outlook's engine for events: the language, timers, fetch by absolute address and Office; nothing of a page. */
export interface EventRuntime {
  /** Raises the event; resolves when the handler completes it. Rejects if it never does, within 5 s. */
  raise(handler: 'onNewMessageCompose' | 'onMessageSend'): Promise<Completion>;
  /** How often handlers completed, over all. */
  completions(): number;
  readonly requests: string[];
}

export interface RuntimeOptions {
  readonly office: object;
  readonly troubleOf?: (call: string) => Trouble;
  /** The whole script as served; else the built file, as if served by this address. */
  readonly script?: string;
  readonly server?: string;
  readonly without?: readonly ('fetch' | 'setTimeout')[];
}

export const builtScript = (): string => readFileSync(join(import.meta.dirname, '../../dist/addin/launchevent.js'), 'utf8');

export function eventRuntime({ office, troubleOf = () => undefined, script, server = 'http://127.0.0.1:9', without = [] }: RuntimeOptions): EventRuntime {
  const handlers = new Map<string, (event: unknown) => void>();
  const requests: string[] = [];
  let count = 0;
  const globals: Record<string, unknown> = {
    Office: Object.assign(troubled(office, troubleOf) as object, { actions: { associate: (name: string, handler: (event: unknown) => void) => void handlers.set(name, handler) } }),
    setTimeout: (work: () => void, ms: number) => setTimeout(work, ms).unref(),
    fetch: (address: string, request: RequestInit) => {
      requests.push(`${request.method} ${new URL(address).pathname}`);
      return fetch(address, request);
    },
  };
  for (const name of without) delete globals[name];
  vm.runInNewContext(script ?? `var SUNDIAL = ${JSON.stringify({ publicUrl: server, clientId: 'test-client' })};\n${builtScript()}`, globals, { filename: 'launchevent.js' });
  return {
    requests,
    completions: () => count,
    raise: (name) => new Promise((resolve, reject) => {
      const began = performance.now();
      const timer = setTimeout(() => reject(new Error(`${name} was not completed within 5 s.`)), 5000);
      handlers.get(name)!({
        completed: (options: Completion['options']) => {
          count += 1;
          clearTimeout(timer);
          resolve({ options, afterMs: performance.now() - began });
        },
      });
    }),
  };
}

/** The same object whose calls get into trouble by their name, such as `context.mailbox.item.subject.getAsync`. */
function troubled<T extends object>(target: T, troubleOf: (call: string) => Trouble, path = ''): T {
  return new Proxy(target, {
    get(of, key) {
      const value = Reflect.get(of, key) as unknown;
      if (typeof key !== 'string') return value;
      const name = path ? `${path}.${key}` : key;
      if (typeof value === 'object' && value !== null) return troubled(value, troubleOf, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const trouble = troubleOf(name);
        if (trouble === 'throws') throw new Error(`${name} threw`);
        if (trouble === 'hangs') return undefined;
        const done = args.findLast((argument) => typeof argument === 'function') as ((result: unknown) => void) | undefined;
        if (trouble === 'fails') return done?.({ status: 'failed', error: { code: 5001, name: 'InternalError', message: name } });
        return (value as (...args: unknown[]) => unknown).apply(of, args);
      };
    },
  });
}
