import { sql, type Expression, type SqlBool } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { invalid } from '../../errors.ts';
import { plainWords } from '../../lib/text.ts';

/** A search as people write it: words, "phrases", from: to: cc: subject: after: before: has:attachment is:unread. */
export interface Term {
  readonly field: 'word' | 'from' | 'to' | 'cc' | 'subject' | 'after' | 'before' | 'has' | 'is' | 'in';
  readonly value: string;
  readonly not: boolean;
}

const FIELDS = ['from', 'to', 'cc', 'subject', 'after', 'before', 'has', 'is', 'in'] as const;
const MOST_TERMS = 30;

/** Reads `q`; anything that is not one of the known fields is a word to look for. */
export function readTerms(q: string): Term[] {
  const terms = [...q.slice(0, 2000).matchAll(/(-?)(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g)].map(([whole, minus, name, quoted, bare]): Term => {
    const field = FIELDS.find((f) => f === name?.toLowerCase());
    const value = (quoted ?? bare ?? '').trim();
    if (field) return { field, value, not: minus === '-' };
    return { field: 'word', value: name ? whole.replace(/^-/, '').replaceAll('"', '') : value, not: minus === '-' };
  });
  return terms.filter((t) => t.value).slice(0, MOST_TERMS);
}

/** Conditions on mail_messages. A day (2026-01-31, 2026/01/31, 01/31/2026) begins at the zone's midnight. */
export function conditions(terms: readonly Term[], zone: string): Expression<SqlBool>[] {
  return terms.map((term) => (term.not ? sql<SqlBool>`not ${condition(term, zone)}` : condition(term, zone)));
}

function condition({ field, value }: Term, zone: string): Expression<SqlBool> {
  switch (field) {
    case 'from':
      return sql<SqlBool>`coalesce(from_address->>'address', '') || ' ' || coalesce(from_address->>'name', '') ilike ${like(value)}`;
    case 'to':
      return sql<SqlBool>`(to_addresses::text || cc_addresses::text || bcc_addresses::text) ilike ${like(value)}`;
    case 'cc':
      return sql<SqlBool>`cc_addresses::text ilike ${like(value)}`;
    case 'subject':
      return sql<SqlBool>`subject ilike ${like(value)}`;
    case 'after':
      return sql<SqlBool>`received_at >= ${day(field, value, zone)}`;
    case 'before':
      return sql<SqlBool>`received_at < ${day(field, value, zone)}`;
    case 'has':
      if (!/^attachments?$/i.test(value)) throw invalid('q', `has:${value} is not known; has:attachment is.`);
      return sql<SqlBool>`has_attachments`;
    case 'is':
      switch (value.toLowerCase()) {
        case 'unread': return sql<SqlBool>`unread`;
        case 'read': return sql<SqlBool>`not unread`;
        case 'flagged': case 'starred': return sql<SqlBool>`flagged`;
        default: throw invalid('q', `is:${value} is not known; is:unread, is:read and is:flagged are.`);
      }
    case 'in':
      return sql<SqlBool>`folder_id in (select id from mail_folders where role = ${value.toLowerCase()} or lower(name) = ${value.toLowerCase()})`;
    case 'word': {
      const words = plainWords(value);
      if (!words) return sql<SqlBool>`false`;
      // A phrase keeps its order; a single word also finds those that begin with it.
      return /\s/.test(value)
        ? sql<SqlBool>`search @@ phraseto_tsquery('simple', ${words})`
        : sql<SqlBool>`search @@ to_tsquery('simple', ${words.split(' ').map((word) => `${word}:*`).join(' & ')})`;
    }
  }
}

const like = (value: string): string => `%${value.replace(/[\\%_]/g, '\\$&')}%`;

function day(field: string, value: string, zone: string): Date {
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(value);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(value);
  const [year, month, date] = iso ? [iso[1], iso[2], iso[3]] : american ? [american[3], american[1], american[2]] : [];
  try {
    const plain = Temporal.PlainDate.from({ year: Number(year), month: Number(month), day: Number(date) }, { overflow: 'reject' });
    return new Date(plain.toZonedDateTime(zone).epochMilliseconds);
  } catch {
    throw invalid('q', `${field}:${value} is not a day; write ${field}:2026-01-31 or ${field}:01/31/2026.`);
  }
}
