import { AppError } from '../errors.ts';
import type { KeyRing } from '../lib/keyring.ts';

/** A limit/offset page as the contract writes it. */
export function offsetPage<T>(records: T[], totalSize: number, offset: number): { offset: number; totalSize: number; done: boolean; records: T[] } {
  return { offset, totalSize, done: offset + records.length >= totalSize, records };
}

/**
 * Opaque page tokens: signed, so that a mangled one is a clear 400 and nobody steers a query by it.
 * `purpose` ties a token to its list (and account), so that one list's token is refused by another.
 */
export function writePageToken(keys: KeyRing, purpose: string, position: unknown): string {
  return keys.sign(`page:${purpose}`, position);
}

export function readPageToken(keys: KeyRing, purpose: string, token: string): unknown {
  try {
    return keys.verify(`page:${purpose}`, token);
  } catch (error) {
    throw new AppError('page.invalid', 'pageToken: not one that this list has given; start without it.', { cause: error });
  }
}
