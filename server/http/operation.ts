import type { z } from 'zod';
import type { Trx } from '../db/db.ts';
import type { ErrorCode } from '../errors.ts';
import type { Scope } from '../lib/scopes.ts';

/**
 * One operation of the wire contract as one plain object. From it come the request's validation, the
 * handler's types, the add-in's client types and the OpenAPI document. Pure: nothing of node in here,
 * so that the add-in may import its types.
 */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path with `{name}` parameters, as the reference contract writes it. */
  readonly path: string;
  /** Further paths that answer the same (clients in the field leave out the /v1 prefix). */
  readonly aliases?: readonly string[];
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: AuthRule;
  /** The caller needs one of these; an account without authScopes has all of them. */
  readonly scopes?: readonly Scope[];
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** True where a request may come without a body and is then read as `{}`. */
  readonly bodyOptional?: boolean;
  /** `form`: application/x-www-form-urlencoded, for our own pages; JSON else. */
  readonly bodyKind?: 'form';
  /** Largest request body in bytes; 1 MB unless told. */
  readonly bodyLimit?: number;
  /** POSTs that create or send honour the Idempotency-Key header; their handlers answer what they settled. */
  readonly idempotent?: boolean;
  readonly response: ResponseShape;
  readonly errors: readonly ErrorCode[];
  /** An addition of Sundial's to the reference contract; becomes `x-sundial: true`. */
  readonly sundial?: true;
  /** Routes for people, not for clients: bound, but left out of the OpenAPI document. */
  readonly hidden?: true;
}

/**
 * Who may call. `none`: anybody. `app`: Basic with the application's id and secret. `account`: any of
 * the five ways that lead to one account. `user`: a session, or an Exchange identity that is linked.
 */
export type AuthRule = 'none' | 'app' | 'account' | 'user';

export type ResponseShape =
  | { readonly kind: 'json'; readonly status: number; readonly schema: z.ZodType }
  | { readonly kind: 'redirect' }
  | { readonly kind: 'page' }
  | { readonly kind: 'events' }
  | { readonly kind: 'empty'; readonly status: number }
  | { readonly kind: 'bytes'; readonly mediaType: string };

/** Keeps the literal types of an operation, so that handlers are typed by it. */
export const operation = <const O extends Operation>(o: O): O => o;

export const json = <const S extends z.ZodType>(schema: S, status = 200) => ({ kind: 'json', status, schema }) as const;

/** Who is calling, as the Authenticator found it. */
export interface Principal {
  readonly appId: number;
  /** Set for every `account` operation. */
  readonly accountId?: number;
  /** Set for every `user` operation, and where the account belongs to a user. */
  readonly userId?: string;
  /** Null: all scopes. */
  readonly scopes: readonly Scope[] | null;
  readonly via: 'basic' | 'bearer' | 'session' | 'cookie' | 'exchangeIdToken' | 'entraIdToken';
  /** The user session behind `session` and `cookie`, so that logout can end it. */
  readonly sessionId?: number;
}

export type AppPrincipal = Principal;
export type AccountPrincipal = Principal & { readonly accountId: number };
export type UserPrincipal = Principal & { readonly userId: string };

type PrincipalOf<A extends AuthRule> = A extends 'account' ? AccountPrincipal
  : A extends 'user' ? UserPrincipal
  : A extends 'app' ? AppPrincipal
  : Principal | null;

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What a handler gets: parsed input and who calls, never an Express object. */
export interface Call<O extends Operation> {
  readonly params: Parsed<O['params']>;
  readonly query: Parsed<O['query']>;
  readonly headers: Parsed<O['headers']>;
  readonly body: Parsed<O['body']>;
  readonly principal: PrincipalOf<O['auth']>;
  readonly request: RequestFacts;
  /** Of an `idempotent` operation: to be called in the transaction that has the effect, with the answer. */
  readonly settle: Settle<Body<O>>;
}

/**
 * Keeps the answer for whoever repeats the request with the same Idempotency-Key. It throws where the
 * request lost its key by being too slow, so that the transaction is rolled back and nothing happens twice.
 */
export type Settle<T> = <A extends T>(trx: Trx, answer: A) => Promise<Settled<A>>;

declare const settled: unique symbol;

/** An answer that went through `settle`; the compiler asks for it, so that no handler forgets. */
export type Settled<T> = T & { readonly [settled]: true };

/** Settles for a caller that has no key: nothing is kept. */
export const noKey = async <A>(_trx: Trx, answer: A): Promise<Settled<A>> => answer as Settled<A>;

export interface RequestFacts {
  readonly requestId: string;
  /** The client's address; a proxy's X-Forwarded-For counts only where TRUSTED_PROXIES names the proxy. */
  readonly ip: string;
  readonly userAgent: string;
  readonly origin: string | undefined;
  readonly rawHeaders: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** True over https, also behind a trusted proxy. */
  readonly secure: boolean;
}

type Body<O extends Operation> = O['response'] extends { kind: 'json'; schema: infer S }
  ? S extends z.ZodType ? z.input<S> : never
  : O['response'] extends { kind: 'empty' } ? void : never;

/** A handler answers the body alone, or a Reply (from reply.ts) where it needs cookies, a redirect or a page. */
export type Handler<O extends Operation> = (call: Call<O>) => Promise<O extends { readonly idempotent: true } ? Settled<Body<O>> : Body<O> | ReplyLike>;

/** Structural, so that this file needs nothing of node; http/reply.ts makes them. */
export interface ReplyLike {
  readonly reply: string;
}

export type Contract = Readonly<Record<string, Operation>>;

/** A feature's handlers: the compiler asks for exactly one for each operation. */
export type Handlers<C extends Contract> = { readonly [K in keyof C]: Handler<C[K]> };

/** What a client of the operation sends. */
export type RequestOf<O extends Operation> = {
  params: O['params'] extends z.ZodType ? z.input<O['params']> : undefined;
  query: O['query'] extends z.ZodType ? z.input<O['query']> : undefined;
  body: O['body'] extends z.ZodType ? z.input<O['body']> : undefined;
};

/** What a client of the operation gets. */
export type ResponseOf<O extends Operation> = O['response'] extends { kind: 'json'; schema: infer S }
  ? S extends z.ZodType ? z.output<S> : never
  : void;
