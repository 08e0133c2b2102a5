import { Temporal } from 'temporal-polyfill';
import { transaction } from '../../server/db/db.ts';
import { nextDueAt } from '../../server/features/followup/worker.service.ts';
import type { TestApp } from './app.ts';

export const DAY = 86_400_000;

/** Moves the product's clock to the instant and lets everything happen that is due by then. */
export async function moveTo(app: TestApp, at: number): Promise<void> {
  const ahead = at - app.clock.now().getTime();
  app.clock.advance(Math.max(0, ahead));
  await announceClock(app);
}

export async function announceClock(app: TestApp): Promise<void> {
  await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, { type: 'ClockMoved', accountId: null, now: app.clock.now().toISOString() }));
  await app.drain();
}

/** To the next due step, as the playground's button does it; false where nothing is planned. */
export async function toNextStep(app: TestApp): Promise<boolean> {
  const due = await nextDueAt(app.deps);
  if (!due) return false;
  await moveTo(app, due.getTime());
  return true;
}

/** The next Monday, 10:00 in Berlin, after the product's present time. */
export function nextMonday(app: TestApp): number {
  const now = Temporal.Instant.fromEpochMilliseconds(app.clock.now().getTime()).toZonedDateTimeISO('Europe/Berlin');
  return now.add({ days: 8 - now.dayOfWeek }).with({ hour: 10, minute: 0, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 }).epochMilliseconds;
}

export const wall = (time: string | number): string =>
  Temporal.Instant.fromEpochMilliseconds(typeof time === 'number' ? time : Date.parse(time)).toZonedDateTimeISO('Europe/Berlin').toPlainDateTime().toString({ smallestUnit: 'minute' });
