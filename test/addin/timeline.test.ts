import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../addin/features/followup/FollowUpCard.tsx';
import { headline, timeline, type Tracking, type TrackingEvent } from '../../addin/features/message/timeline.ts';

let id = 0;
const event = (eventType: TrackingEvent['eventType'], at: string, part: Partial<TrackingEvent> = {}): TrackingEvent =>
  ({ id: ++id, eventType, createdAt: `2026-11-21T${at}:00Z`, ...part });
const texts = (events: TrackingEvent[], to = ['buyer@x.test']) => timeline(events, to).map((r) => [r.text, r.aside, r.times, r.folded]);
const tracking = (part: Partial<Tracking> = {}): Tracking => ({ id: 1, recipients: ['buyer@x.test'], trackOpens: true, ...part });

describe('the timeline', () => {
  it('is newest first, with what each verdict means in words', () => {
    expect(texts([
      event('initial', '10:00'),
      event('open', '11:00', { verdict: 'human', client: 'Outlook' }),
      event('open', '12:00', { verdict: 'proxy', client: 'Gmail' }),
      event('open', '13:00', { verdict: 'unknown', client: 'Apple Mail' }),
      event('click', '14:00', { verdict: 'human', linkText: 'Pricing' }),
      event('reply', '15:00', { recipient: 'buyer@x.test' }),
    ])).toEqual([
      ['buyer@x.test answered', undefined, 1, false],
      ['Clicked “Pricing”', undefined, 1, false],
      ['May have been opened', 'Apple Mail loads images by itself', 1, false],
      ['Probably opened', 'Gmail hides where', 1, false],
      ['Opened', 'in Outlook', 1, false],
      ['Sent to buyer@x.test', undefined, 1, false],
    ]);
  });

  it('folds what is not counted: filters, and the sender’s own view', () => {
    expect(texts([event('open', '10:00', { verdict: 'machine' }), event('open', '10:01', { verdict: 'self' })])).toEqual([
      ['You viewed it', undefined, 1, true], ['Checked by a filter', undefined, 1, true],
    ]);
  });

  it('makes one row of opens within half an hour of each other, and two of those apart', () => {
    const open = { verdict: 'human', client: 'Outlook' } as const;
    expect(texts([event('open', '10:00', open), event('open', '10:20', open), event('open', '10:45', open), event('open', '12:00', open)])).toEqual([
      ['Opened', 'in Outlook', 1, false], ['Opened', 'in Outlook', 3, false],
    ]);
  });

  it('keeps every answer and every bounce a row of its own', () => {
    expect(texts([event('reply', '10:00', { recipient: 'a@x.test' }), event('reply', '10:01', { recipient: 'a@x.test' })])).toHaveLength(2);
  });
});

describe('what the follow-up did', () => {
  const step = (num: number, state: 'sent' | 'planned' | 'skipped', sentAt?: string) => ({ num, state, internetMessageId: `<s${num}@x.test>`, ...(sentAt ? { sentAt } : {}) });
  const convo = (part: Partial<Conversation>): Conversation => ({ convoId: 't', status: 'active', ...part });
  const initial = event('initial', '10:00');
  const texts = (followUp: Conversation | null) => timeline([initial], ['buyer@x.test'], followUp).map((r) => [r.text, r.aside]);

  it('stands among the events: steps that were sent, not those that are planned or were skipped', () => {
    expect(texts(convo({ steps: [step(1, 'sent', '2026-11-24T09:10:00Z'), step(2, 'skipped'), step(3, 'sent', '2026-11-28T09:10:00Z'), step(4, 'planned')] }))).toEqual([
      ['Follow-up sent', 'step 3 of 4'], ['Follow-up sent', 'step 1 of 4'], ['Sent to buyer@x.test', undefined],
    ]);
  });

  it('says of a step in doubt that it may have been sent', () => {
    const doubtful = { num: 1, state: 'inDoubt', plannedAt: '2026-11-24T09:10:00Z', internetMessageId: '<s1@x.test>' } as const;
    expect(texts(convo({ status: 'failed', stopReason: 'inDoubt', steps: [doubtful] }))[0]).toEqual(['Follow-up may have been sent', undefined]);
  });

  it('names no number where there is one step', () => {
    expect(texts(convo({ steps: [step(1, 'sent', '2026-11-24T09:10:00Z')] }))[0]).toEqual(['Follow-up sent', undefined]);
  });

  it('says who booked, and who opted out', () => {
    const over = { status: 'finished', dripEndedAt: '2026-11-24T09:10:00Z', dripResponder: 'buyer@x.test' } as const;
    expect(texts(convo({ ...over, stopReason: 'booked' }))[0]).toEqual(['buyer@x.test booked a time', undefined]);
    expect(texts(convo({ ...over, stopReason: 'optedOut' }))[0]).toEqual(['buyer@x.test opted out', undefined]);
    expect(texts(null)).toEqual([['Sent to buyer@x.test', undefined]]);
  });
});

describe('the headline', () => {
  const head = (events: TrackingEvent[], part: Partial<Tracking> = {}) => headline(tracking(part), timeline(events, part.recipients ?? ['buyer@x.test'])).text;

  it('says facts before guesses', () => {
    const opened = event('open', '10:00', { verdict: 'human' });
    expect(head([opened])).toBe('Opened');
    expect(head([opened, event('reply', '11:00', { recipient: 'b@x.test' })], { lastRespondedTime: '2026-11-21T11:00:00Z' })).toBe('b@x.test answered');
    expect(head([opened, event('replyBounce', '11:00')], { hasBounced: true })).toBe('Bounced');
  });

  it('names nobody where several got the message', () => {
    expect(head([event('open', '10:00', { verdict: 'human' })], { recipients: ['a@x.test', 'b@x.test', 'c@x.test'] })).toBe('Someone opened (1 of 3 people)');
  });

  it('does not claim an open of what loads images by itself, nor of a filter', () => {
    expect(head([event('open', '10:00', { verdict: 'unknown' })])).toBe('May have been opened');
    expect(head([event('open', '10:00', { verdict: 'machine' })])).toBe('No open seen');
    expect(head([], { trackOpens: false })).toBe('No answer yet');
  });
});
