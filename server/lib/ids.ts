import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** An unguessable token: `bytes` of randomness (16 are 128 bits) in base64url. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url');

/** What is stored of a token: whoever reads the table cannot use it. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const hmacSha256 = (key: string | Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Compares secrets without telling by timing where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const x = createHash('sha256').update(a).digest();
  const y = createHash('sha256').update(b).digest();
  return timingSafeEqual(x, y);
}
