import type { Deps } from '../deps.ts';
import type { DomainEvent } from '../events/types.ts';
import type { Progress } from './contract.ts';
import { mailboxes } from './mailboxes.ts';

/** The checklist of the first five minutes, from what the server itself recorded: a click ticks nothing. */
export async function progressOf(deps: Deps): Promise<Progress> {
  const { you } = await mailboxes(deps);
  const happened = (await deps.events.since(you.account.id, 0, Number.MAX_SAFE_INTEGER)).map((stored) => stored.event);
  return {
    signIn: you.account.user_id !== null,
    send: happened.some((event) => event.type === 'TrackedMailSent'),
    open: happened.some(isOpen),
    followUp: happened.some((event) => event.type === 'FollowUpChanged' && event.reason === 'stepSent'),
    book: happened.some((event) => event.type === 'MeetingBooked'),
  };
}

/** Somebody else's open: neither the sender's own view nor a machine's. */
const isOpen = (event: DomainEvent): boolean =>
  event.type === 'TrackingRecorded' && event.eventType === 'open' && event.verdict !== 'self' && event.verdict !== 'machine';
