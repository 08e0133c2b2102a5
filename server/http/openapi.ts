import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { STATUS_BY_CODE, type ErrorCode } from '../errors.ts';
import { IDEMPOTENCY_KEY, idempotencyKey } from './idempotency.ts';
import type { AuthRule, Operation } from './operation.ts';
import { ApiRequestFailed } from './wire.ts';

const VERSION = '1.0.0';

/** OpenAPI 3.1 from the contracts; what is served, printed and held against the reference. */
export function openApiDocument(operations: readonly Operation[], serverUrl?: string): Record<string, unknown> {
  const paths: ZodOpenApiPathsObject = {};
  for (const op of operations) {
    if (op.hidden) continue;
    paths[op.path] = { ...paths[op.path], [op.method]: describe(op) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Sundial API', version: VERSION, description: 'The Aurinko v1 wire contract on a server of your own. What carries `x-sundial: true` is an addition.' },
    ...(serverUrl ? { servers: [{ url: serverUrl }] } : {}),
    paths,
    components: { securitySchemes },
  }) as unknown as Record<string, unknown>;
}

const securitySchemes = {
  AppAuth: { type: 'http', scheme: 'basic' },
  AccountToken: { type: 'http', scheme: 'bearer' },
  UserSessionCookie: { type: 'apiKey', in: 'cookie', name: 'AUR{APPID}' },
  UserSessionHeader: { type: 'apiKey', in: 'header', name: 'X-Aurinko-Session' },
  ClientIdHeader: { type: 'apiKey', in: 'header', name: 'X-Aurinko-Client-Id' },
  AccountIdHeader: { type: 'apiKey', in: 'header', name: 'X-Aurinko-Account-Id' },
  AuthTypeHeader: { type: 'apiKey', in: 'header', name: 'X-Aurinko-Auth-Type' },
  ExchangeIdToken: { type: 'http', scheme: 'bearer', bearerFormat: 'Exchange identity token (with X-Aurinko-Auth-Type: exchangeIdToken)' },
} as const;

const idempotencyHeader = {
  [IDEMPOTENCY_KEY]: idempotencyKey.optional().meta({
    description: 'Of your own choice, new for each request. Repeating the request with it within 24 hours answers the same and does nothing again (Idempotency-Replayed: true); an error frees it.',
    'x-sundial': true,
  }),
};
const IDEMPOTENCY_ERRORS = ['idempotency.inProgress', 'idempotency.mismatch'] as const satisfies ErrorCode[];

const session: Record<string, string[]>[] = [{ UserSessionCookie: [], ClientIdHeader: [] }, { UserSessionHeader: [] }, { ExchangeIdToken: [], AuthTypeHeader: [] }];
const security: Record<AuthRule, Record<string, string[]>[]> = {
  none: [],
  app: [{ AppAuth: [] }],
  user: session,
  account: [{ AccountToken: [] }, { AppAuth: [], AccountIdHeader: [] }, ...session],
};

function describe(op: Operation): ZodOpenApiOperationObject {
  const errors = new Set<ErrorCode>([...op.errors, ...(op.body || op.query ? ['request.invalid' as const] : []), ...(op.auth === 'none' ? [] : ['unauthorized' as const]), ...(op.scopes ? ['scope.missing' as const] : []), ...(op.idempotent ? IDEMPOTENCY_ERRORS : [])]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errors) byStatus.set(STATUS_BY_CODE[code], [...(byStatus.get(STATUS_BY_CODE[code]) ?? []), code]);
  return {
    operationId: op.operationId,
    tags: [op.tag],
    summary: op.summary,
    security: security[op.auth],
    ...(op.sundial ? { 'x-sundial': true } : {}),
    ...(op.scopes ? { 'x-scopes': op.scopes } : {}),
    requestParams: {
      ...(op.params ? { path: op.params } : {}),
      ...(op.query ? { query: op.query } : {}),
      ...(op.headers || op.idempotent ? { header: z.object({ ...op.headers?.shape, ...(op.idempotent ? idempotencyHeader : {}) }) } : {}),
    },
    ...(op.body ? { requestBody: { required: !op.bodyOptional, content: { [op.bodyKind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json']: { schema: op.body } } } } : {}),
    responses: {
      ...success(op),
      ...Object.fromEntries([...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [String(status), { description: codes.join(', '), content: { 'application/json': { schema: ApiRequestFailed } } }])),
    },
  } as ZodOpenApiOperationObject;
}

function success(op: Operation): Record<string, unknown> {
  const r = op.response;
  switch (r.kind) {
    case 'json': return { [r.status]: { description: 'ok', content: { 'application/json': { schema: r.schema } } } };
    case 'empty': return { [r.status]: { description: 'ok' } };
    case 'redirect': return { 303: { description: 'redirect' } };
    case 'page': return { 200: { description: 'a page', content: { 'text/html': { schema: { type: 'string' } } } } };
    case 'events': return { 200: { description: 'server-sent events', content: { 'text/event-stream': { schema: { type: 'string' } } } } };
    case 'bytes': return { 200: { description: 'ok', content: { [r.mediaType]: { schema: { type: 'string' } } } } };
  }
}
