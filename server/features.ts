import type { Express } from 'express';
import type { Deps } from './deps.ts';
import type { Listener } from './events/events.ts';
import { bookingContract } from './features/booking/contract.ts';
import { forgetVisitorsJob } from './features/booking/jobs.ts';
import { reservationsContract } from './features/booking/reservations.contract.ts';
import { bookingRoutes, reservationRoutes } from './features/booking/routes.ts';
import { calendarContract } from './features/calendar/contract.ts';
import { calendarRoutes } from './features/calendar/routes.ts';
import { emailJobs } from './features/email/jobs.ts';
import type { SendStep } from './features/email/steps.ts';
import { followupContract } from './features/followup/contract.ts';
import { followupListeners, sweepJob } from './features/followup/jobs.ts';
import { followupRoutes } from './features/followup/routes.ts';
import { followUpStep } from './features/followup/step.ts';
import { trackingContract } from './features/tracking/contract.ts';
import { forgetOldEvents, judgeLeftOvers } from './features/tracking/jobs.ts';
import { arrivedMail, failedDeliveries, removedAccounts, sentDrafts } from './features/tracking/listeners.ts';
import { trackingRoutes } from './features/tracking/routes.ts';
import { trackingStep } from './features/tracking/step.ts';
import { bindContract, type BinderDeps } from './http/bind.ts';
import type { AnyJob } from './jobs/jobs.ts';

/**
 * The explicit list of what the server consists of: which feature binds which routes, who hears which
 * event, which jobs run, what happens to a message on its way out. Nothing is found by scanning disks.
 */
export function bindFeatures(app: Express, deps: Deps, binder: BinderDeps): void {
  bindContract(app, calendarContract, calendarRoutes(deps), binder);
  bindContract(app, bookingContract, bookingRoutes(deps), binder);
  bindContract(app, reservationsContract, reservationRoutes(deps), binder);
  bindContract(app, trackingContract, trackingRoutes(deps), binder);
  bindContract(app, followupContract, followupRoutes(deps), binder);
}

export const listeners: readonly Listener[] = [
  ...followupListeners,
  sentDrafts, arrivedMail, failedDeliveries, removedAccounts,
];

export const jobs: readonly AnyJob[] = [
  sweepJob,
  ...emailJobs,
  forgetVisitorsJob,
  judgeLeftOvers, forgetOldEvents,
];

export const sendSteps: readonly SendStep[] = [
  trackingStep,
  followUpStep,
];
