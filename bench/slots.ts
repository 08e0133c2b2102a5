import { slots as freeSlots, type SlotQuery } from '../server/lib/slots.ts';
import { atMost, median, type Result } from './support/goal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday before a change of the clocks, so that the horizon crosses one. */
const START = Date.UTC(2026, 2, 9);

/** Free times for a booking page, in a zone with summer time, the median of many calls. */
export async function* slots(): AsyncGenerator<Result> {
  yield atMost('slots, 30 days, step 15, 100 busy intervals: a call', 0.5, time(query(30, 100)), ' ms');
  yield atMost('slots, 90 days, step 15, 500 busy intervals: a call', 2, time(query(90, 500)), ' ms');
}

function query(days: number, busy: number): SlotQuery {
  const every = days * DAY / busy;
  const nineToFive = [{ start: 9 * HOUR, end: 12 * HOUR }, { start: 13 * HOUR, end: 17 * HOUR }];
  return {
    busy: Array.from({ length: busy }, (_, i) => ({ start: START + Math.floor(i * every), end: START + Math.floor(i * every) + (20 + i % 50) * MINUTE })),
    workHours: Array.from({ length: 7 }, (_, day) => (day < 5 ? nineToFive : [])),
    zone: 'Europe/Berlin', step: 15, duration: 30, bufferAfter: 10, notice: 120, now: START, horizonStart: START, horizonEnd: START + days * DAY,
  };
}

function time(q: SlotQuery): number {
  const call = (): number => {
    const started = performance.now();
    if (!freeSlots(q).length) throw new Error('There should be free slots.');
    return performance.now() - started;
  };
  for (let i = 0; i < 200; i++) call();
  return median(Array.from({ length: 1000 }, call));
}
