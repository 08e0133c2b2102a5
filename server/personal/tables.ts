import { sql, type RawBuilder } from 'kysely';
import type { Tables } from '../db/tables.ts';

/** Whom an export or an erasure is about. */
export interface Person {
  /** The mailbox and the managed copies that live on its connection. */
  readonly accountIds: readonly number[];
  /** Where nobody else signs in as this user. */
  readonly userId: string | null;
}

export interface PersonalTable {
  /** Which rows are the person's. */
  readonly of: (person: Person) => RawBuilder<boolean>;
  /** The file of an export that they go into. */
  readonly file: 'account' | 'mail' | 'calendar' | 'tracking' | 'followup' | 'booking' | 'history';
  /** Secrets, what serves only the search, and what stands in another file: not exported. */
  readonly hide?: readonly string[];
}

const ofAccount = (person: Person): RawBuilder<boolean> => sql`account_id = any(${person.accountIds}::bigint[])`;
const ofUser = (person: Person): RawBuilder<boolean> => sql`user_id = ${person.userId}`;
const within = (column: string, table: keyof Tables) => (person: Person): RawBuilder<boolean> =>
  sql`${sql.ref(column)} in (select id from ${sql.table(table)} where ${ofAccount(person)})`;

/**
 * Where a person's data stands: what an export writes and what must be gone after an erasure. Every table of
 * the database is here or in IMPERSONAL; a test says which one is in neither.
 */
export const PERSONAL: Partial<Record<keyof Tables, PersonalTable>> = {
  accounts: { of: (person) => sql`id = any(${person.accountIds}::bigint[])`, file: 'account' },
  account_tokens: { of: ofAccount, file: 'account', hide: ['token_hash'] },
  account_passwords: { of: ofAccount, file: 'account', hide: ['password_hash'] },
  users: { of: (person) => sql`id = ${person.userId}`, file: 'account' },
  sessions: { of: ofUser, file: 'account', hide: ['token_hash'] },
  exchange_identities: { of: ofUser, file: 'account' },
  prepared_tokens: { of: (person) => sql`(metadata_url, exchange_uid) in (select metadata_url, exchange_uid from exchange_identities where ${ofUser(person)})`, file: 'account', hide: ['token_hash'] },
  auth_codes: { of: ofAccount, file: 'account', hide: ['code_hash', 'answer'] },

  mail_folders: { of: ofAccount, file: 'mail' },
  // The messages themselves are written as they came, as .eml files.
  mail_messages: { of: ofAccount, file: 'mail', hide: ['search', 'html', 'body_text', 'headers'] },
  mail_threads: { of: ofAccount, file: 'mail' },
  mail_outgoing: { of: ofAccount, file: 'mail' },

  calendars: { of: ofAccount, file: 'calendar' },
  calendar_events: { of: ofAccount, file: 'calendar' },

  tracking: { of: ofAccount, file: 'tracking' },
  tracking_links: { of: within('tracking_id', 'tracking'), file: 'tracking' },
  tracking_events: { of: within('tracking_id', 'tracking'), file: 'tracking' },
  tracking_hits: { of: within('tracking_id', 'tracking'), file: 'tracking' },
  tracking_viewings: { of: within('tracking_id', 'tracking'), file: 'tracking' },
  tracking_optouts: { of: ofAccount, file: 'tracking' },

  followup_config: { of: ofAccount, file: 'followup' },
  followup_rules: { of: ofAccount, file: 'followup' },
  followup_conversations: { of: ofAccount, file: 'followup' },
  followup_steps: { of: within('conversation_id', 'followup_conversations'), file: 'followup' },
  followup_messages: { of: ofAccount, file: 'followup' },
  followup_drafts: { of: ofAccount, file: 'followup' },
  followup_template_uses: { of: ofAccount, file: 'followup' },
  followup_optouts: { of: ofAccount, file: 'followup' },

  booking_profiles: { of: ofAccount, file: 'booking' },
  booking_reservations: { of: ofAccount, file: 'booking', hide: ['token_hash', 'ip_hash'] },

  outbox: { of: ofAccount, file: 'history' },
};

/** Tables without anything that could be tied to a person, and why. */
export const IMPERSONAL: Partial<Record<keyof Tables, string>> = {
  apps: 'applications',
  settings: 'what the server made for itself; of the playground, which mailboxes are its own',
  hosted_domains: 'mail domains',
  tracking_policies: 'of an organisation',
  followup_worker: 'when the worker last looked',
  blobs: 'bytes of messages, exported as .eml and removed with the last message that has them',
  blob_chunks: 'bytes of messages, exported as .eml and removed with the last message that has them',
  mail_spool: 'uploads that nobody has accepted, for a day',
  idempotency_keys: 'digests and encrypted answers, for a day',
};
