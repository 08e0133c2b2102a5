import { pino, type DestinationStream, type Logger } from 'pino';
import { currentTrace } from './lib/trace.ts';

/** A slip of a line's author must not put a credential into a file that many may read. */
const REDACT = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.secret', '*.clientSecret', '*.accessToken'];

/** The process's log: JSON lines, each with the requestId (and job) that it belongs to. */
export const createLogger = (level: string, to?: DestinationStream): Logger =>
  pino({ level, redact: REDACT, mixin: () => ({ ...currentTrace() }) }, ...(to ? [to] : []) as [DestinationStream]);
