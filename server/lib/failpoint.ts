/**
 * Places at which a test may stop this process, break it or hold it up: on both sides of each commit
 * and of each word to another server. They do nothing by themselves. What happens at one is installed
 * by code that lives under test/ only, and no setting can do it; test/house.test.ts holds that.
 */
export type Failpoint =
  /** A follow-up step was claimed and nothing of it is committed. */
  | 'followup.claim'
  /** Connected to the relay; the envelope is next. */
  | 'smtp.rcpt'
  /** All of the message is handed on but its final dot. */
  | 'smtp.beforeDot'
  /** The final dot has gone, its answer has not come. */
  | 'smtp.afterDot'
  /** The far side answered; nothing of that is committed. */
  | 'smtp.answered'
  /** The outcome of a delivery is committed; its job is not done. */
  | 'mail.settled'
  /** A message from outside is committed; its 250 is next. */
  | 'mail.accepted'
  /** An accepted message is about to be read. */
  | 'mail.derive'
  | 'pixel.beforeCommit'
  | 'pixel.afterCommit'
  | 'booking.beforeCommit'
  | 'booking.afterCommit'
  /** Between two chunks of a blob. */
  | 'blob.chunk';

export type FailpointHook = (point: Failpoint) => Promise<void> | void;

let hook: FailpointHook | undefined;

export const failpoint = (point: Failpoint): Promise<void> | void => hook?.(point);

/** For tests only; undefined takes the hook away. */
export function installFailpoints(next: FailpointHook | undefined): void {
  hook = next;
}
