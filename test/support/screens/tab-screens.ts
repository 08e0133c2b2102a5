import { answers, Refusal } from '../answers.ts';
import { ACTIVITY, FULL, page as paged } from './pane-data.ts';
import { broken, hanging, later, policy, press, refused, tab, unreachable, type Screen } from './screen.ts';
import type { PanePage } from './pane-page.ts';

const busy = { ...FULL, ...answers('GET /v1/email/tracking', paged(ACTIVITY.trackings)) };
const section = (name: string) => async ({ page }: PanePage): Promise<void> => {
  await tab(page, 'Settings');
  await press(page, name);
};
const inSection = (name: string, more: (pane: PanePage) => Promise<void>) => async (pane: PanePage): Promise<void> => {
  await section(name)(pane);
  await more(pane);
};
const UNLINKED = { 'GET /v1/user': new Refusal(401, 'unauthorized') };
const PREPARED = { ...UNLINKED, ...answers('POST /v1/auth/prepare', { token: 'prepared-1' }) };

/** Before there is an account, and before there is an Outlook. */
export const SIGN_IN: readonly Screen[] = [
  { name: 'start', state: 'no-outlook', options: { host: null }, shows: 'Open Sundial in Outlook' },
  { name: 'start', state: 'outlook-silent', options: { officeJs: false }, go: (pane) => later(pane, 9), shows: 'Outlook didn’t answer.' },
  { name: 'sign-in', state: 'signed-out', options: { routes: UNLINKED }, shows: 'Sign in' },
  { name: 'sign-in', state: 'loading', options: { routes: hanging('GET /v1/user') }, go: (pane) => later(pane, 9), shows: /Still waiting for your account/ },
  { name: 'sign-in', state: 'waiting', options: { routes: PREPARED }, go: ({ page }) => press(page, 'Sign in'), shows: 'Finish in the sign-in window.' },
  { name: 'sign-in', state: 'blocked', options: { routes: PREPARED }, go: async ({ page }) => {
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.evaluate(() => outlook.failures.set('displayDialog', { code: 12011, name: 'Error', message: 'Blocked' }));
    await press(page, 'Sign in');
  }, shows: /Allow pop-ups for this site/ },
  { name: 'sign-in', state: 'error', options: { routes: broken('GET /v1/user') }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'sign-in', state: 'offline', options: { routes: unreachable('GET /v1/user') }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'sign-in', state: 'no-identity', options: { failing: ['identityToken'] }, shows: 'Outlook refused it. Try again.' },
  { name: 'what-is-stored', state: 'full', options: { routes: UNLINKED }, go: ({ page }) => press(page, 'What Sundial stores'), shows: /On this server/ },
];

export const ACTIVITY_TAB: readonly Screen[] = [
  { name: 'activity', state: 'full', options: { routes: busy }, go: ({ page }) => tab(page, 'Activity'), shows: 'Offer for a year' },
  { name: 'activity', state: 'filtered', options: { routes: busy }, go: async ({ page }) => {
    await tab(page, 'Activity');
    await press(page, /^Needs you/);
  }, shows: 'Offer for a year' },
  { name: 'activity', state: 'detail', options: { routes: busy }, go: async ({ page }) => {
    await tab(page, 'Activity');
    await press(page, /Our product for your team/);
  }, shows: 'To buyer@playground.test' },
  { name: 'activity', state: 'badge', options: { routes: busy }, shows: 'Choose one message.' },
  { name: 'activity', state: 'empty', options: { routes: { ...FULL, ...answers('GET /v1/email/tracking', paged([])), ...answers('GET /v1/followup/conversations', paged([])) } }, go: ({ page }) => tab(page, 'Activity'), shows: /^Nothing yet/ },
  { name: 'activity', state: 'loading', options: { routes: { ...FULL, ...hanging('GET /v1/email/tracking') } }, go: async (pane) => {
    await tab(pane.page, 'Activity');
    await later(pane, 2);
  }, shows: 'Activity' },
  { name: 'activity', state: 'error', options: { routes: { ...FULL, ...broken('GET /v1/followup/conversations') } }, go: async (pane) => {
    await tab(pane.page, 'Activity');
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'activity', state: 'filtered-empty', options: { routes: { ...busy, ...answers('GET /v1/email/tracking', paged(ACTIVITY.trackings.slice(0, 1))), ...answers('GET /v1/followup/conversations', paged([])) } }, go: async ({ page }) => {
    await tab(page, 'Activity');
    await press(page, /^Opened/);
  }, shows: /^Nothing has been opened yet/ },
  { name: 'activity', state: 'session-ended', options: { routes: { ...busy, ...refused('PUT /v1/followup/conversations/{convoId}') } }, go: async ({ page }) => {
    await tab(page, 'Activity');
    await press(page, /Our product for your team/);
    await press(page, 'Stop');
  }, shows: 'Your session has ended.' },
  { name: 'activity', state: 'detail-error', options: { routes: { ...busy, ...broken('GET /v1/email/tracking/{id}/events') } }, go: async (pane) => {
    await tab(pane.page, 'Activity');
    await press(pane.page, /Our product for your team/);
    await later(pane, 5);
  }, shows: 'Something failed on the server; nothing was sent.' },
  { name: 'activity', state: 'unreachable', options: { routes: { ...FULL, ...unreachable('GET /v1/email/tracking') } }, go: async (pane) => {
    await tab(pane.page, 'Activity');
    await later(pane, 5);
  }, shows: /^Sundial’s server can’t be reached/ },
  { name: 'activity', state: 'offline', options: { routes: busy }, go: async ({ page }) => {
    await tab(page, 'Activity');
    await page.getByText('Offer for a year').waitFor();
    await page.context().setOffline(true);
  }, shows: /No connection\. As of/ },
];

const lookAtFile = inSection('Templates and sequences', async ({ page }) => {
  await press(page, 'Import');
  await page.getByLabel('Or paste its text').fill('{"format":"sundial-templates","version":1,"rules":[{},{}]}');
  await press(page, 'Look at the text');
});

export const SETTINGS: readonly Screen[] = [
  { name: 'settings', state: 'full', options: { routes: FULL }, go: ({ page }) => tab(page, 'Settings'), shows: 'Hours and zone' },
  { name: 'settings-account', state: 'full', options: { routes: FULL }, go: section('Account'), shows: /^Mailbox:/ },
  { name: 'settings-account', state: 'error', options: { routes: { ...FULL, ...broken('POST /v1/user/logout') } }, go: inSection('Account', ({ page }) => press(page, 'Sign out')), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'settings-account', state: 'offline', options: { routes: FULL }, go: inSection('Account', async ({ page }) => {
    await page.getByText(/^Mailbox:/).waitFor();
    await page.context().setOffline(true);
  }), shows: /No connection\. As of/ },
  { name: 'settings-hours', state: 'broken-line', options: { routes: { ...FULL, ...unreachable('PATCH /v1/user/settings') } }, go: inSection('Hours and zone', ({ page }) => press(page, 'Save')), shows: /^The connection broke before the server answered/ },
  { name: 'settings-hours', state: 'session-ended', options: { routes: { ...FULL, ...refused('PATCH /v1/user/settings') } }, go: inSection('Hours and zone', ({ page }) => press(page, 'Save')), shows: 'Your session has ended.' },
  { name: 'settings-hours', state: 'saving', options: { routes: { ...FULL, ...hanging('PATCH /v1/user/settings') } }, go: inSection('Hours and zone', async (pane) => {
    await press(pane.page, 'Save');
    await later(pane, 9);
  }), shows: /^Still saving/ },
  { name: 'settings-hours', state: 'full', options: { routes: FULL }, go: section('Hours and zone'), shows: 'Monday' },
  { name: 'settings-hours', state: 'wrong', options: { routes: FULL }, go: inSection('Hours and zone', async ({ page }) => {
    await page.getByLabel('Time zone').fill('Nowhere');
    await page.getByLabel('Monday to').fill('08:00');
  }), shows: /end is not after the start/ },
  { name: 'settings-hours', state: 'saved', options: { routes: { ...FULL, 'PATCH /v1/user/settings': {}, 'PUT /v1/followup/config': {} } }, go: inSection('Hours and zone', ({ page }) => press(page, 'Save')), shows: 'Saved.' },
  { name: 'settings-hours', state: 'error', options: { routes: { ...FULL, ...broken('GET /v1/book/account/workHours') } }, go: inSection('Hours and zone', (pane) => later(pane, 5)), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'settings-hours', state: 'loading', options: { routes: { ...FULL, ...hanging('GET /v1/book/account/workHours') } }, go: inSection('Hours and zone', (pane) => later(pane, 9)), shows: /Still waiting for your hours/ },
  { name: 'settings-templates', state: 'full', options: { routes: FULL }, go: section('Templates and sequences'), shows: /^Gentle nudge/ },
  { name: 'settings-templates', state: 'empty', options: { routes: { ...FULL, ...answers('GET /v1/followup/rules', paged([])) } }, go: section('Templates and sequences'), shows: /^Nothing yet/ },
  { name: 'settings-templates', state: 'error', options: { routes: { ...FULL, ...broken('GET /v1/followup/rules') } }, go: inSection('Templates and sequences', (pane) => later(pane, 5)), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'settings-templates', state: 'loading', options: { routes: { ...FULL, ...hanging('GET /v1/followup/rules') } }, go: inSection('Templates and sequences', (pane) => later(pane, 9)), shows: /Still waiting for your templates/ },
  { name: 'settings-templates', state: 'offline', options: { routes: { ...FULL, ...unreachable('GET /v1/followup/rules') } }, go: inSection('Templates and sequences', (pane) => later(pane, 5)), shows: /^Sundial’s server can’t be reached/ },
  { name: 'settings-templates', state: 'session-ended', options: { routes: { ...FULL, ...refused('GET /v1/followup/rules') } }, go: section('Templates and sequences'), shows: 'Your session has ended.' },
  { name: 'import-templates', state: 'plan', options: { routes: { ...FULL, ...answers('POST /v1/followup/rules/import', { added: 1, dryRun: true, rules: [{ index: 0, name: 'Price list', outcome: 'rename', cleaned: false, newName: 'Price list (2)' }, { index: 1, name: 'Broken', outcome: 'refuse', cleaned: false, problems: [{ field: 'rules[1].actions[0].intervalDays', message: 'must be at most 365' }] }] }) } }, go: lookAtFile, shows: 'Import 1' },
  { name: 'import-templates', state: 'no-such-file', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, 'Import');
    await page.getByLabel('Or paste its text').fill('nothing of ours');
    await press(page, 'Look at the text');
  }), shows: /JSON|file/ },
  { name: 'import-templates', state: 'broken-line', options: { routes: { ...FULL, ...unreachable('POST /v1/followup/rules/import') } }, go: lookAtFile, shows: /^The connection broke before the server answered/ },
  { name: 'import-templates', state: 'session-ended', options: { routes: { ...FULL, ...refused('POST /v1/followup/rules/import') } }, go: lookAtFile, shows: 'Your session has ended.' },
  { name: 'edit-template', state: 'preview', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await press(page, 'Preview');
  }), shows: /No message with a recipient is chosen/ },
  { name: 'edit-template', state: 'full', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await press(page, 'Add field');
  }), shows: 'firstName' },
  { name: 'edit-template', state: 'leaving', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Price list 2027');
    await press(page, 'Back');
  }), shows: 'You have changes that are not saved.' },
  { name: 'edit-template', state: 'error', options: { routes: { ...FULL, ...broken('PUT /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Price list 2027');
    await press(page, 'Save');
  }), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'edit-template', state: 'session-ended', options: { routes: { ...FULL, ...refused('PUT /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Price list 2027');
    await press(page, 'Save');
  }), shows: 'Your session has ended.' },
  { name: 'edit-template', state: 'broken-line', options: { routes: { ...FULL, ...unreachable('PUT /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Price list 2027');
    await press(page, 'Save');
  }), shows: /^The connection broke before the server answered/ },
  { name: 'edit-template', state: 'new', options: { routes: FULL }, go: inSection('Templates and sequences', ({ page }) => press(page, 'Template')), shows: 'Give it a name.' },
  { name: 'edit-template', state: 'link', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await press(page, 'Link');
  }), shows: 'Save' },
  { name: 'edit-template', state: 'preview-loading', options: { routes: { ...FULL, ...hanging('POST /v1/followup/preview') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, /^Price list/);
    await press(pane.page, 'Preview');
    await later(pane, 9);
  }), shows: /^Still waiting for the preview/ },
  { name: 'edit-template', state: 'counts-loading', options: { routes: { ...FULL, ...hanging('GET /v1/stats/templates') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, /^Price list/);
    await later(pane, 9);
  }), shows: 'Subject (optional)' },
  { name: 'edit-template', state: 'saving', options: { routes: { ...FULL, ...hanging('PUT /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, /^Price list/);
    await press(pane.page, 'Save');
    await later(pane, 9);
  }), shows: /^Still saving/ },
  { name: 'edit-template', state: 'leaving-saving', options: { routes: { ...FULL, ...hanging('PUT /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Price list 2027');
    await press(page, 'Back');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Save' }).click();
    await press(page, 'Back');
  }), shows: 'Your changes are still being saved.' },
  { name: 'edit-template', state: 'deleting-waits', options: { routes: { ...FULL, ...hanging('DELETE /v1/followup/rules/{id}') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, /^Price list/);
    await press(pane.page, 'Delete');
    await pane.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await later(pane, 9);
  }), shows: /^Still deleting/ },
  { name: 'edit-sequence', state: 'preview-loading', options: { routes: { ...FULL, ...hanging('POST /v1/followup/preview') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, /^Gentle nudge/);
    await press(pane.page, 'Preview');
    await later(pane, 9);
  }), shows: /^Still waiting for the preview/ },
  { name: 'edit-sequence', state: 'saving', options: { routes: { ...FULL, ...hanging('POST /v1/followup/rules') } }, go: inSection('Templates and sequences', async (pane) => {
    await press(pane.page, 'Sequence');
    await pane.page.getByLabel('Name').first().fill('Second try');
    await press(pane.page, 'Save');
    await later(pane, 9);
  }), shows: /^Still saving/ },
  { name: 'edit-sequence', state: 'full', options: { routes: FULL }, go: inSection('Templates and sequences', ({ page }) => press(page, /^Three-touch/)), shows: 'Step 3' },
  { name: 'edit-sequence', state: 'deleting', options: { routes: FULL }, go: inSection('Templates and sequences', async ({ page }) => {
    await press(page, /^Gentle nudge/);
    await press(page, 'Delete');
  }), shows: '2 running follow-ups will stop.' },
  { name: 'edit-sequence', state: 'new', options: { routes: FULL }, go: inSection('Templates and sequences', ({ page }) => press(page, 'Sequence')), shows: 'Give it a name.' },
  { name: 'settings-booking', state: 'full', options: { routes: FULL }, go: section('Booking pages'), shows: 'Product call' },
  { name: 'settings-booking', state: 'empty', options: { routes: { ...FULL, ...answers('GET /v1/book/account/profiles', paged([])) } }, go: section('Booking pages'), shows: /^No booking page yet/ },
  { name: 'settings-booking', state: 'error', options: { routes: { ...FULL, ...broken('GET /v1/book/account/profiles') } }, go: inSection('Booking pages', (pane) => later(pane, 5)), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'edit-booking', state: 'full', options: { routes: FULL }, go: inSection('Booking pages', ({ page }) => press(page, 'Edit')), shows: /^Name in the address/ },
  { name: 'settings-booking', state: 'loading', options: { routes: { ...FULL, ...hanging('GET /v1/book/account/profiles') } }, go: inSection('Booking pages', (pane) => later(pane, 9)), shows: /Still waiting for your booking pages/ },
  { name: 'settings-booking', state: 'session-ended', options: { routes: { ...FULL, ...refused('PATCH /v1/book/account/profiles/{id}') } }, go: inSection('Booking pages', ({ page }) => page.getByRole('switch').first().click()), shows: 'Your session has ended.' },
  { name: 'edit-booking', state: 'new', options: { routes: FULL }, go: inSection('Booking pages', ({ page }) => press(page, 'Booking page')), shows: 'New booking page' },
  { name: 'edit-booking', state: 'leaving', options: { routes: FULL }, go: inSection('Booking pages', async ({ page }) => {
    await press(page, 'Edit');
    await page.getByLabel('Title').fill('A longer call');
    await press(page, 'Back');
  }), shows: 'You have changes that are not saved.' },
  { name: 'edit-booking', state: 'deleting', options: { routes: FULL }, go: inSection('Booking pages', async ({ page }) => {
    await press(page, 'Edit');
    await press(page, 'Delete');
  }), shows: /The page will be gone/ },
  { name: 'edit-booking', state: 'saving', options: { routes: { ...FULL, ...hanging('PATCH /v1/book/account/profiles/{id}') } }, go: inSection('Booking pages', async (pane) => {
    await press(pane.page, 'Edit');
    await press(pane.page, 'Save');
    await later(pane, 9);
  }), shows: /^Still saving/ },
  { name: 'edit-booking', state: 'deleting-waits', options: { routes: { ...FULL, ...hanging('DELETE /v1/book/account/profiles/{id}') } }, go: inSection('Booking pages', async (pane) => {
    await press(pane.page, 'Edit');
    await press(pane.page, 'Delete');
    await pane.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await later(pane, 9);
  }), shows: /^Still deleting/ },
  { name: 'edit-booking', state: 'refused', options: { routes: { ...FULL, 'PATCH /v1/book/account/profiles/{id}': new Refusal(409, 'conflict', 'Another booking page has this name.') } }, go: inSection('Booking pages', async ({ page }) => {
    await press(page, 'Edit');
    await press(page, 'Save');
  }), shows: 'Another booking page has this name.' },
  { name: 'edit-booking', state: 'broken-line', options: { routes: { ...FULL, ...unreachable('PATCH /v1/book/account/profiles/{id}') } }, go: inSection('Booking pages', async ({ page }) => {
    await press(page, 'Edit');
    await press(page, 'Save');
  }), shows: /^The connection broke before the server answered/ },
  { name: 'settings-tracking', state: 'full', options: { routes: FULL }, go: section('Tracking'), shows: /deleted after 12 months/ },
  { name: 'settings-tracking', state: 'deleting', options: { routes: FULL }, go: inSection('Tracking', ({ page }) => press(page, 'Delete my tracking data')), shows: /deleted for good/ },
  { name: 'settings-tracking', state: 'policy-replies-only', options: { routes: { ...FULL, ...policy('repliesOnly') } }, go: section('Tracking'), shows: 'Your organisation allows reply tracking only.' },
  { name: 'settings-tracking', state: 'policy-off', options: { routes: { ...FULL, ...policy('off') } }, go: section('Tracking'), shows: 'Your organisation has switched tracking off.' },
  { name: 'settings-tracking', state: 'error', options: { routes: { ...FULL, ...broken('GET /v1/email/tracking/policy') } }, go: inSection('Tracking', (pane) => later(pane, 5)), shows: 'Something failed on the server; nothing was sent.' },
  { name: 'settings-tracking', state: 'loading', options: { routes: { ...FULL, ...hanging('GET /v1/email/tracking/policy') } }, go: inSection('Tracking', (pane) => later(pane, 9)), shows: /Still waiting for/ },
  { name: 'settings-tracking', state: 'offline', options: { routes: { ...FULL, ...unreachable('GET /v1/email/tracking/policy') } }, go: inSection('Tracking', (pane) => later(pane, 5)), shows: /^Sundial’s server can’t be reached/ },
  { name: 'settings-tracking', state: 'session-ended', options: { routes: { ...FULL, ...refused('DELETE /v1/email/tracking') } }, go: inSection('Tracking', async ({ page }) => {
    await press(page, 'Delete my tracking data');
    await press(page, 'Delete my tracking data');
  }), shows: 'Your session has ended.' },
  { name: 'settings-tracking', state: 'deleted', options: { routes: { ...FULL, 'DELETE /v1/email/tracking': {} } }, go: inSection('Tracking', async ({ page }) => {
    await press(page, 'Delete my tracking data');
    await press(page, 'Delete my tracking data');
  }), shows: 'Your tracking data has been deleted.' },
  { name: 'settings-appearance', state: 'full', options: { routes: FULL }, go: section('Appearance'), shows: 'Auto (as Outlook)' },
];
