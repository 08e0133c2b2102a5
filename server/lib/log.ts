import { pino, type DestinationStream, type Logger } from 'pino';

/** Members that hold secrets wherever they stand; a line that wants one in it says so under another name. */
const REDACT = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.secret', '*.clientSecret', '*.accessToken'];
const DEEPEST_CAUSE = 3;

/** The process's log: JSON lines to `destination`, or standard output. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino({ level, redact: REDACT, serializers: { err: (error: unknown) => describe(error, 0) } }, ...(destination ? [destination] : []) as []);
}

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
