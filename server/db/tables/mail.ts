import type { Generated } from 'kysely';

export interface StoredAddress {
  readonly name?: string;
  readonly address?: string;
  readonly raw?: string;
}

export interface StoredAttachment {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly inline: boolean;
  readonly contentId?: string;
}

export interface StoredReport {
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  readonly recipient: string | null;
  readonly status: string | null;
  readonly diagnostic: string | null;
  readonly originalMessageId: string | null;
}

export type FolderRole = 'inbox' | 'sent' | 'drafts' | 'trash' | 'junk' | 'archive';

/** The hosted mailbox; only providers/hosted reads and writes these. */
export interface MailTables {
  mail_folders: {
    id: string;
    account_id: number;
    parent_id: string | null;
    name: string;
    role: FolderRole | null;
    created_at: Date;
  };
  mail_messages: {
    id: string;
    account_id: number;
    folder_id: string;
    kind: 'received' | 'sent' | 'draft';
    /** Null until derived. */
    thread_id: string | null;
    /** The raw message; everything below is derived from it. */
    blob_id: number | null;
    size: Generated<number>;
    /** How it came in: {from, recipient, remoteAddress, helo}. */
    envelope: unknown;
    transfer_id: string | null;
    derived_at: Date | null;
    derive_error: string | null;
    internet_message_id: string | null;
    /** Hash of the Message-ID, which may be longer than an index row. */
    message_key: string | null;
    in_reply_to: string | null;
    refs: string[];
    subject: Generated<string>;
    from_address: StoredAddress | null;
    to_addresses: StoredAddress[];
    cc_addresses: StoredAddress[];
    bcc_addresses: StoredAddress[];
    reply_to_addresses: StoredAddress[];
    sent_at: Date | null;
    received_at: Date;
    created_at: Date;
    modified_at: Date;
    snippet: Generated<string>;
    html: string | null;
    body_text: string | null;
    headers: { name: string; value: string }[];
    attachments: StoredAttachment[];
    has_attachments: Generated<boolean>;
    unread: Generated<boolean>;
    flagged: Generated<boolean>;
    keywords: Generated<string[]>;
    calendar_method: string | null;
    automatic: Generated<'no' | 'vacation' | 'other'>;
    report: StoredReport | null;
    verdicts: unknown;
    /** What a draft asks for beyond its message: tracking, follow-up. */
    draft: unknown;
    search: string | null;
  };
  mail_threads: { account_id: number; message_key: string; thread_id: string };
  mail_outgoing: {
    id: Generated<number>;
    account_id: number;
    message_id: string;
    internet_message_id: string;
    blob_id: number | null;
    /** Empty for automatic mail (RFC 5321, 4.5.5). */
    envelope_from: string;
    recipient: string;
    automatic: boolean;
    state: Generated<'queued' | 'sending' | 'sent' | 'failed' | 'inDoubt'>;
    /** Counts up with each claim; a worker that lost its claim can write nothing any more. */
    attempt: Generated<number>;
    /** Set before the body is handed to a relay: after a crash nobody knows whether it was taken. */
    in_doubt: Generated<boolean>;
    response: string | null;
    queued_at: Date;
    next_attempt_at: Date;
    done_at: Date | null;
  };
  mail_spool: { blob_id: number; created_at: Date };
}
