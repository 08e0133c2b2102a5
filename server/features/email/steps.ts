import type { z } from 'zod';
import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import type { OutgoingEmail } from './messages.contract.ts';

/**
 * What features above email add to a message that is being sent. Email declares the steps and knows
 * none of them; features.ts lists them. A step runs inside the transaction that stores the message, so
 * what it writes and the message itself stand or fall together.
 */
export interface SendStep {
  /** As it appears in processingError.failedSteps. */
  readonly name: 'tracking' | 'followUp';
  apply(send: SendContext): Promise<void>;
}

export interface SendContext {
  readonly deps: Deps;
  readonly trx: Trx;
  readonly accountId: number;
  readonly request: z.output<typeof OutgoingEmail>;
  readonly messageId: string;
  readonly threadId: string;
  readonly internetMessageId: string;
  /** All addresses of to, cc and bcc, lower case. */
  readonly recipients: readonly string[];
  /** What recipients get; a step may change it. The sent copy keeps the body as it was written. Null: plain text. */
  deliveredHtml: string | null;
  /** Set by the tracking step; goes into the answer. */
  trackingId?: string;
}
