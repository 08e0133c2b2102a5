import { oneLine, renderHtml, renderLine, type Variables } from '../../lib/template.ts';
import type { RuleRow } from './queries.ts';

type RuleTexts = Pick<RuleRow, 'actions' | 'template_body' | 'template_subject'>;

export interface People {
  /** Lower case. */
  readonly targets: readonly string[];
  /** Display names by lower-case address. */
  readonly names: Readonly<Record<string, string>>;
  readonly sender: { readonly email: string; readonly name: string };
  readonly subject: string;
}

/**
 * What a text may name: `name`, `firstName`, `email` of the recipient, `senderName`, `senderEmail`,
 * `subject`, and the client's own variables, which go before. A recipient whose name nobody knows has no
 * `name`: it is asked for, not guessed from the address.
 */
export function variables(people: People, actionVars: Readonly<Record<string, string>>): Variables {
  const names = people.targets.map((target) => displayName(people.names[target]));
  const all = (values: (string | undefined)[]): string | undefined => values.length && values.every(Boolean) ? values.join(', ') : undefined;
  const known: Record<string, string | undefined> = {
    name: all(names),
    firstName: all(names.map((name) => name && firstName(name))),
    email: people.targets.join(', '),
    senderName: people.sender.name || people.sender.email,
    senderEmail: people.sender.email,
    subject: plainSubject(people.subject),
  };
  const present = Object.entries({ ...known, ...actionVars }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}

export interface StepContent {
  readonly subject: string;
  readonly html: string;
  readonly missing: readonly string[];
}

/** Undefined where the step has no text: neither one of its own nor the rule's template. */
export function stepContent(rule: RuleTexts, num: number, subject: string, values: Variables): StepContent | undefined {
  const template = rule.actions?.[num - 1]?.message ?? rule.template_body ?? '';
  if (!template.trim()) return undefined;
  const { text, missing } = renderHtml(template, values);
  return { subject: replySubject(subject), html: text, missing };
}

/** Why the steps from `num` on cannot all be sent, in words for the sender; undefined where they can. */
export function incompleteness(rule: RuleTexts, num: number, subject: string, values: Variables): { readonly problem: string; readonly missing: readonly string[] } | undefined {
  const missing = new Set<string>();
  for (let n = num; n <= (rule.actions?.length ?? 0); n++) {
    const content = stepContent(rule, n, subject, values);
    if (!content) return { problem: `Step ${n} has no text.`, missing: [] };
    for (const name of content.missing) missing.add(name);
  }
  if (!missing.size) return undefined;
  return { problem: `Not sent, a value is missing: ${[...missing].join(', ')}.`, missing: [...missing] };
}

export function templateContent(rule: RuleTexts, values: Variables): { subject?: string; html?: string; missing: string[] } | undefined {
  if (rule.template_subject === null && rule.template_body === null) return undefined;
  const subject = rule.template_subject === null ? undefined : renderLine(rule.template_subject, values);
  const body = rule.template_body === null ? undefined : renderHtml(rule.template_body, values);
  return {
    ...(subject ? { subject: subject.text } : {}),
    ...(body ? { html: body.text } : {}),
    missing: [...new Set([...subject?.missing ?? [], ...body?.missing ?? []])],
  };
}

export const plainSubject = (subject: string): string => subject.replace(/^(?:\s*re\s*:)+\s*/i, '').trim();
export const replySubject = (subject: string): string => `Re: ${plainSubject(oneLine(subject))}`.trim();

/** An address in place of a name, as some programs write it, is no name. */
const displayName = (name: string | undefined): string | undefined => (name?.trim() && !/^\S+@\S+$/.test(name.trim()) ? name.trim() : undefined);

/** "Doe, Jane" and "Jane Doe" are both Jane. */
function firstName(name: string): string {
  const [family, given] = name.split(',', 2);
  return (given?.trim() || family!.trim()).split(/\s+/)[0]!;
}
