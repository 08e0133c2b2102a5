import type { Person } from './protocol.ts';

/** Small pure helpers of the page: recipients as typed, dates as shown, HTML as inserted. */
const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/;

/** `Name <a@b>; c@d`: what is no address is left out, and named by `unreadableRecipients`. */
export function parseRecipients(typed: string): Person[] {
  return entries(typed).flatMap((entry) => {
    const [, name = '', inBrackets] = /^(.*?)<([^<>]*)>$/.exec(entry) ?? [];
    const address = (inBrackets ?? entry).trim();
    if (!ADDRESS.test(address)) return [];
    return [{ emailAddress: address, displayName: name.trim().replace(/^"|"$/g, '') || address }];
  });
}

export const unreadableRecipients = (typed: string): string[] => entries(typed).filter((entry) => parseRecipients(entry).length === 0);

const entries = (typed: string): string[] => typed.split(/[;,\n]/).map((entry) => entry.trim()).filter(Boolean);

export const formatRecipients = (people: readonly Person[]): string =>
  people.map((p) => p.displayName && p.displayName !== p.emailAddress ? `${p.displayName} <${p.emailAddress}>` : p.emailAddress).join('; ');

export const toAddresses = (people: readonly Person[]): { name?: string; address: string }[] =>
  people.map((p) => p.displayName && p.displayName !== p.emailAddress ? { name: p.displayName, address: p.emailAddress } : { address: p.emailAddress });

/** As Outlook's list: the time for today, the weekday within a week, else the date. */
export function shortDate(iso: string | undefined, now: Date): string {
  if (!iso) return '';
  const date = new Date(iso);
  const days = (startOfDay(now) - startOfDay(date)) / 86_400_000;
  if (days < 1) return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (days < 7) return date.toLocaleDateString('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** `Tue 24 Nov, 09:10`. */
export const longTime = (date: Date): string =>
  `${date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '')}, ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;

const startOfDay = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const textToHtml = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>');
