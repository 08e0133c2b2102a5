import { firstInstant, offsetSpans } from './zone.ts';

/** Milliseconds since 1970, half open: [start, end). */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Milliseconds after midnight on the wall clock, half open; 86,400,000 is the end of the day. */
export type Hours = readonly Interval[];

export interface SlotQuery {
  readonly busy: readonly Interval[];
  /** Seven lists, Monday first. */
  readonly workHours: readonly Hours[];
  /** Dates (days since 1970 on the wall calendar, both inclusive) whose hours replace those of the week. */
  readonly availabilityIntervals?: readonly { readonly from: number; readonly to: number; readonly hours: Hours }[];
  /** IANA name of the zone in which hours and dates are meant. */
  readonly zone: string;
  /** Minutes. Starts lie on the wall clock's grid counted from the beginning of a working interval. */
  readonly step: number;
  /** Minutes. */
  readonly duration: number;
  /** Minutes that stay free after every meeting, those in the calendar and the new one. */
  readonly bufferAfter: number;
  /** Minutes between now and the first start. */
  readonly notice: number;
  readonly now: number;
  /** No meeting starts before this. */
  readonly horizonStart: number;
  /** No meeting ends after this. */
  readonly horizonEnd: number;
  /** No meeting starts at or after this; a page of a longer horizon. */
  readonly startsBefore?: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * The times at which a meeting could start, in order. A meeting lies inside one stretch of working time
 * and touches nothing busy. Time is counted in elapsed minutes, hours are read on the wall clock: an
 * hour that a clock change leaves out offers nothing, one that it repeats offers its times twice.
 */
export function slots(query: SlotQuery): Interval[] {
  const duration = query.duration * MINUTE;
  const buffer = query.bufferAfter * MINUTE;
  const step = query.step * MINUTE;
  const earliest = Math.max(query.horizonStart, query.now + query.notice * MINUTE);
  const latestStart = Math.min(query.horizonEnd - duration, (query.startsBefore ?? Infinity) - 1);
  const found: Interval[] = [];
  if (earliest > latestStart) return found;

  const week = query.workHours.map(joined);
  const busy = blocked(query.busy, buffer);
  let nextBusy = 0;
  const spans = offsetSpans(query.zone, earliest - 2 * DAY, latestStart + 2 * DAY);
  const firstDay = Math.floor(earliest / DAY) - 1;
  const lastDay = Math.floor(latestStart / DAY) + 1;

  for (let day = firstDay; day <= lastDay; day++) {
    // 1 January 1970 was a Thursday.
    const hours = specialHours(query, day) ?? week[(day + 3) % 7] ?? [];
    for (const working of hours) {
      const opens = firstInstant(spans, day * DAY + working.start);
      const closes = firstInstant(spans, day * DAY + working.end);
      const last = Math.min(closes - duration, latestStart);
      for (const span of spans) {
        if (span.to <= opens) continue;
        if (span.from > last) break;
        const from = Math.max(opens, span.from, earliest);
        const anchor = day * DAY + working.start - span.offset;
        for (let t = anchor + Math.ceil((from - anchor) / step) * step; t <= last && t < span.to; t += step) {
          while (nextBusy < busy.length && busy[nextBusy]!.end <= t) nextBusy++;
          const block = busy[nextBusy];
          if (block && block.start < t + duration + buffer) continue;
          found.push({ start: t, end: t + duration });
        }
      }
    }
  }
  return found;
}

/** The hours of all named dates that cover this one, together; undefined where none does. */
function specialHours({ availabilityIntervals = [] }: SlotQuery, day: number): Interval[] | undefined {
  const covering = availabilityIntervals.filter((s) => s.from <= day && day <= s.to);
  return covering.length ? joined(covering.flatMap((s) => s.hours)) : undefined;
}

/** In order, with touching and overlapping stretches joined, so that no time is offered twice. */
function joined(intervals: readonly Interval[]): Interval[] {
  const out: { start: number; end: number }[] = [];
  for (const { start, end } of intervals.toSorted((a, b) => a.start - b.start)) {
    if (end <= start) continue;
    const last = out.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
}

const blocked = (busy: readonly Interval[], buffer: number): Interval[] =>
  joined(busy.filter((b) => b.end > b.start).map((b) => ({ start: b.start, end: b.end + buffer })));
