import type { z } from 'zod';
import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { EmailMessage, EmailSendResponse, OutgoingEmail } from './messages.contract.ts';

export type OutgoingMail = z.output<typeof OutgoingEmail>;
export type Message = z.output<typeof EmailMessage>;

export interface SendOptions {
  /** `body` is HTML unless told. */
  readonly bodyType?: 'html' | 'text';
  /** A Message-ID fixed beforehand, with brackets: a robot's step keeps its own over every attempt. */
  readonly internetMessageId?: string;
  /** A robot sends: empty return path, Auto-Submitted: auto-generated, no answer to answers. */
  readonly automatic?: boolean;
  /** An iCalendar part (text/calendar; method=...), as invitations carry it. */
  readonly calendar?: { readonly method: 'REQUEST' | 'CANCEL' | 'REPLY'; readonly content: string };
  /** The thread to send into, where the caller knows it; else by In-Reply-To and References. */
  readonly threadId?: string;
}

export type SendResult = z.output<typeof EmailSendResponse>;

/**
 * Sends from the account: stores the sent copy, runs the send steps, queues the delivery and emits
 * MailSent, all in one transaction. Success means committed: the message goes out or comes back as a report.
 */
export async function sendMail(_deps: Deps, _accountId: number, _mail: OutgoingMail, _options: SendOptions = {}): Promise<SendResult> {
  throw new AppError('notSupportedYet', 'Sending is not built yet.');
}

/** The same inside the caller's transaction, so that the caller's fence and the message commit together. */
export async function sendMailIn(_trx: Trx, _deps: Deps, _accountId: number, _mail: OutgoingMail, _options: SendOptions = {}): Promise<SendResult> {
  throw new AppError('notSupportedYet', 'Sending is not built yet.');
}

/** One message as the contract shows it, with its body; 404 where it is not this account's. */
export async function getMessage(_deps: Deps, _accountId: number, _messageId: string): Promise<Message> {
  throw new AppError('notSupportedYet', 'Reading is not built yet.');
}

/** The newest message of the account with this Message-ID (with brackets), or undefined. */
export async function findByInternetMessageId(_deps: Deps, _accountId: number, _internetMessageId: string): Promise<Message | undefined> {
  throw new AppError('notSupportedYet', 'Reading is not built yet.');
}

/** The thread's messages, oldest first, without bodies. */
export async function messagesOfThread(_deps: Deps, _accountId: number, _threadId: string): Promise<Message[]> {
  throw new AppError('notSupportedYet', 'Reading is not built yet.');
}

/** True while mail that was accepted for the account has not yet been derived and heard by every listener. */
export async function hasUnheardMail(_trx: Trx, _accountId: number): Promise<boolean> {
  throw new AppError('notSupportedYet', 'Reading is not built yet.');
}
