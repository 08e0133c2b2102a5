import type { RequestOf, ResponseOf, SundialContract } from '../server/contract.ts';
import { readEvents } from './events.ts';

/**
 * The only caller of fetch. `call('GET /v1/email/tracking', {...})`: method and path are a literal of
 * the contract, from which the compiler knows what goes in and what comes back; no table of operations
 * and no zod is in the bundle.
 */
type AnyOperation = { [F in keyof SundialContract]: SundialContract[F][keyof SundialContract[F]] }[keyof SundialContract];
type KeyOf<O> = O extends { method: infer M extends string; path: infer P extends string } ? `${Uppercase<M>} ${P}` : never;
export type OperationKey = KeyOf<AnyOperation>;
type OperationOf<K extends OperationKey> = K extends `${infer M} ${infer P}` ? Extract<AnyOperation, { method: Lowercase<M>; path: P }> : never;

/** Leaves out what the operation does not take; query alone may be left out where all of it is optional. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };
type Input<K extends OperationKey> = { [P in keyof Present<RequestOf<OperationOf<K>>> as P extends 'query' ? never : P]: Present<RequestOf<OperationOf<K>>>[P] }
  & (RequestOf<OperationOf<K>> extends { query: infer Q } ? undefined extends Q ? unknown : object extends Q ? { query?: Q } : { query: Q } : unknown);
/** What an operation answers. */
export type Output<K extends OperationKey> = ResponseOf<OperationOf<K>>;
type Args<K extends OperationKey> = object extends Input<K> ? [input?: Input<K>, options?: CallOptions] : [input: Input<K>, options?: CallOptions];

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What the server said, or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** A code of the server; `offline` without connection; `unknown` where a change may or may not have happened. */
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  /** The wrong field, as the request wrote it. */
  readonly field: string | undefined;
  /** Further members of the answer, such as the free times that come with `slot.taken`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 0, requestId?: string, field?: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.field = field;
    this.details = details;
  }
}

export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface Api {
  call<K extends OperationKey>(key: K, ...args: Args<K>): Promise<Output<K>>;
  /** The product's now as the playground has moved it. */
  playgroundTime(signal: AbortSignal): Promise<string>;
  /** Server-sent events by fetch, so that no token is in a URL; goes on after a break where it stopped, until aborted. */
  stream(path: string, onEvent: (event: StreamEvent) => void, signal: AbortSignal): Promise<void>;
}

export interface ApiOptions {
  readonly clientId: string;
  /** The identity token; `fresh` after the server refused the last one. Absent where nobody signs in: the booking page. */
  readonly token?: (fresh: boolean) => Promise<string>;
  readonly origin?: string;
  readonly fetch?: typeof fetch;
  /** Told when a call is refused even with a fresh token: the session has ended. */
  readonly onSignedOut?: () => void;
}

/** The server works on the first of two equal requests; asked again this often, a second apart. */
const IN_PROGRESS_TRIES = 5;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

export function createApi(options: ApiOptions): Api {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const origin = options.origin ?? '';

  async function request(method: string, path: string, body: unknown, extra: Record<string, string>, signal: AbortSignal | undefined): Promise<Response> {
    const attempt = async (token: string | undefined): Promise<Response> => {
      const headers: Record<string, string> = {
        ...(token ? { authorization: `Bearer ${token}`, 'x-aurinko-auth-type': 'exchangeIdToken', 'x-aurinko-client-id': options.clientId } : {}),
        ...extra,
      };
      if (body !== undefined) headers['content-type'] = 'application/json';
      try {
        return await send(`${origin}${path}`, { method, headers, credentials: 'omit', cache: 'no-store', ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) });
      } catch (error) {
        if (signal?.aborted) throw error;
        // A read or a preview that failed changed nothing; a write may have arrived before the line broke.
        if (method === 'GET' || signal || navigator.onLine === false) throw new ApiError('offline', 'Sundial’s server can’t be reached.');
        throw new ApiError('unknown', 'The connection broke before the server answered.');
      }
    };
    const token = await options.token?.(false);
    const first = await attempt(token);
    if (first.status !== 401 || !options.token) return first;
    // The token may have ended by its age; Exchange gives a new one then, and the same one else.
    const fresh = await options.token(true);
    return fresh === token ? first : attempt(fresh);
  }

  async function call<K extends OperationKey>(key: K, ...[input, callOptions]: Args<K>): Promise<Output<K>> {
    const [method, path] = key.split(' ') as [string, string];
    const parts = (input ?? {}) as { params?: Record<string, string | number>; query?: Record<string, unknown>; body?: unknown };
    const target = fill(path, parts.params) + search(parts.query);
    const response = method === 'POST' ? await post(target, parts.body, callOptions?.signal) : await request(method, target, parts.body, {}, callOptions?.signal);
    const text = await response.text();
    if (!response.ok) throw errorOf(response, text, options);
    return (text ? JSON.parse(text) : undefined) as Output<K>;
  }

  /**
   * Keys of requests of which nobody knows whether they had their effect. The same request again is the
   * same action tried again, so it goes out with the same key and the server does it once.
   */
  const unsettled = new Map<string, string>();

  async function post(path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
    const action = `${path} ${JSON.stringify(body)}`;
    const key = unsettled.get(action) ?? crypto.randomUUID();
    unsettled.set(action, key);
    for (let tries = 1; ; tries += 1) {
      const response = await request('POST', path, body, { 'idempotency-key': key }, signal).catch((error: unknown) => {
        // Only previews are called off, and they have no effect to repeat.
        if (signal?.aborted) unsettled.delete(action);
        throw error;
      });
      const inProgress = response.status === 409 && await codeOf(response) === 'idempotency.inProgress';
      if (inProgress && tries < IN_PROGRESS_TRIES) {
        await pause(RETRY_MS[0]!, signal);
        continue;
      }
      if (!inProgress && response.status < 500 && response.status !== 401) unsettled.delete(action);
      return response;
    }
  }

  async function stream(path: string, onEvent: (event: StreamEvent) => void, signal: AbortSignal): Promise<void> {
    let last: string | undefined;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const response = await request('GET', path, undefined, { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) }, signal);
        if (!response.ok || !response.body) {
          const error = errorOf(response, await response.text(), options);
          if (response.status < 500 && response.status !== 429) throw error;
        } else {
          failures = 0;
          for await (const event of readEvents(response.body)) {
            if (event.id !== undefined) last = event.id;
            if (event.data) onEvent({ event: event.event, data: JSON.parse(event.data) });
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
      }
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!, signal);
    }
  }

  async function playgroundTime(signal: AbortSignal): Promise<string> {
    const response = await request('GET', '/playground/api/clock', undefined, {}, signal);
    const text = await response.text();
    if (!response.ok) throw errorOf(response, text, options);
    return (JSON.parse(text) as { now: string }).now;
  }

  return { call, stream, playgroundTime };
}

function fill(path: string, params: Record<string, string | number> = {}): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

function search(query: Record<string, unknown> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : (Array.isArray(value) ? value : [value]).map((v): [string, string] => [name, String(v)]));
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
}

function errorOf(response: Response, text: string, options: ApiOptions): ApiError {
  let body: { code?: string; message?: string; requestId?: string; field?: string } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // A proxy's page instead of our answer; its status says enough.
  }
  const code = body.code ?? (response.status === 502 || response.status === 503 || response.status === 504 ? 'service.unavailable' : 'internal');
  if (response.status === 401) options.onSignedOut?.();
  return new ApiError(code, body.message ?? `The server answered ${response.status}.`, response.status, body.requestId ?? response.headers.get('x-request-id') ?? undefined, body.field, body);
}

/** Leaves the body for who reads it next. */
async function codeOf(response: Response): Promise<string | undefined> {
  return (await response.clone().json().catch(() => ({})) as { code?: string }).code;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
