import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { sameSecret } from './ids.ts';

/** A text that a key ring encrypted. Only what is typed so can be decrypted; db/encrypted.ts lists every column of it. */
export type Jwe = string & { readonly __jwe: never };

/**
 * Encrypts secrets at rest (JWE, dir + A256GCM) and signs what leaves and comes back (page tokens,
 * hidden form fields, image addresses). The first key of the ring writes; each is tried by its kid
 * for reading, so a key is rotated by putting a new one in front.
 */
export interface KeyRing {
  encrypt(secret: string): Promise<Jwe>;
  /** Throws KeyRingError where the key that wrote it is no longer in the ring. */
  decrypt(jwe: Jwe): Promise<string>;
  /** Which key of the ring encrypted a text; its protected header, up to the first dot, is enough. */
  keyOf(jwe: string): 'newest' | 'older' | 'missing';
  /** A URL-safe text that `verify` gives back, unless a character of it changed or the purpose differs. */
  sign(purpose: string, value: unknown): string;
  verify(purpose: string, token: string): unknown;
}

/** Keys that cannot be read, or one that is missing: its message is one line for the person who starts the server. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

interface Key {
  readonly kid: string;
  readonly bytes: Uint8Array;
}

/** `setting`: SUNDIAL_KEYS, space-separated base64url keys of 32 bytes, newest first; else a 0600 file in the data directory. */
export function openKeyRing(setting: string | undefined, dataDir: string): KeyRing {
  const source = setting === undefined ? join(dataDir, 'keys') : 'Setting SUNDIAL_KEYS';
  return keyRing((setting ?? keyFile(dataDir)).split(/[\s,]+/).filter(Boolean).map((text) => parseKey(text, source)), source);
}

export const randomKeyRing = (): KeyRing => keyRing([parseKey(randomBytes(32).toString('base64url'), 'random')], 'random');

function keyFile(dataDir: string): string {
  const path = join(dataDir, 'keys');
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(path, 'utf8');
}

function parseKey(text: string, source: string): Key {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 32) throw new KeyRingError(`${source} is wrong: each key is 32 bytes in base64url.`);
  return { bytes, kid: createHash('sha256').update('kid').update(bytes).digest('base64url').slice(0, 12) };
}

function keyRing(keys: readonly Key[], source: string): KeyRing {
  const newest = keys[0];
  if (!newest) throw new KeyRingError(`${source} is wrong: it names no key.`);
  const byKid = (kid: unknown): Key => {
    const key = keys.find((k) => k.kid === kid);
    if (!key) throw new KeyRingError(`The key ${String(kid)}, which wrote a secret in the database, is not in the key ring (SUNDIAL_KEYS, else the file keys in DATA_DIR); add it again.`);
    return key;
  };
  const mac = (key: Key, purpose: string, text: string): string =>
    createHmac('sha256', key.bytes).update(purpose).update('\0').update(text).digest('base64url').slice(0, 22);
  return {
    encrypt: async (secret) => await new CompactEncrypt(Buffer.from(secret))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: newest.kid })
      .encrypt(newest.bytes) as Jwe,
    keyOf(jwe) {
      const kid = kidOf(jwe);
      return kid === newest.kid ? 'newest' : keys.some((key) => key.kid === kid) ? 'older' : 'missing';
    },
    async decrypt(jwe) {
      const { plaintext } = await compactDecrypt(jwe, (header) => byKid(header.kid).bytes, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Buffer.from(plaintext).toString();
    },
    sign(purpose, value) {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${text}.${mac(newest, purpose, text)}`;
    },
    verify(purpose, token) {
      const [text, signature, ...rest] = token.split('.');
      const good = text && signature && !rest.length && keys.some((key) => sameSecret(mac(key, purpose, text), signature));
      if (!good) throw new Error('The signature does not match.');
      return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    },
  };
}

/** Undefined for what is no JWE. */
function kidOf(text: string): string | undefined {
  try {
    return (JSON.parse(Buffer.from(text.split('.', 1)[0]!, 'base64url').toString()) as { kid?: string }).kid;
  } catch {
    return undefined;
  }
}
