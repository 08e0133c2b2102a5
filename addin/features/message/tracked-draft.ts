/**
 * What a tracked draft carries, for the pane and for the events that Outlook runs without it. Classic
 * Outlook on Windows before version 2403 runs those on an engine that fails on anything beyond ES2016
 * and, as Microsoft documents, on the conditional operator: so neither stands in here, nor `?.` and
 * `??`, which the compiler turns into it. test/launchevent.test.ts looks at what was built.
 */

/** What is tracked of one message that is being written. */
export interface TrackingOptions {
  readonly opens: boolean;
  readonly replies: boolean;
  readonly links: boolean;
}

/** The draft's own state, kept in a custom property so that a reopened draft finds it without the server. */
export interface TrackedDraft extends TrackingOptions {
  readonly draftId: string;
  readonly code: string;
  /** What Outlook appends when Send is pressed; kept, because a reopened draft may have lost it. */
  readonly append: string;
  /** Lets Outlook's event on Send report this draft without signing in; empty in drafts of older versions. */
  readonly report: string;
}

/** The internet header that names the code, for messages without a pixel. */
export const HEADER = 'x-sundial-id';
export const PROPERTY = 'sundial';
export const INFO_BAR = 'sundialTracking';
/** In the item's session data: the id under which pane and event prepare the same draft, so that both get the same code. */
export const SESSION_DRAFT = 'sundialDraft';
/** In place of that id: the person turned tracking off, so an event that is still at work must not turn it on. */
export const SESSION_OFF = 'off';
/** In the roaming settings: the last choice of this mailbox's owner. */
export const LAST_CHOICE = 'tracking';
/** For whom has not chosen yet. Links would change what stands in the body, so they are asked for. */
export const FIRST_CHOICE: TrackingOptions = { opens: true, replies: true, links: false };
/** What the server takes of a report that a draft was sent. */
export const SUBJECT_LIMIT = 1000;
export const RECIPIENT_LIMIT = 1000;
/** A custom property set holds 2,500 characters in all. */
const PROPERTY_LIMIT = 2000;

export function parseDraft(stored: unknown): TrackedDraft | null {
  const value = parsed(stored);
  if (typeof value.code !== 'string' || typeof value.draftId !== 'string' || !value.code || !value.draftId) return null;
  return {
    opens: value.opens === true, replies: value.replies === true, links: value.links === true,
    draftId: value.draftId, code: value.code, append: text(value.append), report: text(value.report),
  };
}

export function propertyOf(draft: TrackedDraft): string {
  const whole = JSON.stringify(draft);
  if (whole.length <= PROPERTY_LIMIT) return whole;
  return JSON.stringify(Object.assign({}, draft, { append: '' }));
}

/** What the owner chose last; null where he never did, which is when the organisation's default counts. */
export function parseChoice(stored: unknown): { readonly on: boolean; readonly options: TrackingOptions } | null {
  const value = parsed(stored);
  if (typeof value.on !== 'boolean') return null;
  return { on: value.on, options: { opens: value.opens !== false, replies: value.replies !== false, links: value.links === true } };
}

/** The line above the message; Outlook shows at most 150 characters of it. */
export function infoText(options: TrackingOptions): string {
  const what = [];
  if (options.opens) what.push('opens');
  if (options.replies) what.push('replies');
  if (options.links) what.push('links');
  const last = what.pop();
  if (last === undefined) return 'Sundial: this message is followed up.';
  if (!what.length) return `Sundial: ${last} tracked.`;
  return `Sundial: ${what.join(', ')} and ${last} tracked.`;
}

function parsed(stored: unknown): Record<string, unknown> {
  if (typeof stored !== 'string' || !stored) return {};
  try {
    const value = JSON.parse(stored) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    // Written by something else: as if nothing were there.
    void error;
  }
  return {};
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return '';
}
