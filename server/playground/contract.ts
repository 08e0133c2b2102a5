import { z } from 'zod';
import { json, operation, type Operation } from '../http/operation.ts';
import { dateTime } from '../http/wire.ts';

const Who = z.enum(['you', 'buyer']);
/** The program in which the other person reads: each loads images in its own way. */
const Client = z.enum(['outlook', 'gmail', 'apple', 'filter']);
const Address = z.object({ name: z.string().optional(), address: z.email() });

const Mailbox = z.object({
  accountId: z.int(),
  email: z.string(),
  name: z.string(),
  timezone: z.string(),
  /** Opens the wire contract for this mailbox; the page reads folders and messages with it. */
  token: z.string(),
});

const ClockState = z.object({
  now: dateTime,
  /** How far the product's clock is ahead of the wall clock. */
  aheadMs: z.int(),
});

const Progress = z.object({
  signIn: z.boolean(),
  send: z.boolean(),
  open: z.boolean(),
  followUp: z.boolean(),
  book: z.boolean(),
});

const OutOfOffice = z.object({ on: z.boolean(), until: z.iso.date().optional() });

const Ok = z.object({ status: z.enum(['Ok']) });

/** All of the playground is for its own page: never in the OpenAPI document, and only in playground mode. */
const own = <const O extends Omit<Operation, 'tag' | 'auth' | 'sundial' | 'hidden' | 'errors'>>(o: O) =>
  operation({ ...o, tag: 'Playground', auth: 'none', sundial: true, hidden: true, errors: ['access.denied', 'notFound'] });

export const playgroundContract = {
  session: own({
    method: 'get',
    path: '/playground/api/session',
    operationId: 'playgroundSession',
    summary: 'The two mailboxes and the state of the playground',
    response: json(z.object({
      clientId: z.string(),
      mailboxes: z.object({ you: Mailbox, buyer: Mailbox }),
      clock: ClockState,
      reading: Client,
      outOfOffice: OutOfOffice,
      progress: Progress,
    })),
  }),

  openMessage: own({
    method: 'post',
    path: '/playground/api/{who}/messages/{messageId}/open',
    operationId: 'playgroundOpenMessage',
    summary: 'Shows a message in a mailbox’s program, loading images as that program does',
    params: z.object({ who: Who, messageId: z.string() }),
    body: z.object({ loadImages: z.boolean().default(false) }),
    response: json(z.object({
      /** Sanitised; images that were loaded are data URLs. */
      html: z.string(),
      blockedImages: z.int(),
    })),
  }),

  sendMessage: own({
    method: 'post',
    path: '/playground/api/{who}/send',
    operationId: 'playgroundSend',
    summary: 'Sends as Outlook’s own Send button does',
    params: z.object({ who: Who }),
    bodyLimit: 4_000_000,
    body: z.object({
      to: z.array(Address).min(1),
      cc: z.array(Address).default([]),
      bcc: z.array(Address).default([]),
      subject: z.string().default(''),
      body: z.string(),
      bodyType: z.enum(['html', 'text']).default('html'),
      prependOnSend: z.string().max(5000).default(''),
      appendOnSend: z.string().max(5000).default(''),
      headers: z.record(z.string(), z.string()).default({}),
      replyTo: z.string().optional(),
      draftId: z.string().optional(),
    }),
    response: json(z.object({ messageId: z.string() })),
  }),

  readingIn: own({
    method: 'put',
    path: '/playground/api/reading',
    operationId: 'playgroundReadingIn',
    summary: 'Chooses the other person’s mail program',
    body: z.object({ client: Client }),
    response: json(Ok),
  }),

  outOfOffice: own({
    method: 'put',
    path: '/playground/api/outOfOffice',
    operationId: 'playgroundOutOfOffice',
    summary: 'Turns the other person’s automatic replies on or off',
    body: OutOfOffice,
    response: json(Ok),
  }),

  getClock: own({
    method: 'get',
    path: '/playground/api/clock',
    operationId: 'playgroundClock',
    summary: 'The product’s clock',
    response: json(ClockState),
  }),

  moveClock: own({
    method: 'post',
    path: '/playground/api/clock',
    operationId: 'playgroundMoveClock',
    summary: 'Moves the clock forward',
    body: z.object({
      /** Milliseconds; at most a year at once. */
      advanceMs: z.int().min(1).max(366 * 86_400_000).optional(),
      to: z.enum(['nextFollowUp']).optional(),
    }),
    response: json(z.object({
      ...ClockState.shape,
      /** Follow-ups that went out because of it. */
      sent: z.int(),
      /** False where there was nothing to move to. */
      moved: z.boolean(),
    })),
  }),

  progress: own({
    method: 'get',
    path: '/playground/api/progress',
    operationId: 'playgroundProgress',
    summary: 'What of the first five minutes has really happened',
    response: json(Progress),
  }),

  reset: own({
    method: 'post',
    path: '/playground/api/reset',
    operationId: 'playgroundReset',
    summary: 'Makes both mailboxes new and sets the clock back',
    response: json(Ok),
  }),

  live: own({
    method: 'get',
    path: '/playground/api/events',
    operationId: 'playgroundEvents',
    summary: 'Changes of both mailboxes, as they happen',
    response: { kind: 'events' },
  }),
} as const;

export type Who = z.output<typeof Who>;
export type Client = z.output<typeof Client>;
export type OutOfOffice = z.output<typeof OutOfOffice>;
export type Progress = z.output<typeof Progress>;
export type ClockState = z.output<typeof ClockState>;
