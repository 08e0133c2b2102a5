import type { Deps } from '../deps.ts';
import type { MessageArrived } from '../events/types.ts';
import { getMessage } from '../features/email/service.ts';
import type { StoredEvent } from '../events/events.ts';
import type { Who } from './contract.ts';
import { replyAutomatically } from './deliver.ts';
import { loadImages, scan } from './images.ts';
import { mailboxes } from './mailboxes.ts';
import { playgroundOf, type LiveEvent } from './state.ts';
import { addressesOf } from './view.ts';

/** A gateway holds a message for a moment, then looks into it; a program that loads ahead is as quick. */
const AFTER_DELIVERY_MS = 700;

/** Hears what happens in both mailboxes: tells the page, and does what the other person's program does by itself. */
export async function watchMailboxes(deps: Deps): Promise<() => void> {
  const { publish } = playgroundOf(deps);
  const both = await mailboxes(deps);
  const stops = (['you', 'buyer'] as const).map((who) => deps.events.subscribe(both[who].account.id, (stored) => {
    const told = liveEventOf(who, stored);
    if (told) publish(told);
    if (who === 'buyer' && stored.event.type === 'MessageArrived') {
      arrived(deps, stored.event).catch((error: unknown) => deps.log.warn({ err: error }, 'the other person’s program failed'));
    }
  }));
  return () => stops.forEach((stop) => stop());
}

function liveEventOf(who: Who, { event }: StoredEvent): LiveEvent | undefined {
  switch (event.type) {
    case 'MailSent': case 'MessageArrived': case 'DeliveryFailed':
      return { event: 'mail', data: { who } };
    case 'TrackedMailSent': case 'TrackingRecorded': case 'RecipientOptedOut':
      return { event: 'tracking', data: { who } };
    case 'FollowUpChanged':
      return { event: 'followUp', data: { who, reason: event.reason } };
    case 'MeetingBooked': case 'MeetingCancelled':
      return { event: 'booking', data: { who } };
    default:
      return undefined;
  }
}

async function arrived(deps: Deps, event: MessageArrived): Promise<void> {
  const state = playgroundOf(deps);
  const message = await getMessage(deps, event.accountId, event.messageId);
  if (state.outOfOffice.on && mayBeAnswered(event) && !state.answered.has(event.from)) {
    state.answered.add(event.from);
    await replyAutomatically(deps, message, state.outOfOffice.until);
  }
  const { images, links } = addressesOf(message.body ?? '');
  await new Promise((resolve) => setTimeout(resolve, AFTER_DELIVERY_MS));
  if (state.reading === 'apple') for (const [url, data] of await loadImages(deps, 'apple', images)) state.preloaded.set(url, data);
  if (state.reading === 'filter') await scan(deps, images, links);
}

/** Never an answer to an answer (RFC 3834, section 2). */
const mayBeAnswered = (event: MessageArrived): event is MessageArrived & { from: string } =>
  event.automatic === 'no' && event.report === null && event.from !== null;
