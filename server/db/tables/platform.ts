import type { Generated } from 'kysely';
import type { Jwe } from '../../lib/keyring.ts';

/** Tables of the platform itself: outbox, blobs, idempotency keys, settings. */
export interface PlatformTables {
  outbox: {
    id: Generated<number>;
    type: string;
    account_id: number | null;
    payload: unknown;
    created_at: Generated<Date>;
  };
  blobs: { id: Generated<number>; size: number; sha256: string };
  blob_chunks: { blob_id: number; seq: number; data: Uint8Array };
  /** Requests that came with an Idempotency-Key, and what they were answered. */
  idempotency_keys: {
    /** SHA-256 of operation, caller and key. */
    id: string;
    /** A digest of path, query and body. */
    fingerprint: Jwe;
    /** Which request has the key; another value after it was taken over. */
    claim: string;
    claimed_until: Date;
    /** The body; null while the request runs. */
    answer: Jwe | null;
    expires_at: Date;
  };
  /** Small facts that outlive a start: generated secrets (encrypted), the playground's clock. */
  settings: { name: string; value: unknown };
}
