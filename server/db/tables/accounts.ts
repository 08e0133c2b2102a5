import type { Generated } from 'kysely';
import type { Scope } from '../../lib/scopes.ts';
import type { Jwe } from '../../lib/keyring.ts';

export interface AccountTables {
  /** Mail domains beside those of HOSTED_DOMAINS; lower case. */
  hosted_domains: { domain: string; created_at: Generated<Date> };
  /** An application: a client of the API, with its exact lists of origins and return addresses. */
  apps: {
    id: Generated<number>;
    client_id: string;
    /** The secret itself is needed to check userSignature. */
    client_secret: Jwe;
    /** Signs webhook notifications. */
    signing_secret: Jwe;
    name: string;
    return_urls: string[];
    origins: string[];
    link_without_redeem: Generated<boolean>;
    created_at: Generated<Date>;
  };
  /** A mailbox that an application may use; what Aurinko calls an account. */
  accounts: {
    id: Generated<number>;
    app_id: number;
    parent_id: number | null;
    service_type: string;
    type: Generated<'personal' | 'managed' | 'daemon'>;
    email: string;
    name: Generated<string>;
    /** IANA name. */
    timezone: Generated<string>;
    client_org_id: string | null;
    login_string: string | null;
    server_url: string | null;
    /** Null: all scopes. */
    auth_scopes: Scope[] | null;
    auth_native_scopes: string[] | null;
    token_status: Generated<'active' | 'invalid' | 'dead'>;
    token_error: string | null;
    copy_to_sent: Generated<boolean>;
    /** The user (auth's table) this account is linked to, and how. */
    user_id: string | null;
    user_account_type: 'primary' | 'secondary' | null;
    /** WeekWorkSchedule of the contract; null: Monday to Friday, 9 to 17, in the account's zone. */
    work_hours: Generated<unknown>;
    auth_obtained_at: Date | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  account_tokens: {
    id: Generated<number>;
    account_id: number;
    /** SHA-256 of the token in base64url; the token itself is shown once. */
    token_hash: string;
    created_at: Generated<Date>;
  };
  /** Hosted mailboxes only: what the sign-in form checks. */
  account_passwords: {
    account_id: number;
    /** scrypt with its parameters; the form is in lib/password.ts. */
    password_hash: string;
    changed_at: Generated<Date>;
  };
}
