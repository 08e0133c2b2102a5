import type { Generated } from 'kysely';

/** Tables of the platform itself: outbox, blobs, settings. */
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
  /** Small facts that outlive a start: generated secrets (encrypted), the playground's clock. */
  settings: { name: string; value: unknown };
}
