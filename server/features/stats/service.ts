import type { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { firstInstant, offsetAt, offsetSpans } from '../../lib/zone.ts';
import { readConfig } from '../followup/service.ts';
import { judgeWaiting } from '../tracking/judging.ts';
import type { ActivityStatistics, TemplateStatistics } from './contract.ts';
import { happenedBy, sentByDay, usageByRule, type HappenedRow, type UsageRow } from './queries.ts';

const DAY = 86_400_000;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export async function templateUsage(deps: Deps, accountId: number): Promise<z.output<typeof TemplateStatistics>> {
  await judgeWaiting(deps, accountId);
  const rows = await usageByRule(deps.db, accountId);
  return { records: rows.map((row) => ({ ruleId: row.rule_id, ...countsOf(row), lastSentAt: row.last_sent_at.toISOString() })) };
}

/** Today and the days before it, `days` in all, as the account's clocks and calendars have them. */
export async function activity(deps: Deps, accountId: number, days: number): Promise<z.output<typeof ActivityStatistics>> {
  await judgeWaiting(deps, accountId);
  const { timezone: zone = 'UTC' } = await readConfig(deps, accountId);
  const now = deps.clock.now().getTime();
  const dates = datesUntil(now + offsetAt(zone, now), days);
  const firstMidnight = Date.parse(`${dates[0]!}T00:00:00Z`);
  // A day around, because the spans are asked for by instants and the midnight is a wall time.
  const from = new Date(firstInstant(offsetSpans(zone, firstMidnight - DAY, firstMidnight + DAY), firstMidnight));
  const range = { from, to: new Date(now + 1) };
  const spans = offsetSpans(zone, from.getTime(), now + 1);
  const happened = await happenedBy(deps.db, accountId, range, spans);
  const sent = new Map((await sentByDay(deps.db, accountId, range, spans)).map((row) => [row.date, row.n]));
  const usage = await usageByRule(deps.db, accountId, range);

  const byDay = happened.filter((row) => row.date !== null);
  const byHour = happened.filter((row) => row.date === null);
  const total = (kind: HappenedRow['kind'], rows = byDay): number => rows.reduce((sum, row) => sum + (row.kind === kind ? row.n : 0), 0);
  const perDay = Map.groupBy(byDay, (row) => row.date);
  const both = (rows: readonly HappenedRow[]) => ({ opens: total('open', [...rows]), answers: total('answer', [...rows]) });
  return {
    from: from.toISOString(), to: new Date(now).toISOString(), timezone: zone,
    totals: { sent: [...sent.values()].reduce((sum, n) => sum + n, 0), opens: total('open'), clicks: total('click'), answers: total('answer'), unknown: total('unknown') },
    days: dates.map((date) => {
      const rows = perDay.get(date) ?? [];
      return { date, sent: sent.get(date) ?? 0, ...both(rows), clicks: total('click', rows) };
    }),
    hours: Array.from({ length: 24 }, (_, hour) => ({ hour, ...both(byHour.filter((row) => row.hour === hour)) })),
    weekdays: WEEKDAYS.map((weekday, i) => ({ weekday, ...both(byHour.filter((row) => row.weekday === i + 1)) })),
    templates: usage.map((row) => ({ ruleId: row.rule_id, name: row.name ?? 'Unnamed', ...countsOf(row) })),
  };
}

const countsOf = (row: UsageRow) => ({ sent: row.sent, opensTracked: row.opens_tracked, opened: row.opened, answersTracked: row.answers_tracked, answered: row.answered });

/** ISO dates up to the one that this wall time falls on, oldest first. */
const datesUntil = (wall: number, days: number): string[] =>
  Array.from({ length: days }, (_, i) => new Date(wall - (days - 1 - i) * DAY).toISOString().slice(0, 10));
