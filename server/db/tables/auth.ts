import type { Generated } from 'kysely';
import type { Jwe } from '../../lib/keyring.ts';

export interface AuthTables {
  /** A person who uses an application: one primary account, any number of secondary ones. */
  users: {
    id: string;
    app_id: number;
    created_at: Generated<Date>;
    last_activity: Date | null;
  };
  sessions: {
    id: Generated<number>;
    user_id: string;
    /** SHA-256 of what the client holds. */
    token_hash: string;
    /** `cookie` values are no X-Aurinko-Session and the other way round. */
    kind: 'cookie' | 'header';
    created_at: Generated<Date>;
    expires_at: Date;
  };
  /** An Exchange mailbox that was linked to a user: (amurl, msexchuid) of its identity tokens. */
  exchange_identities: {
    id: Generated<number>;
    app_id: number;
    metadata_url: string;
    exchange_uid: string;
    user_id: string;
    created_at: Generated<Date>;
  };
  /** What /auth/prepare gave out: single use, bound to the identity that asked. */
  prepared_tokens: {
    id: Generated<number>;
    token_hash: string;
    metadata_url: string;
    exchange_uid: string;
    expires_at: Date;
    used_at: Date | null;
  };
  auth_codes: {
    id: Generated<number>;
    code_hash: string;
    app_id: number;
    account_id: number;
    /** What redeeming does; see AuthGrant in the auth feature. */
    granted: unknown;
    /** Set: only this Exchange identity may redeem the code. */
    metadata_url: string | null;
    exchange_uid: string | null;
    expires_at: Date;
    redeemed_at: Date | null;
    /** So that a repeat answers the same. */
    answer: Jwe | null;
  };
}
