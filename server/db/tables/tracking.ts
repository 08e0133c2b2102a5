import type { Generated } from 'kysely';

export type TrackingEventType = 'open' | 'click' | 'initial' | 'reply' | 'replyBounce';
export type Verdict = 'human' | 'proxy' | 'machine' | 'self' | 'unknown';
export type TrackingPolicy = 'on' | 'repliesOnly' | 'off';

export interface TrackingTables {
  /** One message that is followed: its code in the pixel, what to follow, and what the events add up to. */
  tracking: {
    id: Generated<number>;
    /** Null once the account is gone or its owner deleted the data: links of mail already out still redirect. */
    account_id: number | null;
    code: string;
    draft_id: string | null;
    track_opens: boolean;
    track_replies: boolean;
    track_links: boolean;
    /** Seconds after the send in which a load is not counted. */
    opens_after_seconds: number;
    context: string | null;
    ignore_open_clicks: Generated<boolean>;
    /** A recipient opted out: nothing more is recorded. */
    withdrawn_at: Date | null;
    /** The sender's own copy holds the pixel: it was put in by Outlook, not on delivery. */
    pixel_in_sent_copy: boolean;
    message_id: string | null;
    thread_id: string | null;
    inet_message_id: string | null;
    /** The same without brackets, as replies are matched. */
    inet_key: string | null;
    subject: string | null;
    /** Lower case. */
    recipients: Generated<string[]>;
    sent_at: Date | null;
    created_at: Date;
    /** Raw events kept; at the cap further ones are only counted in `hits_not_kept`. */
    raw_events: Generated<number>;
    hits_not_kept: Generated<number>;
    /** From here on: derived from the events, and recomputable. */
    open_count: Generated<number>;
    click_count: Generated<number>;
    unknown_count: Generated<number>;
    not_counted: Generated<number>;
    last_activity_at: Date | null;
    last_responded_at: Date | null;
    has_bounced: Generated<boolean>;
    last_user_agent: string | null;
    last_remote_addr: string | null;
  };
  tracking_links: {
    id: Generated<number>;
    tracking_id: number;
    code: string;
    /** Absolute, http or https; the only place that the code ever redirects to. */
    url: string;
    /** The link's visible text. */
    label: string;
  };
  /** Opens that were answered and wait to be judged, in the order in which they were stored; then they are tracking_events. */
  tracking_hits: {
    id: Generated<number>;
    tracking_id: number;
    created_at: Date;
    method: string;
    user_agent: string | null;
    referrer: string | null;
    purpose: string | null;
    remote_addr: string | null;
    self_mark: 'session' | null;
  };
  /** What was seen, as it was seen. `verdict` to `client` are judgements and may be made again. */
  tracking_events: {
    id: Generated<number>;
    tracking_id: number;
    type: TrackingEventType;
    created_at: Date;
    user_agent: string | null;
    referrer: string | null;
    /** IPv4 cut to /24, IPv6 to /48. */
    remote_addr: string | null;
    /** Sec-Purpose and its relatives. */
    purpose: string | null;
    method: string | null;
    link_id: number | null;
    /** The sender himself said that this was he. */
    self_mark: 'session' | 'viewing' | 'purged' | null;
    open_number: number | null;
    /** Null on an open or a click: not judged yet. */
    verdict: Verdict | null;
    reason: string | null;
    client: string | null;
    /** Of the answer or the delivery report. */
    message_id: string | null;
    thread_id: string | null;
    internet_message_id: string | null;
    /** Who answered, or whose copy came back. */
    recipient: string | null;
    detail: string | null;
    /** At most one event of a tracking with the same key: listeners run again after a crash. */
    dedupe_key: string | null;
    /** The account in whose statistics it stands: of answers, and of what was judged human, proxy or unknown; null of all else. */
    counted_for: Generated<number | null>;
  };
  /** The sender is looking at this message right now. */
  tracking_viewings: { tracking_id: number; seen_at: Date };
  tracking_optouts: { account_id: number; email: string; created_at: Date };
  tracking_policies: {
    app_id: number;
    policy: TrackingPolicy;
    /** New messages start tracked for who has not chosen yet. */
    track_new_messages: Generated<boolean>;
  };
}
