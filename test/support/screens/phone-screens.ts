import { answers, Refusal } from '../answers.ts';
import { conversation, EVENTS, FULL, page as paged, tracking } from './pane-data.ts';
import type { PaneOptions } from './pane-page.ts';
import { broken, hanging, later, policy, press, refused, unreachable, type Screen } from './screen.ts';

/** Outlook on a phone as it is at its least: Mailbox 1.5, reading alone. */
const phone = (options: PaneOptions, platform = 'iOS'): PaneOptions => ({ mailboxSet: 5, platform, ...options });
const SENT = { kind: 'read', subject: 'Our product for your team' } as const;
const OWN_CODE = { sundial: JSON.stringify({ draftId: 'pane-1', code: 'code-12345' }) };
const RECEIVED = { kind: 'read', subject: 'Three questions', from: { displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }, to: [] } as const;
const received = { ...RECEIVED, to: [] };
const followUp = (part: Parameters<typeof conversation>[0]): PaneOptions => phone({ item: SENT, routes: { ...FULL, ...answers('GET /v1/followup/conversations/{convoId}', conversation(part)) } });
const NO_FOLLOW_UP = { 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'disabled' } };
const UNTRACKED = answers('GET /v1/email/tracking', paged([]));

/** The timeline and two actions. */
export const PHONE: readonly Screen[] = [
  { name: 'phone-sent', state: 'full', options: phone({ item: SENT, routes: FULL }), go: async ({ page }) => {
    await press(page, /not counted/);
    await press(page, 'Why?');
  }, shows: 'Skip step' },
  { name: 'phone-sent', state: 'android', options: phone({ item: SENT, routes: FULL }, 'Android'), shows: 'Skip step' },
  { name: 'phone-sent', state: 'no-open-seen', options: phone({ item: SENT, routes: { ...FULL, ...NO_FOLLOW_UP, ...answers('GET /v1/email/tracking', paged([tracking({ openCount: 0, clickCount: 0, notCounted: 0 })])), ...answers('GET /v1/email/tracking/{id}/events', paged(EVENTS.slice(-1))) } }), shows: 'No open seen' },
  { name: 'phone-sent', state: 'paused', options: followUp({ pausedUntil: '2026-12-02T09:00:00+01:00', pauseReason: 'away' }), shows: 'Resume' },
  { name: 'phone-sent', state: 'answered', options: followUp({ status: 'finished', stopReason: 'answered', dripResponder: 'buyer@playground.test' }), shows: 'Start again' },
  { name: 'phone-sent', state: 'field-missing', options: followUp({ status: 'ruleIncomplete', missing: ['company'] }), shows: 'Not sent: company missing.' },
  { name: 'phone-sent', state: 'untracked', options: phone({ item: SENT, routes: { ...FULL, ...UNTRACKED, ...NO_FOLLOW_UP } }), shows: 'Not tracked.' },
  { name: 'phone-sent', state: 'policy-off', options: phone({ item: SENT, routes: { ...FULL, ...UNTRACKED, ...NO_FOLLOW_UP, ...policy('off') } }), shows: 'Your organisation has switched tracking off.' },
  { name: 'phone-sent', state: 'policy-off-tracked-before', options: phone({ item: SENT, routes: { ...FULL, ...policy('off') } }), shows: 'Skip step' },
  { name: 'phone-sent', state: 'policy-replies-only', options: phone({ item: SENT, routes: { ...FULL, ...policy('repliesOnly'), ...answers('GET /v1/email/tracking', paged([tracking({ trackOpens: false, trackLinks: false, openCount: 0, clickCount: 0, notCounted: 0 })])), ...answers('GET /v1/email/tracking/{id}/events', paged(EVENTS.slice(-1))) } }), shows: /Your organisation allows reply tracking only\./ },
  { name: 'phone-sent', state: 'not-found', options: phone({ item: { ...SENT, properties: OWN_CODE }, routes: { ...FULL, ...UNTRACKED } }), go: async ({ page }) => {
    await page.getByText('Looking for the sent message…').waitFor();
    await page.clock.fastForward(121_000);
  }, shows: 'Not found; answers are still watched.' },
  { name: 'phone-sent', state: 'loading', options: phone({ item: SENT, routes: { ...FULL, ...hanging('GET /v1/email/tracking') } }), go: (pane) => later(pane, 9), shows: /Still waiting for this message/ },
  { name: 'phone-sent', state: 'error', options: phone({ item: SENT, routes: { ...FULL, ...broken('GET /v1/email/tracking') } }), go: (pane) => later(pane, 5), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'phone-sent', state: 'offline', options: phone({ item: SENT, routes: FULL }), go: async ({ page }) => {
    await page.getByRole('heading', { name: /^Probably opened/ }).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'phone-sent', state: 'unreachable', options: phone({ item: SENT, routes: { ...FULL, ...unreachable('GET /v1/email/tracking') } }), go: (pane) => later(pane, 5), shows: /^Sundial’s server can’t be reached/ },
  { name: 'phone-sent', state: 'session-ended', options: phone({ item: SENT, routes: { ...FULL, ...refused('PUT /v1/followup/conversations/{convoId}') } }), go: ({ page }) => press(page, 'Stop'), shows: 'Your session has ended.' },

  { name: 'phone-received', state: 'full', options: phone({ item: received, routes: FULL }), shows: 'Skip step' },
  { name: 'phone-received', state: 'no-follow-up', options: phone({ item: received, routes: { ...FULL, ...NO_FOLLOW_UP } }), shows: 'No follow-up runs in this conversation.' },
  { name: 'phone-received', state: 'policy-off', options: phone({ item: received, routes: { ...FULL, ...NO_FOLLOW_UP, ...policy('off') } }), shows: 'No follow-up runs in this conversation.' },
  { name: 'phone-received', state: 'error', options: phone({ item: received, routes: { ...FULL, ...broken('GET /v1/followup/conversations/{convoId}') } }), go: (pane) => later(pane, 5), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'phone-received', state: 'loading', options: phone({ item: received, routes: { ...FULL, ...hanging('GET /v1/followup/conversations/{convoId}') } }), go: (pane) => later(pane, 9), shows: /Still waiting for the conversation/ },
  { name: 'phone-received', state: 'offline', options: phone({ item: received, routes: FULL }), go: async ({ page }) => {
    await page.getByRole('button', { name: 'Skip step' }).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'phone-received', state: 'session-ended', options: phone({ item: received, routes: { ...FULL, ...refused('PUT /v1/followup/conversations/{convoId}') } }), go: ({ page }) => press(page, 'Stop'), shows: 'Your session has ended.' },

  { name: 'phone-appointment', state: 'full', options: phone({ item: { ...SENT, itemType: 'appointment' }, routes: FULL }), shows: /meeting/ },
  { name: 'phone-no-item', state: 'null', options: phone({ item: null, routes: FULL }), shows: 'Choose one message.' },
  { name: 'phone-sign-in', state: 'signed-out', options: phone({ routes: { 'GET /v1/user': new Refusal(401, 'unauthorized') } }), shows: 'Sign in' },
];
