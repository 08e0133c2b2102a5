import type { z } from 'zod';
import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, notFound } from '../../errors.ts';
import type { Settle, Settled } from '../../http/operation.ts';
import { cleanMailHtml } from '../../lib/mail-html.ts';
import { htmlToText } from '../../lib/html.ts';
import { FollowupRuleAggregateIn } from './contract.ts';
import { insertRule, replaceTemplateUses, ruleIdsOf, rulesOf, type RuleRow } from './queries.ts';
import { ensureReadyRules, requireRule, ruleValues, showRule } from './service.ts';
import type { TemplatesFile, TemplatesImport } from './templates.contract.ts';

type RuleIn = z.output<typeof FollowupRuleAggregateIn>;
type Import = z.output<typeof TemplatesImport>;
type Planned = Import['rules'][number] & { readonly rule?: RuleIn };

const ALL = 100_000;
/** A column name of its own for what a rule without a name is called. */
const UNNAMED = 'Unnamed';

export async function exportTemplates(deps: Deps, accountId: number, ruleId?: number): Promise<z.output<typeof TemplatesFile>> {
  await ensureReadyRules(deps, accountId);
  const rows = ruleId === undefined ? await rulesOf(deps.db, accountId, ALL, 0) : [await requireRule(deps.db, accountId, ruleId)];
  return { format: 'sundial-templates', version: 1, exportedAt: deps.clock.now().toISOString(), rules: rows.map(contentOf) };
}

/** What travels: the rule without what it is here (id, kind, running). */
function contentOf(row: RuleRow): RuleIn {
  const { id: _id, kind: _kind, running: _running, ...content } = showRule(row);
  return content;
}

/**
 * Adds what a file holds, in one transaction. A name that is taken gets a number; the very same rule is
 * left out, so that importing twice adds nothing. Throws request.invalid with the first wrong field
 * where a rule is wrong, unless the caller has said to leave such rules out.
 */
export async function importTemplates(deps: Deps, accountId: number, rules: readonly Record<string, unknown>[], how: { dryRun: boolean; skipRefused: boolean }, settle: Settle<Import>): Promise<Settled<Import>> {
  await ensureReadyRules(deps, accountId);
  return transaction(deps.db, async (trx) => {
    const planned = planImport(await rulesOf(trx, accountId, ALL, 0), rules);
    const wrong = planned.find((p) => p.problems)?.problems?.[0];
    if (wrong && !how.dryRun && !how.skipRefused) {
      throw new AppError('request.invalid', `${wrong.field}: ${wrong.message} Nothing was imported.`, { extra: { field: wrong.field } });
    }
    const adding = planned.filter((p) => p.outcome === 'add' || p.outcome === 'rename');
    if (!how.dryRun) for (const { rule } of adding) await insertRule(trx, accountId, ruleValues(rule!));
    return settle(trx, { dryRun: how.dryRun, added: adding.length, rules: planned.map(({ rule: _rule, ...said }) => said) });
  });
}

function planImport(existing: readonly RuleRow[], rules: readonly Record<string, unknown>[]): Planned[] {
  const names = new Set(existing.map((row) => (row.name ?? UNNAMED).toLowerCase()));
  const known = new Set(existing.map((row) => fingerprint(contentOf(row))));
  return rules.map((written, index): Planned => {
    const parsed = FollowupRuleAggregateIn.safeParse(written);
    const name = typeof written.name === 'string' && written.name.trim() ? written.name.trim().slice(0, 200) : UNNAMED;
    if (!parsed.success) {
      return { index, name, outcome: 'refuse', cleaned: false, problems: parsed.error.issues.slice(0, 5).map((issue) => ({ field: pathOf(index, issue.path), message: `${issue.message}.`.replace(/\.\.$/, '.') })) };
    }
    const { rule, removed } = cleaned({ ...parsed.data, name });
    const missing = withoutText(rule, index);
    if (missing) return { index, name, outcome: 'refuse', cleaned: removed, problems: [missing] };
    const print = fingerprint(rule);
    if (known.has(print)) return { index, name, outcome: 'present', cleaned: removed };
    known.add(print);
    const free = freeName(name, names);
    names.add(free.toLowerCase());
    return { index, name, outcome: free === name ? 'add' : 'rename', ...(free === name ? {} : { newName: free }), cleaned: removed, rule: { ...rule, name: free } };
  });
}

function cleaned(rule: RuleIn): { rule: RuleIn; removed: boolean } {
  let removed = false;
  const clean = (html: string): string => {
    const result = cleanMailHtml(html);
    removed ||= result.removed;
    return result.html;
  };
  const out = {
    ...rule,
    ...(rule.templateBody === undefined ? {} : { templateBody: clean(rule.templateBody) }),
    ...(rule.actions === undefined ? {} : { actions: rule.actions.map((a) => ({ ...a, ...(a.message === undefined ? {} : { message: clean(a.message) }) })) }),
  };
  return { rule: out, removed };
}

/** A rule that could send nothing; looked at after cleaning, because a script alone is no text. */
function withoutText(rule: RuleIn, index: number): { field: string; message: string } | undefined {
  const body = hasText(rule.templateBody);
  if (body) return undefined;
  const empty = rule.actions?.findIndex((a) => !hasText(a.message)) ?? -1;
  if (empty >= 0) return { field: `rules[${index}].actions[${empty}].message`, message: 'the step has no text, and the rule has no templateBody to send in its place.' };
  if (!rule.actions?.length && !rule.templateSubject?.trim()) return { field: `rules[${index}]`, message: 'holds neither a text nor steps; give templateBody, templateSubject or actions.' };
  return undefined;
}

const hasText = (html: string | undefined): boolean => Boolean(html && (htmlToText(html).trim() || /<img\b/i.test(html)));

/** What makes two rules the same: all that a file carries, in one spelling. */
function fingerprint(rule: RuleIn): string {
  const { rule: same } = cleaned(rule);
  return JSON.stringify([
    (same.name ?? UNNAMED).toLowerCase(), same.expectThreadResponse ?? null, same.workingDays ?? false, same.templateSubject ?? null, same.templateBody ?? null,
    (same.actions ?? []).map((a) => [a.intervalDays ?? 0, a.message ?? null]),
  ]);
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name.toLowerCase())) return name;
  for (let n = 2; ; n++) {
    const numbered = `${name.slice(0, 190)} (${n})`;
    if (!taken.has(numbered.toLowerCase())) return numbered;
  }
}

/** `rules[2].actions[0].intervalDays`, as the file writes it. */
const pathOf = (index: number, path: readonly PropertyKey[]): string =>
  path.reduce<string>((at, key) => (typeof key === 'number' ? `${at}[${key}]` : `${at}.${String(key)}`), `rules[${index}]`);

/** Another account's rule is not found; the drafts' codes are the caller's own, or never count for anybody. */
export async function setDraftTemplates(deps: Deps, accountId: number, trackingCode: string, ruleIds: readonly number[]): Promise<void> {
  const wanted = [...new Set(ruleIds)];
  await transaction(deps.db, async (trx) => {
    const own = await ruleIdsOf(trx, accountId, wanted);
    if (own.length < wanted.length) throw notFound('A template of these');
    await replaceTemplateUses(trx, accountId, trackingCode, wanted);
  });
}
