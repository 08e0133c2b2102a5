import { answers, Refusal } from '../answers.ts';
import { DRAFT_MADE, FULL, PREVIEW, RULES, page as paged } from './pane-data.ts';
import type { PaneOptions } from './pane-page.ts';
import { broken, deniedByPolicy, hanging, later, policy, press, refused, unreachable, type Screen } from './screen.ts';

const MESSAGE = { kind: 'compose', subject: 'Our product for your team', to: [{ displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }], html: '<p>See <a href="https://example.com/prices">our prices</a> and <a href="https://example.com/plans">our plans</a>.</p>' } as const;
const TRACKED = { ...MESSAGE, to: [...MESSAGE.to], properties: { sundial: JSON.stringify({ draftId: 'pane-1', code: 'code-12345', opens: true, replies: true, links: false, append: DRAFT_MADE.pixelHtml }) } };
const compose = { ...MESSAGE, to: [...MESSAGE.to] };
const on = { item: TRACKED, routes: FULL };
const MEETING: PaneOptions = { routes: FULL, item: { kind: 'compose', itemType: 'appointment', to: [...MESSAGE.to] } };
const off = { item: compose, routes: FULL };
const followUp = answers('GET /v1/followup/drafts/{trackingCode}', { trackingCode: 'code-12345', ruleId: 1, rule: RULES.records[0], actionVars: {}, afterDays: 3, targets: ['buyer@playground.test'] });
const MISSING = { ...PREVIEW, missing: ['company'], template: { ...PREVIEW.template, html: '<p>Hello Bea, here are our prices for {{company}}.</p>', missing: ['company'] } };
const SWITCH = /^Track this message/;

/** The Message tab while a message is written. */
export const COMPOSE: readonly Screen[] = [
  { name: 'compose', state: 'off', options: off, shows: 'Track this message: Off' },
  { name: 'compose', state: 'on', options: on, shows: 'Track this message: On' },
  { name: 'compose', state: 'on-as-last-time', options: { ...off, roaming: { tracking: '{"on":true,"opens":true,"replies":true,"links":false}' } }, shows: 'Track this message: On, as last time' },
  { name: 'compose', state: 'links', options: off, go: async ({ page }) => {
    await page.getByRole('switch', { name: SWITCH }).click();
    await page.getByRole('checkbox', { name: 'Links' }).click();
    await page.getByText('2 links tracked.').waitFor();
    await page.evaluate(() => {
      const item = outlook.item as { html: string };
      item.html += '<a href="https://example.com/more">more</a>';
    });
    await page.clock.fastForward(6000);
  }, shows: /^1 new link isn’t tracked/ },
  { name: 'compose', state: 'plain-text', options: { routes: FULL, item: { ...TRACKED, bodyType: 'text' } }, shows: 'Plain text can’t show opens. Replies still work.' },
  { name: 'compose', state: 'several-recipients', options: { routes: FULL, item: { ...TRACKED, to: [...TRACKED.to, { displayName: 'Carl', emailAddress: 'carl@fabrikam.test' }] } }, shows: 'We’ll see that someone opened, not who.' },
  { name: 'compose', state: 'policy-replies-only', options: { item: TRACKED, routes: { ...FULL, ...policy('repliesOnly') } }, shows: 'Your organisation allows reply tracking only.' },
  { name: 'compose', state: 'policy-off', options: { item: compose, routes: { ...FULL, ...policy('off') } }, shows: 'Your organisation has switched tracking off.' },
  { name: 'compose', state: 'policy-off-tracked-before', options: { item: TRACKED, routes: { ...FULL, ...policy('off') } }, shows: 'Track this message: On' },
  { name: 'compose', state: 'error', options: { item: compose, routes: { ...FULL, ...broken('POST /v1/email/draftTracking/create') } }, go: ({ page }) => page.getByRole('switch', { name: SWITCH }).click(), shows: 'Tracking isn’t on. Your mail is unaffected.' },
  { name: 'compose', state: 'working', options: { item: compose, routes: { ...FULL, ...hanging('POST /v1/email/draftTracking/create') } }, go: ({ page }) => page.getByRole('switch', { name: SWITCH }).click(), shows: 'Track this message: one moment…' },
  { name: 'compose', state: 'loading', options: { item: compose, routes: { ...FULL, ...hanging('GET /v1/email/tracking/policy') } }, go: (pane) => later(pane, 9), shows: /Still waiting for the message/ },
  { name: 'compose', state: 'offline', options: on, go: async ({ page }) => {
    await page.getByRole('switch', { name: SWITCH }).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'compose', state: 'session-ended', options: { item: compose, routes: { ...FULL, ...refused('POST /v1/email/draftTracking/create') } }, go: ({ page }) => page.getByRole('switch', { name: SWITCH }).click(), shows: 'Your session has ended.' },
  { name: 'compose', state: 'follow-up-chosen', options: { item: TRACKED, routes: { ...FULL, ...followUp } }, shows: 'Follow-up: Gentle nudge' },
  { name: 'appointment', state: 'full', options: MEETING, shows: 'Insert' },
  { name: 'appointment', state: 'offline', options: MEETING, go: async ({ page }) => {
    await page.getByRole('button', { name: 'Times' }).waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
  { name: 'appointment', state: 'session-ended', options: { ...MEETING, routes: { ...FULL, ...refused('GET /v1/followup/rules') } }, go: ({ page }) => press(page, 'Template'), shows: 'Your session has ended.' },
  { name: 'appointment-template', state: 'preview', options: MEETING, go: async ({ page }) => {
    await press(page, 'Template');
    await press(page, /^Price list/);
  }, shows: 'Subject: Our prices for Northwind' },
  { name: 'appointment-times', state: 'full', options: MEETING, go: ({ page }) => press(page, 'Times'), shows: 'Insert 3 times' },
  { name: 'appointment-booking', state: 'full', options: MEETING, go: ({ page }) => press(page, 'Booking'), shows: /^Product call/ },
  { name: 'recipients-see', state: 'untracked', options: off, go: ({ page }) => press(page, 'What recipients see'), shows: /can always ask not to be tracked/ },
  { name: 'recipients-see', state: 'full', options: on, go: ({ page }) => press(page, 'What recipients see'), shows: /You can opt out of tracking/ },
  { name: 'recipients-see', state: 'policy-replies-only', options: { item: TRACKED, routes: { ...FULL, ...policy('repliesOnly') } }, go: ({ page }) => press(page, 'What recipients see'), shows: 'Your organisation allows reply tracking only.' },
  { name: 'recipients-see', state: 'policy-off', options: { item: compose, routes: { ...FULL, ...policy('off') } }, go: ({ page }) => press(page, 'What recipients see'), shows: 'Your organisation has switched tracking off.' },

  { name: 'follow-up-picker', state: 'full', options: on, go: async ({ page }) => {
    await press(page, 'Choose');
    await press(page, /^Preview/);
  }, shows: 'Re: Our product for your team' },
  { name: 'follow-up-picker', state: 'missing-field', options: { ...on, routes: { ...FULL, ...answers('POST /v1/followup/preview', MISSING) } }, go: ({ page }) => press(page, 'Choose'), shows: 'Fill in Company first.' },
  { name: 'follow-up-picker', state: 'empty', options: { ...on, routes: { ...FULL, ...answers('GET /v1/followup/rules', paged([])) } }, go: ({ page }) => press(page, 'Choose'), shows: /^No sequence yet/ },
  { name: 'follow-up-picker', state: 'policy-replies-only', options: { item: compose, routes: { ...FULL, ...policy('repliesOnly') } }, go: ({ page }) => press(page, 'Choose'), shows: 'Use follow-up' },
  { name: 'follow-up-picker', state: 'policy-off', options: { item: compose, routes: { ...FULL, ...deniedByPolicy('POST /v1/email/draftTracking/create') } }, go: async ({ page }) => {
    await press(page, 'Choose');
    await press(page, 'Use follow-up');
  }, shows: /^Your organisation has switched tracking off\./ },
  { name: 'follow-up-picker', state: 'loading', options: { ...on, routes: { ...FULL, ...hanging('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Choose');
    await later(pane, 2);
  }, shows: 'Follow-up' },
  { name: 'follow-up-picker', state: 'error', options: { ...on, routes: { ...FULL, ...broken('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Choose');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'follow-up-picker', state: 'offline', options: { ...on, routes: { ...FULL, ...unreachable('POST /v1/followup/preview') } }, go: async (pane) => {
    await press(pane.page, 'Choose');
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'follow-up-picker', state: 'session-ended', options: { ...on, routes: { ...FULL, ...refused('GET /v1/followup/rules') } }, go: ({ page }) => press(page, 'Choose'), shows: 'Your session has ended.' },

  { name: 'insert-template', state: 'list', options: off, go: ({ page }) => press(page, 'Template'), shows: /^Price list/ },
  { name: 'insert-template', state: 'preview', options: off, go: async ({ page }) => {
    await press(page, 'Template');
    await press(page, /^Price list/);
  }, shows: 'Subject: Our prices for Northwind' },
  { name: 'insert-template', state: 'missing-field', options: { ...off, routes: { ...FULL, ...answers('POST /v1/followup/preview', MISSING) } }, go: async ({ page }) => {
    await press(page, 'Template');
    await press(page, /^Price list/);
  }, shows: 'Fill in Company first.' },
  { name: 'insert-template', state: 'nothing-found', options: off, go: async ({ page }) => {
    await press(page, 'Template');
    await page.getByRole('searchbox').fill('zebra');
  }, shows: 'No template matches “zebra”.' },
  { name: 'insert-template', state: 'empty', options: { ...off, routes: { ...FULL, ...answers('GET /v1/followup/rules', paged([])) } }, go: ({ page }) => press(page, 'Template'), shows: /^No template yet/ },
  { name: 'insert-template', state: 'error', options: { ...off, routes: { ...FULL, ...broken('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Template');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'insert-template', state: 'loading', options: { ...off, routes: { ...FULL, ...hanging('GET /v1/followup/rules') } }, go: async (pane) => {
    await press(pane.page, 'Template');
    await later(pane, 9);
  }, shows: /Still waiting for your templates/ },
  { name: 'insert-template', state: 'offline', options: { ...off, routes: { ...FULL, ...unreachable('POST /v1/followup/preview') } }, go: async (pane) => {
    await press(pane.page, 'Template');
    await press(pane.page, /^Price list/);
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'insert-template', state: 'session-ended', options: { ...off, routes: { ...FULL, ...refused('POST /v1/followup/preview') } }, go: async ({ page }) => {
    await press(page, 'Template');
    await press(page, /^Price list/);
  }, shows: 'Your session has ended.' },
  { name: 'insert-template', state: 'office-refused', options: { ...off, failing: ['body.setSelectedData'] }, go: async ({ page }) => {
    await press(page, 'Template');
    await press(page, /^Price list/);
    await press(page, 'Insert');
  }, shows: 'Outlook refused it. Try again.' },

  { name: 'free-times', state: 'full', options: off, go: ({ page }) => press(page, 'Times'), shows: 'Insert 3 times' },
  { name: 'free-times', state: 'hold-failed', options: { ...off, routes: { ...FULL, 'POST /v1/book/account/profiles/{id}/meeting': new Refusal(409, 'slot.taken', 'That time has gone.') } }, go: async ({ page }) => {
    await press(page, 'Times');
    await page.getByRole('checkbox', { name: /^Hold/ }).click();
    await press(page, 'Insert 3 times');
  }, shows: 'That time has gone. Choose another.' },
  { name: 'free-times', state: 'nothing-free', options: { ...off, routes: { ...FULL, ...answers('GET /v1/book/account/profiles/{id}/meeting', { items: [] }) } }, go: ({ page }) => press(page, 'Times'), shows: /^No free time/ },
  { name: 'free-times', state: 'no-page', options: { ...off, routes: { ...FULL, ...answers('GET /v1/book/account/profiles', paged([])) } }, go: ({ page }) => press(page, 'Times'), shows: /^Free times come from a booking page/ },
  { name: 'free-times', state: 'loading', options: { ...off, routes: { ...FULL, ...hanging('GET /v1/book/account/profiles/{id}/meeting') } }, go: async (pane) => {
    await press(pane.page, 'Times');
    await later(pane, 9);
  }, shows: /Still waiting for your calendar/ },
  { name: 'free-times', state: 'error', options: { ...off, routes: { ...FULL, ...broken('GET /v1/book/account/profiles/{id}/meeting') } }, go: async (pane) => {
    await press(pane.page, 'Times');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'free-times', state: 'offline', options: { ...off, routes: { ...FULL, ...unreachable('GET /v1/book/account/profiles/{id}/meeting') } }, go: async (pane) => {
    await press(pane.page, 'Times');
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'free-times', state: 'session-ended', options: { ...off, routes: { ...FULL, ...refused('POST /v1/book/account/profiles/{id}/meeting') } }, go: async ({ page }) => {
    await press(page, 'Times');
    await page.getByRole('checkbox', { name: /^Hold/ }).click();
    await press(page, 'Insert 3 times');
  }, shows: 'Your session has ended.' },

  { name: 'insert-booking', state: 'full', options: off, go: ({ page }) => press(page, 'Booking'), shows: /^Product call/ },
  { name: 'insert-booking', state: 'empty', options: { ...off, routes: { ...FULL, ...answers('GET /v1/book/account/profiles', paged([])) } }, go: ({ page }) => press(page, 'Booking'), shows: /^No booking page that takes bookings/ },
  { name: 'insert-booking', state: 'loading', options: { ...off, routes: { ...FULL, ...hanging('GET /v1/book/account/profiles') } }, go: async (pane) => {
    await press(pane.page, 'Booking');
    await later(pane, 9);
  }, shows: /Still waiting for your booking pages/ },
  { name: 'insert-booking', state: 'error', options: { ...off, routes: { ...FULL, ...broken('GET /v1/book/account/profiles') } }, go: async (pane) => {
    await press(pane.page, 'Booking');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'insert-booking', state: 'offline', options: { ...off, routes: { ...FULL, ...unreachable('GET /v1/book/account/profiles') } }, go: async (pane) => {
    await press(pane.page, 'Booking');
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'insert-booking', state: 'session-ended', options: { ...off, routes: { ...FULL, ...refused('GET /v1/book/account/profiles') } }, go: ({ page }) => press(page, 'Booking'), shows: 'Your session has ended.' },
  { name: 'insert-booking', state: 'office-refused', options: { ...off, failing: ['body.setSelectedData'] }, go: async ({ page }) => {
    await press(page, 'Booking');
    await press(page, /^Product call/);
  }, shows: 'Outlook refused it. Try again.' },
];
