/** What a delivery report says (RFC 3464). */
export interface DeliveryReport {
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  readonly recipient: string | null;
  /** Enhanced status code of RFC 3463, e.g. 5.1.1. */
  readonly status: string | null;
  readonly diagnostic: string | null;
  /** The Message-ID of what was reported on, where the report carries it. */
  readonly originalMessageId: string | null;
}

/** What of a parsed message decides whether a person or a robot wrote it. */
export interface MessageSigns {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly subject: string;
  readonly text: string;
  readonly nullSender: boolean;
  readonly isReport: boolean;
}

const AWAY = /\b(out of (the )?office|automatic reply|auto(matic)?[- ]?reply|on (vacation|holiday|leave)|away from|abwesen|absence|fuera de (la )?oficina|afwezig|respuesta automática|réponse automatique|automatische antwort)/i;

/**
 * RFC 3834 (Auto-Submitted) and what the field does beside it. A subject alone never makes a message
 * automatic: people write about being out of office too.
 */
export function classifyAutomatic(signs: MessageSigns): 'no' | 'vacation' | 'other' {
  const header = (name: string): string => signs.headers.find((h) => h.name.toLowerCase() === name)?.value.trim().toLowerCase() ?? '';
  if (signs.isReport) return 'other';
  const submitted = /^[a-z-]+/.exec(header('auto-submitted'))?.[0] ?? '';
  const autoreply = Boolean(header('x-autoreply') || header('x-autorespond') || header('x-autoresponse')) || header('precedence') === 'auto_reply';
  const list = Boolean(header('list-id') || header('list-unsubscribe')) || /^(bulk|list|junk)$/.test(header('precedence'));
  const away = AWAY.test(signs.subject);
  if (submitted === 'auto-replied' || autoreply) return 'vacation';
  // Exchange asks robots to stay silent on its own automatic answers, and marks ordinary mail at times too.
  if (away && (header('x-auto-response-suppress') || signs.nullSender)) return 'vacation';
  if ((submitted && submitted !== 'no') || signs.nullSender) return 'other';
  if (list) return 'other';
  return 'no';
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const UNTIL = /\b(?:until|till|through|back (?:on|in the office on)|return(?:ing)?(?: to the office)? on)\s+(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:the\s+)?(\d{4}-\d{2}-\d{2}|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3,9}\.?(?:,?\s+\d{4})?|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?)/i;

/**
 * Until when an out-of-office answer says its person is away, as RFC 3339 (the start of that day in
 * UTC), or null. Only unambiguous forms are read: 2027-01-08, 8 January 2027, January 8; a date without
 * a year is the next one after `sentAt`, and one more than a year away is not believed.
 */
export function readAwayUntil(text: string, sentAt: Date): string | null {
  const found = UNTIL.exec(text.slice(0, 4000))?.[1]?.toLowerCase();
  if (!found) return null;
  const date = /^\d{4}-/.test(found) ? new Date(`${found}T00:00:00Z`) : spelledDate(found, sentAt);
  if (!date || Number.isNaN(date.getTime())) return null;
  const days = (date.getTime() - sentAt.getTime()) / 86_400_000;
  return days > 0 && days < 366 ? date.toISOString() : null;
}

function spelledDate(text: string, sentAt: Date): Date | undefined {
  const month = MONTHS.findIndex((m) => new RegExp(`\\b${m}`).test(text));
  const numbers = [...text.matchAll(/\d+/g)].map((m) => Number(m[0]));
  const day = numbers.find((n) => n <= 31);
  const year = numbers.find((n) => n > 31);
  if (month < 0 || !day) return undefined;
  const date = new Date(Date.UTC(year ?? sentAt.getUTCFullYear(), month, day));
  if (!year && date < sentAt) date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.getUTCDate() === day ? date : undefined;
}

const ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/**
 * RFC 3464, 2: the fields of a message/delivery-status part; of several recipients the worst is told.
 * `original` is the returned message or its headers; `references` of the report help where it has none.
 */
export function readReport(deliveryStatus: string, original: string | null, references: readonly string[]): DeliveryReport {
  const groups = deliveryStatus.slice(0, 200_000).replaceAll('\r\n', '\n').replace(/\n[ \t]+/g, ' ').split(/\n\s*\n/).map(readFields);
  const recipients = groups.filter((g) => g.has('action') || g.has('final-recipient'));
  const actionOf = (g: ReadonlyMap<string, string>) => ACTIONS.find((a) => g.get('action')?.toLowerCase().startsWith(a));
  const worst = ACTIONS.map((action) => recipients.find((g) => actionOf(g) === action)).find(Boolean) ?? recipients[0] ?? new Map<string, string>();
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(worst.get('status') ?? '')?.[0] ?? null;
  return {
    action: actionOf(worst) ?? (status?.startsWith('5') ? 'failed' : status?.startsWith('4') ? 'delayed' : status ? 'delivered' : 'failed'),
    recipient: typed(worst.get('final-recipient') ?? worst.get('original-recipient'))?.toLowerCase() ?? null,
    status,
    diagnostic: typed(worst.get('diagnostic-code'))?.slice(0, 1000) ?? null,
    originalMessageId: originalId(original) ?? references.at(-1) ?? null,
  };
}

function readFields(group: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of group.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) fields.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  return fields;
}

/** `rfc822; alice@example.test` without its type. */
const typed = (value: string | undefined): string | undefined => value?.replace(/^[\w.-]+\s*;\s*/, '').replace(/^<|>$/g, '').trim() || undefined;

function originalId(original: string | null): string | undefined {
  const head = original?.slice(0, 100_000).replaceAll('\r\n', '\n').split('\n\n')[0]?.replace(/\n[ \t]+/g, ' ');
  return head && /^message-id:\s*(<[^<>\s]+>)/im.exec(head)?.[1];
}
