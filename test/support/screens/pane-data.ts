import type { Output } from '../../../addin/api.ts';
import { answers, type Routes } from '../answers.ts';

/** What the screens of the pane show: one mailbox on the afternoon of Tuesday 24 November 2026. */
export type Tracking = Output<'GET /v1/email/tracking'>['records'][number];
export type TrackingEvent = Output<'GET /v1/email/tracking/{id}/events'>['records'][number];
export type Conversation = Output<'GET /v1/followup/conversations/{convoId}'>;
type Page<T> = { offset: number; totalSize: number; done: true; records: T[] };

export const page = <T>(records: T[]): Page<T> => ({ offset: 0, totalSize: records.length, done: true, records });
const at = (time: string): string => `2026-11-24T${time}:00+01:00`;

export const tracking = (part: Partial<Tracking> = {}): Tracking => ({
  id: 11, threadId: 'thread-1', subject: 'Our product for your team', recipients: ['buyer@playground.test'], sendDate: at('13:39'),
  trackOpens: true, trackReplies: true, trackLinks: true, openCount: 2, clickCount: 1, notCounted: 2, lastActivityTime: at('14:02'),
  lastEvent: { id: 25, eventType: 'open', createdAt: at('14:02'), verdict: 'proxy', client: 'Gmail' }, ...part,
});

export const EVENTS: TrackingEvent[] = [
  { id: 25, eventType: 'open', createdAt: at('14:02'), verdict: 'proxy', client: 'Gmail', reason: 'Gmail’s image server loaded it; it does so when somebody opens the message.' },
  { id: 24, eventType: 'open', createdAt: at('13:50'), verdict: 'proxy', client: 'Gmail', reason: 'Gmail’s image server loaded it; it does so when somebody opens the message.' },
  { id: 23, eventType: 'click', createdAt: at('13:41'), verdict: 'human', linkText: 'Pricing', url: 'https://example.com/pricing', reason: 'A browser with the language and the pace of a person.' },
  { id: 22, eventType: 'open', createdAt: at('13:40'), verdict: 'machine', client: 'Barracuda', reason: 'It followed every link within the first second, as filters do.' },
  { id: 21, eventType: 'open', createdAt: at('13:39'), verdict: 'self', reason: 'It came from your own Outlook, while you looked at the message.' },
  { id: 20, eventType: 'initial', createdAt: at('13:39') },
];

export const RULES = page([
  { id: 1, name: 'Gentle nudge', actions: [{ intervalDays: 3, message: '<p>Hello {{firstName}},</p><p>have you had a moment?</p>' }], kind: 'sequence' as const, running: 2, workingDays: true },
  { id: 2, name: 'Three-touch', actions: [{ intervalDays: 2, message: '<p>One</p>' }, { intervalDays: 4, message: '<p>Two</p>' }, { intervalDays: 7, message: '<p>Three</p>' }], kind: 'sequence' as const, running: 0, workingDays: true },
  { id: 3, name: 'Price list', templateSubject: 'Our prices for {{company}}', templateBody: '<p>Hello {{firstName}},</p><p>here are our <b>prices</b>.</p>', kind: 'template' as const },
  { id: 4, name: 'Introduction after a trade fair, with the long version of our story', templateSubject: 'Nice to have met you', templateBody: '<p>Hello</p>', kind: 'template' as const },
  { id: 5, name: 'Thank you', templateBody: '<p>Thank you</p>', kind: 'template' as const },
  { id: 6, name: 'Meeting notes', templateBody: '<p>Notes</p>', kind: 'template' as const },
  { id: 7, name: 'Offer', templateBody: '<p>Offer</p>', kind: 'template' as const },
]);

export const conversation = (part: Partial<Conversation> = {}): Conversation => ({
  convoId: 'thread-1', subject: 'Our product for your team', status: 'active', rule: { id: 1, name: 'Gentle nudge', actions: [{ intervalDays: 3 }] },
  targets: ['buyer@playground.test'], nextAt: '2026-11-27T09:10:00+01:00', steps: [], ...part,
});

export const PREVIEW: Output<'POST /v1/followup/preview'> = {
  targets: ['buyer@playground.test'], missing: [], timezone: 'Europe/Berlin',
  steps: [{ num: 1, plannedAt: '2026-11-27T09:10:00+01:00', subject: 'Re: Our product for your team', html: '<p>Hello Bea,</p><p>have you had a moment to look at this?</p><p>Kind regards<br>Yuki</p>', missing: [] }],
  template: { subject: 'Our prices for Northwind', html: '<p>Hello Bea,</p><p>here are our <b>prices</b>.</p>', missing: [] },
};

export const PROFILES: Output<'GET /v1/book/account/profiles'> = page([
  { id: 5, name: 'product-call', subject: 'Product call', durationMinutes: 30, location: 'Video', active: true, bookingUrl: 'https://sundial.test/book/client-1/product-call' },
  { id: 6, name: 'long-workshop', subject: 'Workshop', durationMinutes: 90, active: false, bookingUrl: 'https://sundial.test/book/client-1/long-workshop' },
]) as Output<'GET /v1/book/account/profiles'>;

const slot = (day: string, time: string) => ({ start: `2026-11-${day}T${time}:00+01:00`, end: `2026-11-${day}T${time.slice(0, 3)}${time.endsWith('00') ? '30' : '59'}:00+01:00` });
export const TIMES: Output<'GET /v1/book/account/profiles/{id}/meeting'> = {
  items: ['25', '26', '27', '30'].flatMap((day) => ['09:00', '10:00', '10:30', '11:30', '14:00', '15:30'].map((time) => slot(day, time))),
};

export const HOURS: Output<'GET /v1/book/account/workHours'> = {
  timezone: 'Europe/Berlin',
  daySchedules: (['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const).map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '09:00:00', end: '17:00:00' }] })),
};

export const DRAFT_MADE: Output<'POST /v1/email/draftTracking/create'> = {
  trackingCode: 'code-1', trackOpens: true, trackReplies: true, trackLinks: false, pixelHtml: '<p>You can <a href="https://sundial.test/o/code-1">opt out of tracking</a>.</p><img src="https://sundial.test/p/code-1" alt="" width="1" height="1">',
  htmlBody: '<p>See <a href="https://sundial.test/l/aaaa">our prices</a> and <a href="https://sundial.test/l/bbbb">our plans</a>.</p>',
  linkCodes: [
    { code: 'aaaa', url: 'https://example.com/prices', trackedUrl: 'https://sundial.test/l/aaaa', label: 'our prices' },
    { code: 'bbbb', url: 'https://example.com/plans', trackedUrl: 'https://sundial.test/l/bbbb', label: 'our plans' },
  ],
};

export const ACTIVITY = {
  trackings: [
    tracking({ id: 31, threadId: 'thread-2', subject: 'Offer for a year', recipients: ['bea@northwind.test'], lastRespondedTime: at('13:58'), lastActivityTime: at('13:58'), lastEvent: { id: 40, eventType: 'reply', createdAt: at('13:58') } }),
    tracking(),
    tracking({ id: 32, threadId: 'thread-3', subject: 'A word after the fair, with everything that we spoke about at the stand', recipients: ['a.very.long.address.of.somebody@subsidiary.of.a.company.test', 'second@company.test'], hasBounced: true, openCount: 0, clickCount: 0, lastActivityTime: '2026-11-23T10:00:00+01:00', lastEvent: { id: 22, eventType: 'replyBounce', createdAt: '2026-11-23T10:00:00+01:00' } }),
    tracking({ id: 33, threadId: 'thread-4', subject: 'Three questions', recipients: ['carl@fabrikam.test'], openCount: 0, clickCount: 0, lastActivityTime: '2026-11-20T09:00:00+01:00', sendDate: '2026-11-20T09:00:00+01:00', lastEvent: { id: 10, eventType: 'initial', createdAt: '2026-11-20T09:00:00+01:00' } }),
  ],
  conversations: [conversation({ convoId: 'thread-4' }), conversation({ convoId: 'thread-9', subject: 'Contract', targets: ['dora@contoso.test'], status: 'ruleIncomplete', missing: ['company'], dripStartedAt: '2026-11-19T09:00:00+01:00' })],
};

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const USED = { sent: 24, opensTracked: 20, opened: 14, answersTracked: 24, answered: 7 };
export const STATISTICS: Output<'GET /v1/stats/activity'> = {
  from: '2026-10-26T00:00:00+01:00', to: at('14:05'), timezone: 'Europe/Berlin', totals: { sent: 92, opens: 61, clicks: 12, answers: 23, unknown: 9 },
  days: Array.from({ length: 30 }, (_, i) => ({ date: new Date(Date.UTC(2026, 9, 26 + i)).toISOString().slice(0, 10), sent: i % 5, opens: (i * 7) % 6, clicks: i % 2, answers: i % 3 })),
  hours: Array.from({ length: 24 }, (_, hour) => ({ hour, opens: hour > 7 && hour < 19 ? (hour * 5) % 9 : 0, answers: hour > 8 && hour < 18 ? hour % 4 : 0 })),
  weekdays: WEEKDAYS.map((weekday, i) => ({ weekday, opens: i < 5 ? 14 - i : 1, answers: i < 5 ? 6 - i : 0 })),
  templates: [{ ruleId: 1, name: 'Gentle nudge', ...USED }, { ruleId: 4, name: 'Introduction after a trade fair, with the long version of our story', ...USED, sent: 3, answered: 1 }],
};

/** Everything there: what most screens begin with. */
export const FULL: Routes = {
  ...answers('GET /v1/followup/rules', RULES),
  ...answers('POST /v1/followup/preview', PREVIEW),
  ...answers('GET /v1/book/account/profiles', PROFILES),
  ...answers('GET /v1/book/account/profiles/{id}/meeting', TIMES),
  ...answers('GET /v1/book/account/workHours', HOURS),
  ...answers('GET /v1/followup/config', { timezone: 'Europe/Berlin' }),
  ...answers('POST /v1/email/draftTracking/create', DRAFT_MADE),
  ...answers('GET /v1/email/tracking', page([tracking()])),
  ...answers('GET /v1/email/tracking/{id}/events', page(EVENTS)),
  ...answers('GET /v1/followup/conversations', page(ACTIVITY.conversations)),
  ...answers('GET /v1/followup/conversations/{convoId}', conversation()),
  ...answers('GET /v1/stats/activity', STATISTICS),
  ...answers('GET /v1/stats/templates', { records: [{ ruleId: 1, ...USED }, { ruleId: 4, ...USED, sent: 20, answersTracked: 20 }] }),
};
