import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseCookie, stringifySetCookie } from 'cookie';
import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import { databaseFault } from '../db/faults.ts';
import { AppError, invalid } from '../errors.ts';
import { newRequestId, traced } from '../lib/trace.ts';
import type { Authenticator } from './authenticator.ts';
import { setPageClass, type PageClass } from './headers.ts';
import { IDEMPOTENCY_REPLAYED, type Idempotency } from './idempotency.ts';
import type { Metrics } from './metrics.ts';
import { noKey, type Call, type Contract, type Handlers, type Operation, type Principal, type RequestFacts } from './operation.ts';
import { isReply, type Reply, type ServerSentEvent } from './reply.ts';

/**
 * The only file that knows Express: turns an operation and its handler into a route. Input is parsed
 * by the contract (tolerantly: unknown members ignored, null is absent, query texts converted by the
 * declared type), output is written in one of the Reply forms, errors in the one error form.
 */
export interface BinderDeps {
  readonly authenticate: Authenticator;
  readonly idempotency: Idempotency;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly frameOrigins: readonly string[];
  /** Tests hold each answer against its declared schema; production saves the time. */
  readonly validateResponses: boolean;
  /** Aborted when the server stops: streams, which never end by themselves, end then. */
  readonly stopping?: AbortSignal | undefined;
}

export function bindContract<C extends Contract>(router: Express | Router, contract: C, handlers: Handlers<C>, deps: BinderDeps): void {
  for (const [name, op] of Object.entries(contract)) {
    const handler = handlers[name] as (call: Call<Operation>) => Promise<unknown>;
    for (const path of [op.path, ...(op.aliases ?? [])]) {
      (router as Router)[op.method](expressPath(path), bodyParser(op), route(op, handler, deps));
    }
  }
}

const expressPath = (path: string): string => path.replace(/\{([^}]+)\}/g, ':$1');

function bodyParser(op: Operation): express.RequestHandler {
  const limit = op.bodyLimit ?? 1_000_000;
  if (op.bodyKind === 'form') return express.urlencoded({ limit, extended: false });
  if (!op.body) return (_req, _res, next) => next();
  const json = express.json({ limit, strict: false });
  return (req, res, next) => {
    const type = req.headers['content-type'];
    // A type that browsers send without asking first (text/plain, forms) must not pass for JSON.
    if (type && !/^application\/([\w.+-]+\+)?json\b/i.test(type) && req.headers['content-length'] !== '0') {
      return next(new AppError('media.unsupported', 'The body must be application/json.'));
    }
    json(req, res, next);
  };
}

function route(op: Operation, handler: (call: Call<Operation>) => Promise<unknown>, deps: BinderDeps): express.RequestHandler {
  return async (req, res, next) => {
    const started = performance.now();
    res.once('finish', () => {
      const ms = performance.now() - started;
      deps.metrics.httpRequests.observe({ operation: op.operationId, status: String(res.statusCode) }, ms / 1000);
      deps.log.info({ requestId: res.locals.requestId, operation: op.operationId, status: res.statusCode, ms: Math.round(ms) }, 'request');
    });
    try {
      const facts = requestFacts(req, res);
      const principal = await deps.authenticate(facts, op.auth);
      requireScope(op, principal);
      const call = {
        params: parsePart('', op.params, op.params ? textsByType(op.params, req.params as Request['query']) : undefined),
        query: parsePart('', op.query, op.query ? textsByType(op.query, req.query) : undefined),
        headers: parsePart('', op.headers, req.headers),
        body: op.body ? parsePart('', op.body, withoutNulls(req.body ?? (op.bodyOptional ? {} : undefined))) : undefined,
        principal,
        request: facts,
        settle: noKey,
      } as Call<Operation>;
      const { answer, replayed } = await deps.idempotency(op, call, handler);
      if (replayed) res.set(IDEMPOTENCY_REPLAYED, 'true');
      await write(op, isReply(answer) ? answer : undefined, answer, res, deps, facts);
    } catch (error) {
      next(error);
    }
  };
}

function requireScope(op: Operation, principal: Principal | null): void {
  if (!op.scopes?.length || !principal?.scopes) return;
  const has = principal.scopes;
  if (op.scopes.some((scope) => has.includes(scope))) return;
  throw new AppError('scope.missing', `This operation needs one of the scopes ${op.scopes.join(', ')}; the account has ${has.join(', ') || 'none'}.`);
}

export function requestFacts(req: Request, res: Response): RequestFacts {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  return {
    requestId: String(res.locals.requestId),
    ip: req.ip ?? '',
    userAgent: req.get('user-agent') ?? '',
    origin: req.get('origin'),
    rawHeaders: req.headers as Record<string, string | undefined>,
    cookies: parseCookie(req.headers.cookie ?? ''),
    signal: gone.signal,
    secure: req.secure,
  };
}

function parsePart(prefix: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('').replace(/^\./, '');
  throw invalid(prefix + (path || 'body'), problemOf(issue));
}

/** In the words of JSON, which has no `undefined`. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  const wanted = /^[aeiou]/.test(issue.expected) ? `an ${issue.expected}` : `a ${issue.expected}`;
  const received = /received (\w+)$/.exec(issue.message)?.[1];
  return received === undefined || received === 'undefined' ? `is missing; must be ${wanted}.` : `must be ${wanted}, not ${received}.`;
}

/** Deeper than any shape of the contract, and far from the end of the stack. */
const DEEPEST = 100;

/** Null is absent, also inside lists, as clients of the reference send it. No text of ours can be kept with half of a surrogate pair. */
function withoutNulls(value: unknown, path = '', depth = 0): unknown {
  if (depth > DEEPEST) throw invalid('body', `is nested deeper than ${DEEPEST} levels.`);
  if (Array.isArray(value)) return value.map((v, i) => withoutNulls(v, `${path}[${i}]`, depth + 1)).filter((v) => v !== undefined);
  if (value === null) return undefined;
  if (typeof value === 'string' && !value.isWellFormed()) throw invalid(path || 'body', 'has half of a surrogate pair; write the character whole.');
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, v]) => v !== null).map(([k, v]) => [k, withoutNulls(v, path ? `${path}.${k}` : k, depth + 1)] as const);
  return Object.fromEntries(entries);
}

/** Query and path values are texts; each is converted by the type that the contract declares for its name. */
function textsByType(schema: z.ZodObject, query: Request['query']): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const raw = query[name] ?? query[`${name}[]`];
    if (raw === undefined || raw === '') continue;
    if ([raw].flat().some((text) => String(text).includes('\0'))) throw invalid(name, 'must not contain U+0000.');
    out[name] = convert(innermost(field as z.ZodType), raw);
  }
  return out;
}

function convert(type: string, raw: unknown): unknown {
  if (type === 'array') {
    const texts = (Array.isArray(raw) ? raw : [raw]).map(String);
    return texts.flatMap((text) => text.split(/[\s,]+/)).filter(Boolean);
  }
  const text = Array.isArray(raw) ? raw.at(-1) : raw;
  if (type === 'number' && typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && typeof text === 'string') {
    if (/^(true|1|yes)$/i.test(text)) return true;
    if (/^(false|0|no)$/i.test(text)) return false;
  }
  return text;
}

/** The type name under optional, nullable and default. */
function innermost(schema: z.ZodType): string {
  const def = schema.def as unknown as { type: string; innerType?: z.ZodType };
  return def.innerType ? innermost(def.innerType) : def.type;
}

async function write(op: Operation, reply: Reply | undefined, body: unknown, res: Response, deps: BinderDeps, facts: RequestFacts): Promise<void> {
  if (res.destroyed) return;
  const setClass = (pageClass: PageClass): Response => {
    setPageClass(res, pageClass, { frameOrigins: deps.frameOrigins, secure: facts.secure });
    return res;
  };
  if (!reply) {
    setClass('api');
    if (op.response.kind === 'empty') return void res.status(op.response.status).end();
    if (op.response.kind !== 'json') throw new Error(`${op.operationId} must answer a Reply.`);
    if (deps.validateResponses) checkResponse(op, op.response.schema, body);
    return void res.status(op.response.status).json(body);
  }
  for (const cookie of reply.cookies ?? []) {
    res.append('Set-Cookie', stringifySetCookie({
      name: cookie.name,
      value: cookie.value ?? '',
      httpOnly: true,
      path: cookie.path ?? '/',
      sameSite: cookie.sameSite,
      secure: cookie.sameSite === 'none' || facts.secure,
      ...(cookie.value === undefined ? { maxAge: 0 } : cookie.maxAgeSeconds === undefined ? {} : { maxAge: cookie.maxAgeSeconds }),
    }));
  }
  switch (reply.reply) {
    case 'json':
      setClass('api').set(reply.headers ?? {});
      if (deps.validateResponses && op.response.kind === 'json' && reply.status < 300) checkResponse(op, op.response.schema, reply.body);
      return void res.status(reply.status).json(reply.body);
    case 'redirect':
      setClass('api').set(reply.headers ?? {});
      return void res.status(reply.status).set('Location', reply.location).end();
    case 'page':
      // Pages are for people: no script of another site reads what a form carries.
      res.removeHeader('Access-Control-Allow-Origin');
      res.removeHeader('Access-Control-Allow-Credentials');
      setClass(reply.pageClass).set(reply.headers ?? {});
      return void res.status(reply.status).type('html').send(reply.html);
    case 'bytes':
      setClass(reply.pageClass ?? 'download').set(reply.headers ?? {});
      res.status(reply.status).set('Content-Type', reply.mediaType);
      if (reply.body instanceof Uint8Array) return void res.end(reply.body);
      return writePieces(reply.body, res);
    case 'events':
      setClass('api').set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      return writeEvents(reply.source, res, deps);
  }
}

/**
 * What fails before the first piece is answered as an error. What fails later cuts the answer off, so that nobody
 * takes a part of it for the whole. Pieces are read as the client takes them.
 */
async function writePieces(source: AsyncIterable<Uint8Array>, res: Response): Promise<void> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    if (res.req.fresh) {
      res.removeHeader('Content-Type');
      return void res.status(304).end();
    }
    const first = await pieces.next();
    if (res.req.method === 'HEAD') return void res.end();
    async function* all(): AsyncGenerator<Uint8Array> {
      for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value;
    }
    // In bytes: as objects, sixteen pieces would wait for the client.
    await pipeline(Readable.from(all(), { objectMode: false }), res);
  } catch (error) {
    // An error is not what the tag stands for.
    if (!res.headersSent) res.removeHeader('ETag');
    // The client went away: nobody is left to be told.
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    await pieces.return?.();
  }
}

function checkResponse(op: Operation, schema: z.ZodType, body: unknown): void {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Error(`${op.operationId} answers what its contract does not allow: ${z.prettifyError(parsed.error)}`);
}

const HEARTBEAT_MS = 20_000;
/** Bytes of events that a client has not read; then it is cut and may come again with Last-Event-ID. */
const MOST_UNREAD = 1024 * 1024;

async function writeEvents(source: AsyncIterable<ServerSentEvent>, res: Response, { stopping, metrics }: BinderDeps): Promise<void> {
  res.status(200).flushHeaders();
  res.write(': open\n\n');
  // Proxies close a connection that is silent for a minute.
  const heartbeat = setInterval(() => res.write(': alive\n\n'), HEARTBEAT_MS);
  // Ended, not cut: the client reads an end and comes again. Its source hears of it by the request's signal.
  const stop = (): void => {
    clearInterval(heartbeat);
    res.end();
  };
  if (stopping?.aborted) stop();
  stopping?.addEventListener('abort', stop);
  metrics.streams.inc();
  try {
    for await (const event of source) {
      if (res.writableEnded) break;
      const id = event.id === undefined ? '' : `id: ${event.id}\n`;
      if (res.writableLength > MOST_UNREAD) {
        res.destroy();
        break;
      }
      res.write(`${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    }
  } finally {
    metrics.streams.dec();
    stopping?.removeEventListener('abort', stop);
    stop();
  }
}

/** Gives each request its id, which every answer and log line of it carries. */
export const requestIds: express.RequestHandler = (_req, res, next) => {
  const requestId = newRequestId();
  res.locals.requestId = requestId;
  res.set('X-Request-Id', requestId);
  traced({ requestId }, next);
};

/** The last handler: every error leaves in the one form, and what is not ours says nothing of its inside. */
export function errorHandler(log: Logger): express.ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, next: NextFunction) => {
    const known = toAppError(error);
    const requestId = String(res.locals.requestId);
    // What a dependency cannot do now is not a fault of this server's own; it needs no stack.
    if (known.code === 'internal') log.error({ err: error, requestId, method: req.method, path: req.route?.path }, 'request failed');
    else if (known.status >= 500) log.warn({ code: known.code, cause: causeOf(known), requestId, path: req.route?.path }, known.message);
    // Not its message and not the path: either may repeat what the client sent, and codes stand in paths.
    else log.debug({ code: known.code, field: known.options.extra?.field, requestId, method: req.method, path: req.route?.path }, 'request refused');
    if (res.headersSent) return next(error);
    if (known.options.retryAfter !== undefined) res.set('Retry-After', String(known.options.retryAfter));
    // A browser answers a Basic challenge to a page's script with a password prompt of its own.
    if (known.status === 401) res.set('WWW-Authenticate', req.headers['sec-fetch-mode'] ? 'Bearer' : 'Bearer, Basic realm="Sundial"');
    setPageClass(res, 'api', { frameOrigins: [], secure: req.secure });
    res.status(known.status).json({
      code: known.code,
      message: known.message,
      requestId,
      ...(known.options.originalError ? { originalError: known.options.originalError } : {}),
      ...known.options.extra,
    });
  };
}

/** In one line, without the statement and its parameters. */
const causeOf = ({ options: { cause } }: AppError): string | undefined => (cause instanceof Error ? ((cause.cause instanceof Error ? cause.cause : cause) as Error).message.slice(0, 200) : undefined);

/** What Postgres says of a text that no column can hold: character_not_in_repertoire, untranslatable_character. */
const UNSTORABLE = new Set(['22021', '22P05']);

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const fault = databaseFault(error);
  if (fault === 'full') return new AppError('service.unavailable', 'The server has no room left to store anything; its operator must make some. Nothing of this request was stored.', { cause: error, retryAfter: 60 });
  if (fault === 'away') return new AppError('service.unavailable', 'The server cannot reach its database now; ask again.', { cause: error, retryAfter: 5 });
  const { type, code, status, expose } = error as { type?: string; code?: string; status?: number; expose?: boolean };
  if (code !== undefined && UNSTORABLE.has(code)) return new AppError('request.invalid', 'A text of the request has a character that cannot be kept: U+0000, or half of a surrogate pair.', { cause: error });
  if (type === 'entity.too.large' || type === 'parameters.too.many') return new AppError('payload.tooLarge', 'The body is larger than this operation takes.');
  if (type === 'entity.parse.failed') return new AppError('request.invalid', 'body: not valid JSON.');
  if (type?.startsWith('encoding.') || type?.startsWith('charset.')) return new AppError('media.unsupported', 'The body must be JSON in UTF-8.');
  // What is left of the body parsers' own: a body that is not compressed as it says, or is cut short.
  if ((expose && status !== undefined && status < 500) || error instanceof URIError) return new AppError('request.invalid', 'The request could not be read.');
  return new AppError('internal', 'Something failed on the server.', { cause: error });
}
