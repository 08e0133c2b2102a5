import type { Output } from '../../api.ts';
import type { IconName } from '../../ui/icons.tsx';
import type { Conversation } from '../followup/FollowUpCard.tsx';

export type Tracking = Output<'GET /v1/email/tracking'>['records'][number];
export type TrackingEvent = Output<'GET /v1/email/tracking/{id}/events'>['records'][number];

/** One line of the timeline: one event, or several of a kind that belong together. */
export interface TimelineRow {
  readonly key: string;
  readonly at: string;
  readonly icon: IconName;
  readonly text: string;
  /** What is known of where or by whom; short. */
  readonly aside: string | undefined;
  /** The rule by which it was judged, for "Why?". */
  readonly why: string | undefined;
  readonly times: number;
  /** Not counted: a machine, or the sender. */
  readonly folded: boolean;
}

/** Opens of one kind within this time are one sitting. */
const SITTING_MS = 30 * 60_000;

type KindRow = TimelineRow & { readonly kind: string };

/** Newest first; events of the same kind within half an hour of the one before are one row. The follow-up of the thread adds what it did. */
export function timeline(events: readonly TrackingEvent[], recipients: readonly string[], followUp?: Conversation | null): TimelineRow[] {
  const seen = events.filter((e) => e.createdAt).sort((a, b) => b.id - a.id).map((event) => rowOf(event, recipients));
  const ordered = [...seen, ...followUpRows(followUp)].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const rows: (KindRow & { oldest: string })[] = [];
  for (const row of ordered) {
    const last = rows.findLast((r) => r.folded === row.folded);
    const together = last && last.kind === row.kind && Date.parse(last.oldest) - Date.parse(row.at) <= SITTING_MS;
    if (together) rows[rows.indexOf(last)] = { ...last, times: last.times + 1, oldest: row.at };
    else rows.push({ ...row, oldest: row.at });
  }
  return rows;
}

/** Steps that went out, or may have, and the two ends that no tracking event tells of. */
function followUpRows(followUp: Conversation | null | undefined): KindRow[] {
  if (!followUp) return [];
  const { steps = [], stopReason, dripEndedAt, dripResponder } = followUp;
  const fact = (kind: string, at: string, icon: IconName, text: string, aside?: string): KindRow =>
    ({ key: kind, kind, at, icon, text, aside, why: undefined, times: 1, folded: false });
  const rows = steps.flatMap((s) => {
    const at = s.sentAt ?? (s.state === 'inDoubt' ? s.plannedAt : undefined);
    if (!at || (s.state !== 'sent' && s.state !== 'inDoubt')) return [];
    return [fact(`step#${s.num}`, at, 'step', s.state === 'sent' ? 'Follow-up sent' : 'Follow-up may have been sent', steps.length > 1 ? `step ${s.num} of ${steps.length}` : undefined)];
  });
  if (stopReason === 'booked' && dripEndedAt) rows.push(fact('booked', dripEndedAt, 'booked', dripResponder ? `${dripResponder} booked a time` : 'Booked'));
  if (stopReason === 'optedOut' && dripEndedAt) rows.push(fact('optedOut', dripEndedAt, 'optOut', dripResponder ? `${dripResponder} opted out` : 'Opted out'));
  return rows;
}

function rowOf(event: TrackingEvent, recipients: readonly string[]): KindRow {
  const facts = describe(event, recipients);
  const folded = event.verdict === 'machine' || event.verdict === 'self';
  const single = event.eventType !== 'open' && event.eventType !== 'click';
  return {
    ...facts, folded, times: 1, at: event.createdAt!, key: String(event.id), why: event.reason,
    kind: single ? `${event.eventType}#${event.id}` : `${event.eventType}|${facts.text}|${facts.aside ?? ''}`,
  };
}

type Facts = Pick<TimelineRow, 'icon' | 'text' | 'aside'>;

function describe(event: TrackingEvent, recipients: readonly string[]): Facts {
  const { verdict, client } = event;
  switch (event.eventType) {
    case 'initial': return { icon: 'sent', text: recipients.length ? `Sent to ${recipients.join(', ')}` : 'Sent', aside: undefined };
    case 'reply': return { icon: 'answered', text: event.recipient ? `${event.recipient} answered` : 'Answered', aside: undefined };
    case 'replyBounce': return { icon: 'failed', text: event.recipient ? `Bounced: ${event.recipient}` : 'Bounced', aside: event.detail };
    case 'click': {
      const what = event.linkText ? ` “${event.linkText}”` : ' a link';
      if (verdict === 'machine') return { icon: 'filter', text: 'Checked by a filter', aside: `link${what === ' a link' ? '' : what}` };
      if (verdict === 'self') return { icon: 'self', text: `You followed${what}`, aside: undefined };
      if (verdict === 'unknown') return { icon: 'maybe', text: `May have clicked${what}`, aside: client };
      return { icon: 'clicked', text: `Clicked${what}`, aside: undefined };
    }
    default:
      if (verdict === 'machine') return { icon: 'filter', text: 'Checked by a filter', aside: client };
      if (verdict === 'self') return { icon: 'self', text: 'You viewed it', aside: undefined };
      if (verdict === 'unknown') return { icon: 'maybe', text: 'May have been opened', aside: client ? `${client} loads images by itself` : 'images load by themselves there' };
      if (verdict === 'proxy') return { icon: 'opened', text: 'Probably opened', aside: client ? `${client} hides where` : undefined };
      return { icon: 'opened', text: 'Opened', aside: client ? `in ${client}` : undefined };
  }
}

export interface Headline {
  readonly text: string;
  readonly at: string | undefined;
}

/** The one line that says how it stands; facts before guesses. */
export function headline(tracking: Tracking, rows: readonly TimelineRow[]): Headline {
  const people = tracking.recipients?.length ?? 1;
  if (tracking.lastRespondedTime) return { text: rows.find((r) => r.icon === 'answered')?.text ?? 'Answered', at: tracking.lastRespondedTime };
  if (tracking.hasBounced) return { text: 'Bounced', at: rows.find((r) => r.icon === 'failed')?.at };
  const booked = rows.find((r) => r.icon === 'booked');
  if (booked) return { text: booked.text, at: booked.at };
  if (tracking.optedOut) return { text: 'A recipient opted out of tracking', at: undefined };
  const seen = rows.find((r) => !r.folded && (r.icon === 'opened' || r.icon === 'clicked'));
  if (seen && people > 1) return { text: `${seen.icon === 'clicked' ? 'Someone clicked' : seen.text === 'Opened' ? 'Someone opened' : 'Someone probably opened'} (1 of ${people} people)`, at: seen.at };
  if (seen) return { text: seen.text, at: seen.at };
  const maybe = rows.find((r) => !r.folded && r.icon === 'maybe');
  if (maybe) return { text: maybe.text, at: maybe.at };
  return { text: tracking.trackOpens === false ? 'No answer yet' : 'No open seen', at: undefined };
}
