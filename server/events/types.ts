import type { DeliveryReport } from '../lib/mime-report.ts';

/**
 * What happened, as facts that other features may hear. Times are RFC 3339 in UTC, ids as on the wire.
 * An event carries what a listener needs to find the rest; it is stored, so it holds no secret and no body.
 */
export type DomainEvent =
  | MailSent
  | MessageArrived
  | DeliveryFailed
  | DeliveryInDoubt
  | TrackedMailSent
  | TrackingRecorded
  | FollowUpChanged
  | MeetingBooked
  | MeetingCancelled
  | RecipientOptedOut
  | AccountRemoved
  | ClockMoved;

export type EventType = DomainEvent['type'];
export type EventOf<T extends EventType> = Extract<DomainEvent, { type: T }>;

/** A message left one of our accounts: committed with its sent copy and its outgoing queue. */
export interface MailSent {
  readonly type: 'MailSent';
  readonly accountId: number;
  readonly messageId: string;
  readonly threadId: string;
  /** With its angle brackets, as in the header. */
  readonly internetMessageId: string;
  readonly subject: string;
  readonly recipients: readonly string[];
  readonly sentAt: string;
  /** True for what a robot sent (a follow-up step, an invitation). */
  readonly automatic: boolean;
}

/** A message came in and has been read as far as it goes. */
export interface MessageArrived {
  readonly type: 'MessageArrived';
  readonly accountId: number;
  readonly messageId: string;
  readonly threadId: string;
  readonly internetMessageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  /** Lower case; null where the message has no readable From. */
  readonly from: string | null;
  readonly subject: string;
  readonly receivedAt: string;
  readonly folder: 'inbox' | 'junk';
  /**
   * RFC 3834 and what the field does beyond it. `vacation`: an answer by a robot that says its person
   * is away; `other`: lists, notices. Neither is a person's reply.
   */
  readonly automatic: 'no' | 'vacation' | 'other';
  /** Where an out-of-office answer says until when, RFC 3339. */
  readonly awayUntil: string | null;
  /** RFC 3464: set when this message is a delivery report. */
  readonly report: DeliveryReport | null;
  /** Holds a part of iCalendar: perhaps an attendee's answer. */
  readonly calendar: boolean;
}

/** Our own outgoing queue gave a recipient up for good. */
export interface DeliveryFailed {
  readonly type: 'DeliveryFailed';
  readonly accountId: number;
  readonly messageId: string;
  readonly internetMessageId: string;
  readonly recipient: string;
  readonly diagnostic: string;
}

/**
 * The relay broke off, or we did, after the whole message was handed over and before its answer was
 * stored: it may have been sent, nobody knows, and it is not sent again.
 */
export interface DeliveryInDoubt {
  readonly type: 'DeliveryInDoubt';
  readonly accountId: number;
  readonly messageId: string;
  readonly internetMessageId: string;
  readonly recipient: string;
}

/** A draft that the pane prepared for tracking has been sent, by whatever client; binds the code to the message. */
export interface TrackedMailSent {
  readonly type: 'TrackedMailSent';
  readonly accountId: number;
  readonly trackingId: number;
  readonly trackingCode: string;
  readonly messageId: string;
  readonly threadId: string;
  readonly internetMessageId: string;
  readonly recipients: readonly string[];
}

export interface TrackingRecorded {
  readonly type: 'TrackingRecorded';
  readonly accountId: number;
  readonly trackingId: number;
  readonly eventId: number;
  readonly eventType: 'open' | 'click' | 'initial' | 'reply' | 'replyBounce';
  readonly threadId: string | null;
  readonly verdict: 'human' | 'proxy' | 'machine' | 'self' | 'unknown' | null;
}

export interface FollowUpChanged {
  readonly type: 'FollowUpChanged';
  readonly accountId: number;
  readonly convoId: string;
  readonly status: 'disabled' | 'active' | 'failed' | 'finished' | 'ruleIncomplete';
  /**
   * Why: started, stepSent, completed, changed, planned, skipped, paused, resumed, stopped, ruleDeleted, answered,
   * answeredGoesOn, bounced, optedOut, booked, failed, ruleIncomplete, inDoubt.
   */
  readonly reason: string;
}

export interface MeetingBooked {
  readonly type: 'MeetingBooked';
  readonly accountId: number;
  readonly profileId: number;
  readonly reservationId: number;
  readonly start: string;
  readonly end: string;
  readonly attendeeEmail: string | null;
}

export interface MeetingCancelled {
  readonly type: 'MeetingCancelled';
  readonly accountId: number;
  readonly profileId: number;
  readonly reservationId: number;
  readonly attendeeEmail: string | null;
}

export interface RecipientOptedOut {
  readonly type: 'RecipientOptedOut';
  readonly accountId: number;
  readonly email: string | null;
  readonly trackingId: number;
}

export interface AccountRemoved {
  readonly type: 'AccountRemoved';
  readonly accountId: number;
}

/** The product's clock jumped forward (playground, tests): what is due now is due at once. */
export interface ClockMoved {
  readonly type: 'ClockMoved';
  readonly accountId: null;
  readonly now: string;
}
