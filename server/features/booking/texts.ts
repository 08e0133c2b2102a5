import { Temporal } from 'temporal-polyfill';
import { oneLine } from '../../lib/template.ts';

/**
 * The texts of a meeting: variables of the profile's subject and description, and what is said to whom.
 * `{{name}}`, `{{email}}`, `{{openMeetingUrl}}` and `{{rescheduleToken}}` are built in; every other name is
 * a field that the visitor is asked for.
 */
const VARIABLE = /\{\{[ \t]*([A-Za-z_][A-Za-z0-9_.-]{0,63})[ \t]*\}\}/g;
const BUILT_IN = new Set(['name', 'email', 'openMeetingUrl', 'rescheduleToken']);
/** Variables whose value is the host's or ours, never a visitor's word. */
const OURS = new Set(['openMeetingUrl', 'rescheduleToken']);

export type Values = Readonly<Record<string, string>>;

export const variablesIn = (...templates: string[]): string[] =>
  [...new Set(templates.flatMap((text) => [...text.matchAll(VARIABLE)].map((match) => match[1]!)))];

export const askedFor = (...templates: string[]): string[] => variablesIn(...templates).filter((name) => !BUILT_IN.has(name));

/** A variable without a value leaves nothing behind: a meeting is booked even if a field was left empty. */
export const fill = (template: string, values: Values): string =>
  template.replace(VARIABLE, (_, name: string) => (Object.hasOwn(values, name) ? values[name]! : '')).trim();

/** The same for a title, where what was left empty leaves no gap either. */
export const fillLine = (template: string, values: Values): string => oneLine(fill(template, values)).replace(/ {2,}/g, ' ');

/** The profile's subject as a title for everybody: without what a visitor would write into it. */
export function publicTitle(profile: { subject: string; name: string }): string {
  return safeText(profile.subject, {}) || `${profile.name.charAt(0).toUpperCase()}${profile.name.slice(1)}`.replace(/[-_]+/g, ' ');
}

/**
 * The template where no visitor's word stands in it, else nothing. Mail to an address that nobody has
 * proven must not carry a stranger's text: our host would be lent to whoever wants to write to a third.
 */
export const safeText = (template: string, values: Values): string =>
  variablesIn(template).every((name) => OURS.has(name)) ? fill(template, values) : '';

/** `Tuesday, 24 November 2026, 10:00–10:30 (Europe/Berlin)`. */
export function spokenTime(start: Date, end: Date, zone: string): string {
  const at = (date: Date, options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }).format(date);
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  const day = at(start, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).replace(/^(\w+) /, '$1, ');
  return `${day}, ${at(start, time)}–${at(end, time)} (${zone})`;
}

/** An ISO 8601 period such as P4W; also without its P, as clients of the reference write it (30D). Undefined: not one. */
export function parsePeriod(text: string): Temporal.Duration | undefined {
  try {
    const period = Temporal.Duration.from(/^\d+[DWMY]$/.test(text) ? `P${text}` : text);
    const days = period.total({ unit: 'days', relativeTo: '2026-01-01' });
    return days > 0 && days <= 366 ? period : undefined;
  } catch {
    return undefined;
  }
}
