import type { Config } from '../../config.ts';

/** One line of the doctor. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do about it; left out where nothing is to be done. */
  readonly todo?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, status: 'ok', says });
export const warn = (check: string, says: string, todo: string): Finding => ({ check, status: 'warn', says, todo });
export const fail = (check: string, says: string, todo: string): Finding => ({ check, status: 'fail', says, todo });

/** What is only missing in a playground is wrong in production. */
export const badIn = (config: Config, check: string, says: string, todo: string): Finding =>
  (config.mode === 'production' ? fail : warn)(check, says, todo);

/** The cause at the bottom: a fetch says only that it failed. */
export function reasonOf(error: unknown): string {
  const { cause, code, message } = error as { cause?: unknown; code?: string; message?: string };
  if (cause) return reasonOf(cause);
  return message || code || String(error);
}
