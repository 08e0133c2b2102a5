import { answers } from '../answers.ts';
import { conversation, EVENTS, FULL, PREVIEW, page as paged, tracking, type Conversation, type Tracking, type TrackingEvent } from './pane-data.ts';
import { broken, hanging, later, policy, press, refused, unreachable, type Screen } from './screen.ts';

const SENT = { kind: 'read', subject: 'Our product for your team' } as const;
const OWN_CODE = { sundial: JSON.stringify({ draftId: 'pane-1', code: 'code-12345' }) };
const RECEIVED = { kind: 'read', subject: 'Three questions', from: { displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }, to: [] } as const;
const sent = { item: SENT, routes: FULL };
const received = { item: { ...RECEIVED, to: [] }, routes: FULL };
const INITIAL = EVENTS.slice(-1);
const UNTRACKED = { ...FULL, ...answers('GET /v1/email/tracking', paged([])), 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'disabled' } };
const at = (time: string): string => `2026-11-24T${time}:00+01:00`;

/** A sent message with this tracking, these events and this follow-up. */
const seen = (part: Partial<Tracking>, events: TrackingEvent[], convo: Conversation | null = conversation()) => ({
  item: SENT,
  routes: { ...FULL, ...answers('GET /v1/email/tracking', paged([tracking(part)])), ...answers('GET /v1/email/tracking/{id}/events', paged(events)), ...(convo ? answers('GET /v1/followup/conversations/{convoId}', convo) : { 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'disabled' } }) },
});
const followUp = (state: string, part: Partial<Conversation>, shows: string | RegExp): Screen => ({ name: 'read-sent', state: `follow-up-${state}`, options: seen({}, EVENTS, conversation(part)), shows });

/** The Message tab while a message is read. */
export const READ: readonly Screen[] = [
  { name: 'read-sent', state: 'opened', options: sent, go: async ({ page }) => {
    await press(page, /not counted/);
    await press(page, 'Why?');
  }, shows: 'You viewed it' },
  { name: 'read-sent', state: 'no-open-seen', options: seen({ openCount: 0, clickCount: 0, notCounted: 0 }, INITIAL, null), shows: 'No open seen' },
  { name: 'read-sent', state: 'may-have-been-opened', options: seen({ openCount: 0, clickCount: 0, unknownCount: 1 }, [{ id: 26, eventType: 'open', createdAt: at('14:00'), verdict: 'unknown', client: 'Apple Mail', reason: 'Apple Mail loads images by itself when mail arrives.' }, ...INITIAL]), shows: /^May have been opened/ },
  { name: 'read-sent', state: 'policy-replies-only', options: { item: SENT, routes: { ...seen({ trackOpens: false, trackLinks: false, openCount: 0, clickCount: 0, notCounted: 0 }, INITIAL, null).routes, ...policy('repliesOnly') } }, shows: /Your organisation allows reply tracking only\./ },
  { name: 'read-sent', state: 'policy-off', options: { item: SENT, routes: { ...UNTRACKED, ...policy('off') } }, shows: 'Your organisation has switched tracking off.' },
  { name: 'read-sent', state: 'answered', options: seen({ lastRespondedTime: at('14:01') }, [{ id: 27, eventType: 'reply', createdAt: at('14:01'), recipient: 'buyer@playground.test' }, ...EVENTS], conversation({ status: 'finished', stopReason: 'answered', dripResponder: 'buyer@playground.test' })), shows: 'Stopped: buyer@playground.test answered.' },
  { name: 'read-sent', state: 'bounced', options: seen({ hasBounced: true, openCount: 0, clickCount: 0 }, [{ id: 27, eventType: 'replyBounce', createdAt: at('13:40'), recipient: 'buyer@playground.test', detail: '550 5.1.1 The email account that you tried to reach does not exist' }, ...INITIAL], conversation({ status: 'finished', stopReason: 'bounced' })), shows: 'Stopped: the mail bounced.' },
  { name: 'read-sent', state: 'several-people', options: seen({ recipients: ['buyer@playground.test', 'carl@fabrikam.test', 'dora@contoso.test'] }, EVENTS), shows: /\(1 of 3 people\)/ },
  { name: 'read-sent', state: 'opted-out', options: seen({ optedOut: true }, EVENTS), shows: /no longer recorded/ },
  { name: 'read-sent', state: 'looking', options: { item: { ...SENT, properties: OWN_CODE }, routes: { ...FULL, ...answers('GET /v1/email/tracking', paged([])) } }, shows: 'Looking for the sent message…' },
  { name: 'read-sent', state: 'not-found', options: { item: { ...SENT, properties: OWN_CODE }, routes: { ...FULL, ...answers('GET /v1/email/tracking', paged([])) } }, go: async ({ page }) => {
    await page.getByText('Looking for the sent message…').waitFor();
    await page.clock.fastForward(121_000);
  }, shows: 'Not found; answers are still watched.' },
  { name: 'read-sent', state: 'untracked', options: { item: SENT, routes: UNTRACKED }, shows: 'Not tracked.' },
  { name: 'read-sent', state: 'loading', options: { item: SENT, routes: { ...FULL, ...hanging('GET /v1/email/tracking') } }, go: (pane) => later(pane, 9), shows: /Still waiting for this message/ },
  { name: 'read-sent', state: 'error', options: { item: SENT, routes: { ...FULL, ...broken('GET /v1/email/tracking') } }, go: (pane) => later(pane, 5), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'read-sent', state: 'offline', options: sent, go: async ({ page }) => {
    await page.getByRole('heading', { name: /^Probably opened/ }).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'read-sent', state: 'unreachable', options: { item: SENT, routes: { ...FULL, ...unreachable('GET /v1/email/tracking') } }, go: (pane) => later(pane, 5), shows: /^Sundial’s server can’t be reached/ },
  { name: 'read-sent', state: 'session-ended', options: { item: SENT, routes: { ...FULL, ...refused('PUT /v1/followup/conversations/{convoId}') } }, go: ({ page }) => press(page, 'Skip step'), shows: 'Your session has ended.' },
  followUp('paused', { pausedUntil: '2026-12-02T09:00:00+01:00', pauseReason: 'away' }, /^Paused: away until/),
  followUp('news-lost', { pauseReason: 'newsLost' }, /^Waiting: an answer may have been missed/),
  followUp('field-missing', { status: 'ruleIncomplete', missing: ['company'] }, 'Not sent: company missing.'),
  followUp('failed', { status: 'failed', stopReason: 'failed', dripError: 'the mail server answered 550 5.7.1 Relaying denied' }, /^Not sent: the mail server/),
  followUp('in-doubt', { status: 'failed', stopReason: 'inDoubt', steps: [{ num: 1, state: 'inDoubt', plannedAt: at('13:59'), internetMessageId: '<s1@x>' }] }, /^The connection broke/),
  followUp('stopped', { status: 'disabled', stopReason: 'stopped' }, 'Stopped by you.'),
  { name: 'start-follow-up', state: 'full', options: seen({}, INITIAL, null), go: ({ page }) => press(page, 'Start a follow-up'), shows: 'Start follow-up' },
  { name: 'start-follow-up', state: 'several-steps', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...answers('POST /v1/followup/preview', { ...PREVIEW, steps: [1, 2, 3].map((num) => ({ ...PREVIEW.steps[0]!, num, plannedAt: `2026-12-0${num}T09:10:00+01:00` })) }) } }, go: ({ page }) => press(page, 'Start a follow-up'), shows: 'Start follow-up' },
  { name: 'start-follow-up', state: 'policy-off', options: { item: SENT, routes: { ...UNTRACKED, ...policy('off') } }, go: ({ page }) => press(page, 'Start a follow-up'), shows: 'Start follow-up' },
  { name: 'start-follow-up', state: 'policy-replies-only', options: { item: SENT, routes: { ...UNTRACKED, ...policy('repliesOnly') } }, go: ({ page }) => press(page, 'Start a follow-up'), shows: 'Start follow-up' },
  { name: 'start-follow-up', state: 'loading', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...hanging('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Start a follow-up');
    await later(pane, 9);
  }, shows: /Still waiting for your sequences/ },
  { name: 'start-follow-up', state: 'empty', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...answers('GET /v1/followup/rules', paged([])) } }, go: ({ page }) => press(page, 'Start a follow-up'), shows: /^No sequence yet/ },
  { name: 'start-follow-up', state: 'error', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...broken('PUT /v1/followup/conversations/{convoId}') } }, go: async ({ page }) => {
    await press(page, 'Start a follow-up');
    await press(page, 'Start follow-up');
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'start-follow-up', state: 'session-ended', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...refused('PUT /v1/followup/conversations/{convoId}') } }, go: async ({ page }) => {
    await press(page, 'Start a follow-up');
    await press(page, 'Start follow-up');
  }, shows: 'Your session has ended.' },
  { name: 'start-follow-up', state: 'broken-line', options: { ...seen({}, INITIAL, null), routes: { ...seen({}, INITIAL, null).routes, ...unreachable('PUT /v1/followup/conversations/{convoId}') } }, go: async ({ page }) => {
    await press(page, 'Start a follow-up');
    await press(page, 'Start follow-up');
  }, shows: /^The connection broke before the server answered/ },

  { name: 'read-received', state: 'full', options: received, shows: 'Both open a reply; nothing is sent.' },
  { name: 'read-received', state: 'no-follow-up', options: { ...received, routes: { ...FULL, 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'disabled' } } }, shows: 'No follow-up runs in this conversation.' },
  { name: 'read-received', state: 'error', options: { ...received, routes: { ...FULL, ...broken('GET /v1/followup/conversations/{convoId}') } }, go: (pane) => later(pane, 5), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'read-received', state: 'loading', options: { ...received, routes: { ...FULL, ...hanging('GET /v1/followup/conversations/{convoId}') } }, go: (pane) => later(pane, 9), shows: /Still waiting for the conversation/ },
  { name: 'read-received', state: 'offline', options: received, go: async ({ page }) => {
    await page.getByText(/^Your follow-up/).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'read-received', state: 'session-ended', options: { ...received, routes: { ...FULL, ...refused('POST /v1/followup/preview') } }, go: async ({ page }) => {
    await press(page, 'Reply with template');
    await press(page, /^Price list/);
  }, shows: 'Your session has ended.' },
  { name: 'reply-with-template', state: 'preview', options: received, go: async ({ page }) => {
    await press(page, 'Reply with template');
    await press(page, /^Price list/);
  }, shows: 'Open the reply' },
  { name: 'reply-with-template', state: 'empty', options: { ...received, routes: { ...FULL, ...answers('GET /v1/followup/rules', paged([])) } }, go: ({ page }) => press(page, 'Reply with template'), shows: /^No template yet/ },
  { name: 'reply-with-template', state: 'loading', options: { ...received, routes: { ...FULL, ...hanging('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Reply with template');
    await later(pane, 9);
  }, shows: /Still waiting for your templates/ },
  { name: 'reply-with-template', state: 'offline', options: { ...received, routes: { ...FULL, ...unreachable('POST /v1/followup/preview') } }, go: async (pane) => {
    await press(pane.page, 'Reply with template');
    await press(pane.page, /^Price list/);
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'reply-with-template', state: 'office-refused', options: { ...received, failing: ['displayReplyForm'] }, go: async ({ page }) => {
    await press(page, 'Reply with template');
    await press(page, /^Price list/);
    await press(page, 'Open the reply');
  }, shows: 'Outlook refused it. Try again.' },
  { name: 'reply-with-template', state: 'list', options: received, go: ({ page }) => press(page, 'Reply with template'), shows: /^Price list/ },
  { name: 'offer-times', state: 'full', options: received, go: ({ page }) => press(page, 'Offer times'), shows: 'Insert 3 times' },
  { name: 'offer-times', state: 'no-page', options: { ...received, routes: { ...FULL, ...answers('GET /v1/book/account/profiles', paged([])) } }, go: ({ page }) => press(page, 'Offer times'), shows: /^Free times come from a booking page/ },
  { name: 'offer-times', state: 'error', options: { ...received, routes: { ...FULL, ...broken('GET /v1/book/account/profiles') } }, go: async (pane) => {
    await press(pane.page, 'Offer times');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'read-appointment', state: 'full', options: { item: { ...SENT, itemType: 'appointment' }, routes: FULL }, shows: /meeting/ },
  { name: 'no-item', state: 'null', options: { item: null, routes: FULL }, shows: 'Choose one message.' },
  { name: 'no-item', state: 'offline', options: { item: null, routes: FULL }, go: async ({ page }) => {
    await page.getByText('Choose one message.').waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
];
