import { pino, type DestinationStream, type Logger } from 'pino';
import { currentTrace } from './lib/trace.ts';

/** A slip of a line's author must not put a credential into a file that many may read. */
const REDACT = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.secret', '*.clientSecret', '*.accessToken'];

const DEEPEST_CAUSE = 3;

/** The process's log: JSON lines, each with the requestId (and job) that it belongs to. */
export const createLogger = (level: string, to?: DestinationStream): Logger =>
  pino({ level, redact: REDACT, mixin: () => ({ ...currentTrace() }), serializers: { err: (error: unknown) => describe(error, 0) } }, ...(to ? [to] : []) as [DestinationStream]);

/**
 * Of an error its kind, code, message and stack, and of nothing else: database errors carry their
 * statement with all its values, mail errors the conversation, errors of ours what a client sent.
 */
function describe(error: unknown, depth: number): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, cause } = error as Error & { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: error.stack,
    ...(cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describe(cause, depth + 1) }),
  };
}
