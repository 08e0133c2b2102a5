import type { Generated } from 'kysely';

export interface FollowupTables {
  followup_config: {
    account_id: number;
    /** IANA name; null: the account's. */
    timezone: string | null;
    /** Lower case: further addresses of the sender, whose mail is no answer. */
    email_aliases: Generated<string[]>;
    /** The rules that ship ready are written once; a deleted one stays deleted. */
    rules_seeded: Generated<boolean>;
  };
  followup_rules: {
    id: Generated<number>;
    account_id: number;
    name: string | null;
    expect_thread_response: boolean | null;
    template_subject: string | null;
    template_body: string | null;
    working_days: Generated<boolean>;
    /** Null: no sequence. */
    actions: RuleAction[] | null;
    created_at: Generated<Date>;
  };
  /** One thread's sequence; a new run begins it again from the first step. */
  followup_conversations: {
    id: Generated<number>;
    account_id: number;
    /** The thread's id, as mail knows it. */
    convo_id: string;
    subject: string;
    rule_id: number | null;
    status: 'disabled' | 'active' | 'failed' | 'finished' | 'ruleIncomplete';
    run: Generated<number>;
    action_vars: Record<string, string>;
    /** Lower case; who a step goes to. */
    targets: string[];
    /** Display names by lower-case address, as the thread had them. */
    target_names: Record<string, string>;
    /** In place of the first step's interval and of the rule's way of counting. */
    after_days: number | null;
    working_days: boolean | null;
    drip_after: Date | null;
    /** The sender's own newest message in the thread, where it came behind what the next step's days are counted from. */
    counted_from: Date | null;
    /** Message-ID that the next step answers, and its References. */
    reply_to: string | null;
    reference_ids: string[];
    tracking_id: number | null;
    started_at: Date;
    ended_at: Date | null;
    last_num: Generated<number>;
    /** When the next step is due; null where none is. */
    next_at: Date | null;
    /** The sender's local date of the last step. */
    last_sent_on: string | null;
    pause_reason: 'away' | null;
    paused_until: Date | null;
    error: string | null;
    responder: string | null;
    stop_reason: StopReason | null;
    /** Tries of the next step that failed before anything was sent. */
    tries: Generated<number>;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  followup_steps: {
    conversation_id: number;
    run: number;
    /** From 1. */
    num: number;
    state: 'planned' | 'sending' | 'sent' | 'skipped' | 'inDoubt' | 'failed' | 'cancelled';
    /** With angle brackets; fixed before the first attempt. */
    internet_message_id: string;
    planned_at: Date | null;
    sent_at: Date | null;
    message_id: string | null;
    attempt: Generated<number>;
    /** Wall clock: when an attempt outside a transaction began. */
    sending_since: Date | null;
    /** Whose text was sent; a later run of the thread may follow another rule. Null until it is sent. */
    rule_id: Generated<number | null>;
    /** The first answer that came behind this step and before the next. */
    answered_at: Generated<Date | null>;
  };
  /** Message-IDs that an answer to the conversation may name. */
  followup_messages: {
    account_id: number;
    internet_message_id: string;
    conversation_id: number;
  };
  /** What to start when the draft with this tracking code has been sent. */
  followup_drafts: {
    account_id: number;
    tracking_code: string;
    rule_id: number;
    action_vars: Record<string, string>;
    targets: string[] | null;
    after_days: number | null;
    working_days: boolean | null;
    /** Set when it has started. */
    convo_id: string | null;
    created_at: Generated<Date>;
  };
  /** Templates whose text was put into the draft with this tracking code; they count once it has been sent. */
  followup_template_uses: {
    account_id: number;
    tracking_code: string;
    rule_id: number;
  };
  /** Who asked this account to be left alone; no step goes there again. */
  followup_optouts: {
    account_id: number;
    /** Lower case. */
    email: string;
    created_at: Generated<Date>;
  };
  /** One row: when the worker last looked, by the wall clock, so that a downtime is told from a moved clock. */
  followup_worker: { id: number; swept_at: Date };
}

export interface RuleAction {
  readonly intervalDays?: number | undefined;
  readonly message?: string | undefined;
}

export type StopReason = 'answered' | 'bounced' | 'optedOut' | 'booked' | 'stopped' | 'completed' | 'ruleDeleted' | 'ruleIncomplete' | 'inDoubt' | 'failed';
