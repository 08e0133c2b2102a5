import type { z } from 'zod';
import type { WeekWorkSchedule } from '../../http/wire.ts';
import { localDate, nextWorkingDay, OFFICE_DAYS, planStep, type DayInterval, type WorkingTime } from '../../lib/working-time.ts';
import type { RuleRow } from './queries.ts';

type WeekHours = z.output<typeof WeekWorkSchedule>;

const DAY_NUMBERS = { monday: 1, tuesday: 2, wednesday: 3, thursday: 4, friday: 5, saturday: 6, sunday: 7 } as const;

/**
 * When the account's steps may go out: its work hours, read in the zone that its follow-ups are set to,
 * else that of the hours, else the mailbox's own. Hours that leave no time in the week count as not set,
 * or a sequence would never end.
 */
export function workingTimeOf(account: { timezone: string; work_hours?: unknown }, configured: string | null | undefined): WorkingTime {
  const hours = (account.work_hours ?? undefined) as WeekHours | undefined;
  const days: Record<number, DayInterval[]> = {};
  for (const { dayOfWeek, workingIntervals } of hours?.daySchedules ?? []) {
    if (!dayOfWeek) continue;
    const intervals = (workingIntervals ?? []).map((i) => ({ start: minutes(i.start, 0), end: minutes(i.end, 1440) })).filter((i) => i.start < i.end);
    days[DAY_NUMBERS[dayOfWeek]] = [...(days[DAY_NUMBERS[dayOfWeek]] ?? []), ...intervals].sort((a, b) => a.start - b.start);
  }
  const zone = configured ?? hours?.timezone ?? account.timezone;
  return { zone, days: Object.values(days).some((d) => d.length) ? days : OFFICE_DAYS };
}

function minutes(time: string | undefined, otherwise: number): number {
  if (time === undefined) return otherwise;
  const [hour, minute] = time.split(':');
  return Math.min(1440, Number(hour) * 60 + Number(minute));
}

export interface SequencePlan {
  readonly rule: Pick<RuleRow, 'actions' | 'working_days'>;
  readonly time: WorkingTime;
  /** The first step to plan, from 1. */
  readonly num: number;
  /** Milliseconds: its days are counted from here. */
  readonly from: number;
  readonly notBefore?: number | undefined;
  /** Milliseconds: where the first of them is known already. */
  readonly firstAt?: number | undefined;
  readonly afterDays: number | null | undefined;
  readonly workingDays: boolean | null | undefined;
  /** YYYY-MM-DD in the zone: a day that has had its step. */
  readonly lastSentOn?: string | null | undefined;
  readonly seed: string;
}

/** The instants of step `num` and of all behind it, as they come if nothing intervenes; never two on one day. */
export function planSequence(plan: SequencePlan): number[] {
  const { time } = plan;
  const actions = plan.rule.actions ?? [];
  const workingDays = plan.workingDays ?? plan.rule.working_days;
  const planned: number[] = [];
  let from = plan.from;
  let lastDay = plan.lastSentOn ?? null;
  for (let num = plan.num; num <= actions.length; num++) {
    const seed = `${plan.seed}:${num}`;
    const days = num === 1 && plan.afterDays !== null && plan.afterDays !== undefined ? plan.afterDays : actions[num - 1]?.intervalDays ?? 0;
    let at = num === plan.num && plan.firstAt !== undefined ? plan.firstAt
      : planStep({ from, days, workingDays, seed, ...(plan.notBefore === undefined ? {} : { notBefore: plan.notBefore }) }, time);
    if (lastDay !== null && localDate(at, time.zone) <= lastDay) at = nextWorkingDay(Math.max(at, from), time, seed);
    planned.push(at);
    lastDay = localDate(at, time.zone);
    from = at;
  }
  return planned;
}

/** Whom and whose, so that a preview shows the very minutes that a start will give. */
export const seedOf = (accountId: number, targets: readonly string[]): string => `${accountId}:${[...targets].sort().join(',')}`;
