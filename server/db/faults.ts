/**
 * What the database cannot do now, apart from what is wrong with a statement: the same request may
 * well succeed later, and nobody who asked did anything wrong.
 */
export type DatabaseFault = 'away' | 'full';

/** SQLSTATE classes and codes of Postgres (appendix A of its manual). */
const AWAY = /^(08...|57P0[1-5]|53300|25P03)$/;
const FULL = /^(53100|53200)$/;
/** What Node says of a socket to a database that is not there. */
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT']);
/** What the driver says in words only. */
const WORDS = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Cannot use a pool after)/;

/** A database that could not be reached at all; thrown in place of the socket's own error, which any other socket could have caused. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
}

export function asUnreachable(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  const away = (code !== undefined && (SOCKET.has(code) || AWAY.test(code))) || WORDS.test(message ?? '') || error instanceof AggregateError;
  return away ? new DatabaseUnreachable('The database cannot be reached.', { cause: error }) : error;
}

/** Undefined for every other error. */
export function databaseFault(error: unknown): DatabaseFault | undefined {
  if (error instanceof DatabaseUnreachable) return 'away';
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (code === 'ENOSPC' || (typeof code === 'string' && FULL.test(code))) return 'full';
  if ((typeof code === 'string' && AWAY.test(code)) || WORDS.test(error.message)) return 'away';
  return undefined;
}
