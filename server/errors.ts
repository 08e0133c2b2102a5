/**
 * Every error that leaves the server, as one closed union of codes.
 *
 * The map is total by construction: a code that has no status does not compile, and a status cannot
 * exist without a code. Messages are written for the developer who reads them in a client's log:
 * they name the field or the thing, and say what would be right. They never hold a secret.
 */
export const STATUS_BY_CODE = {
  'request.invalid': 400,
  'returnurl.invalid': 400,
  'service.unsupported': 400,
  'notSupportedYet': 400,
  'page.invalid': 400,
  'unauthorized': 401,
  'token.dead': 401,
  'scope.missing': 403,
  'access.denied': 403,
  'policy.denied': 403,
  'notFound': 404,
  'thread.pending': 408,
  'conflict': 409,
  'name.taken': 409,
  'slot.taken': 409,
  'account.mismatch': 409,
  'idempotency.inProgress': 409,
  'token.notValid': 410,
  'etag.mismatch': 412,
  'payload.tooLarge': 413,
  'media.unsupported': 415,
  'idempotency.mismatch': 422,
  'rate.limited': 429,
  'internal': 500,
  'provider.failed': 502,
  'service.unavailable': 503,
  'provider.timeout': 504,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof STATUS_BY_CODE;

export interface AppErrorOptions {
  cause?: unknown;
  /** What a provider said, already free of secrets; goes to the client as `originalError`. */
  originalError?: Record<string, unknown>;
  /** Seconds; becomes the Retry-After header. */
  retryAfter?: number;
  /** Further members of the error body (the 409 of a lost slot carries `created` and `items`). */
  extra?: Record<string, unknown>;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly options: AppErrorOptions;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return STATUS_BY_CODE[this.code];
  }
}

export const notFound = (what: string): AppError => new AppError('notFound', `${what} was not found.`);

/** `field` is the path of the wrong value as the client wrote it, e.g. `to[0].address`. */
export const invalid = (field: string, problem: string): AppError =>
  new AppError('request.invalid', `${field}: ${problem}`, { extra: { field } });
