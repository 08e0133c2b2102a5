import { transaction } from '../db/db.ts';
import { settingOf, writeSetting } from '../db/settings.ts';
import type { Deps } from '../deps.ts';
import { AppError, invalid } from '../errors.ts';
import { nextDueAt, sweep } from '../features/followup/worker.service.ts';
import type { MovableClock } from '../lib/clock.ts';
import type { ClockState } from './contract.ts';
import { mailboxes } from './mailboxes.ts';
import { playgroundOf } from './state.ts';

const CLOCK_SETTING = 'playground.clock';
const FOLLOW_UP_WAIT_MS = 8_000;
const POLL_MS = 200;
/** A step falls due at this moment; a moment later it is past. */
const BEHIND_DUE_MS = 1_000;

export function clockState(deps: Pick<Deps, 'clock'>): ClockState {
  return { now: deps.clock.now().toISOString(), aheadMs: movable(deps).offset() };
}

/** Where an earlier start left the clock: forward only holds across starts too. */
export async function restoreClock(deps: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  const ahead = await settingOf(deps.db, CLOCK_SETTING);
  if (typeof ahead === 'number' && ahead > movable(deps).offset()) movable(deps).advance(ahead - movable(deps).offset());
}

export async function resetClock(deps: Pick<Deps, 'db' | 'clock'>): Promise<void> {
  movable(deps).reset();
  await writeSetting(deps.db, CLOCK_SETTING, 0);
}

export interface Moved extends ClockState {
  readonly sent: number;
  readonly moved: boolean;
}

/** Moves the product's clock and lets what fell due happen; answers how many follow-ups went out. */
export async function moveClock(deps: Deps, by: { advanceMs?: number | undefined; to?: 'nextFollowUp' | undefined }): Promise<Moved> {
  const due = await nextDueAt(deps);
  const step = by.to === 'nextFollowUp' ? stepTo(deps, due) : by.advanceMs;
  if (by.to && step === undefined) return { ...clockState(deps), sent: 0, moved: false };
  if (step === undefined) throw invalid('advanceMs', 'either advanceMs or to is needed.');
  const { you } = await mailboxes(deps);
  const before = (await deps.events.since(you.account.id, 0, Number.MAX_SAFE_INTEGER)).at(-1)?.id ?? 0;
  movable(deps).advance(step);
  const state = clockState(deps);
  await transaction(deps.db, async (trx) => {
    await writeSetting(trx, CLOCK_SETTING, state.aheadMs);
    await deps.events.emit(trx, { type: 'ClockMoved', accountId: null, now: state.now });
  });
  playgroundOf(deps).publish({ event: 'clock', data: state });
  await dealWithDue(deps);
  const sent = (await deps.events.since(you.account.id, before, 1000)).filter(({ event }) => event.type === 'FollowUpChanged' && event.reason === 'stepSent').length;
  return { ...state, sent, moved: true };
}

function stepTo(deps: Deps, due: Date | null): number | undefined {
  if (!due) return undefined;
  return Math.max(BEHIND_DUE_MS, due.getTime() - deps.clock.now().getTime() + BEHIND_DUE_MS);
}

/** A step waits while mail that came before it is still being read; so this looks again until nothing is due. */
async function dealWithDue(deps: Deps): Promise<void> {
  for (let waited = 0; waited < FOLLOW_UP_WAIT_MS; waited += POLL_MS) {
    const due = await nextDueAt(deps);
    if (!due || due.getTime() > deps.clock.now().getTime()) return;
    if (await sweep(deps) === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function movable(deps: Pick<Deps, 'clock'>): MovableClock {
  const { clock } = deps;
  if (!('advance' in clock)) throw new AppError('service.unavailable', 'This process runs on the wall clock, which cannot be moved.');
  return clock as MovableClock;
}
