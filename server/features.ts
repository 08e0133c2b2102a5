import type { Express } from 'express';
import type { Deps } from './deps.ts';
import { forgetOldEvents as forgetEvents, type Listener } from './events/events.ts';
import { accountsContract } from './features/accounts/contract.ts';
import { accountsRoutes } from './features/accounts/routes.ts';
import { authContract } from './features/auth/contract.ts';
import { sweepExpired } from './features/auth/jobs.ts';
import { linkToUser } from './features/auth/linking.service.ts';
import { forgetUsersWithoutPrimary } from './features/auth/listeners.ts';
import { authRoutes } from './features/auth/routes.ts';
import { bookingContract } from './features/booking/contract.ts';
import { forgetVisitorsJob } from './features/booking/jobs.ts';
import { answeredInvitations } from './features/booking/listeners.ts';
import { reservationsContract } from './features/booking/reservations.contract.ts';
import { bookingRoutes, reservationRoutes } from './features/booking/routes.ts';
import { calendarContract } from './features/calendar/contract.ts';
import { calendarRoutes } from './features/calendar/routes.ts';
import { draftsContract } from './features/email/drafts.contract.ts';
import { draftsRoutes } from './features/email/drafts.routes.ts';
import { foldersContract } from './features/email/folders.contract.ts';
import { foldersRoutes } from './features/email/folders.routes.ts';
import { emailJobs } from './features/email/jobs.ts';
import { movedClock } from './features/email/listeners.ts';
import { messagesContract } from './features/email/messages.contract.ts';
import { messagesRoutes } from './features/email/messages.routes.ts';
import type { SendStep } from './features/email/steps.ts';
import { followupContract } from './features/followup/contract.ts';
import { followupListeners, sweepJob } from './features/followup/jobs.ts';
import { followupRoutes } from './features/followup/routes.ts';
import { followUpStep } from './features/followup/step.ts';
import { templatesContract } from './features/followup/templates.contract.ts';
import { templatesRoutes } from './features/followup/templates.routes.ts';
import { statsContract } from './features/stats/contract.ts';
import { statsRoutes } from './features/stats/routes.ts';
import { trackingContract } from './features/tracking/contract.ts';
import { forgetOldEvents, judgeLeftOvers } from './features/tracking/jobs.ts';
import { arrivedMail, failedDeliveries, removedAccounts, sentDrafts } from './features/tracking/listeners.ts';
import { trackingRoutes } from './features/tracking/routes.ts';
import { trackingStep } from './features/tracking/step.ts';
import { userContract } from './features/user/contract.ts';
import { userRoutes } from './features/user/routes.ts';
import { bindContract, type BinderDeps } from './http/bind.ts';
import { forgetIdempotencyKeys } from './http/idempotency.ts';
import type { AnyJob } from './jobs/jobs.ts';
import { tidyEmbeddedDatabase } from './jobs/tidy.ts';
import { playgroundContract } from './playground/contract.ts';
import { playgroundRoutes } from './playground/routes.ts';
import { authorityContract } from './playground/authority.contract.ts';
import { authorityRoutes } from './playground/authority.ts';

/**
 * The explicit list of what the server consists of: which feature binds which routes, who hears which
 * event, which jobs run, what happens to a message on its way out. Nothing is found by scanning disks.
 */
export function bindFeatures(app: Express, deps: Deps, binder: BinderDeps): void {
  bindContract(app, authContract, authRoutes(deps), binder);
  bindContract(app, userContract, userRoutes(deps), binder);
  bindContract(app, accountsContract, accountsRoutes(deps, linkToUser(deps)), binder);
  if (deps.config.mode === 'playground') bindContract(app, authorityContract, authorityRoutes(deps), binder);
  bindContract(app, calendarContract, calendarRoutes(deps), binder);
  bindContract(app, bookingContract, bookingRoutes(deps), binder);
  bindContract(app, reservationsContract, reservationRoutes(deps), binder);
  bindContract(app, messagesContract, messagesRoutes(deps), binder);
  bindContract(app, draftsContract, draftsRoutes(deps), binder);
  bindContract(app, foldersContract, foldersRoutes(deps), binder);
  bindContract(app, trackingContract, trackingRoutes(deps), binder);
  bindContract(app, followupContract, followupRoutes(deps), binder);
  bindContract(app, templatesContract, templatesRoutes(deps), binder);
  bindContract(app, statsContract, statsRoutes(deps), binder);
  if (deps.config.mode === 'playground') bindContract(app, playgroundContract, playgroundRoutes(deps), binder);
}

export const listeners: readonly Listener[] = [
  answeredInvitations,
  forgetUsersWithoutPrimary,
  movedClock,
  ...followupListeners,
  sentDrafts, arrivedMail, failedDeliveries, removedAccounts,
];

export const jobs: readonly AnyJob[] = [
  sweepExpired,
  sweepJob,
  ...emailJobs,
  forgetVisitorsJob,
  judgeLeftOvers, forgetOldEvents,
  forgetIdempotencyKeys,
  forgetEvents,
  tidyEmbeddedDatabase,
];

export const sendSteps: readonly SendStep[] = [
  trackingStep,
  followUpStep,
];
