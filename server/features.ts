import type { Express } from 'express';
import type { Deps } from './deps.ts';
import type { Listener } from './events/events.ts';
import type { SendStep } from './features/email/steps.ts';
import type { BinderDeps } from './http/bind.ts';
import type { AnyJob } from './jobs/jobs.ts';

/**
 * The explicit list of what the server consists of: which feature binds which routes, who hears which
 * event, which jobs run, what happens to a message on its way out. Nothing is found by scanning disks.
 */
export function bindFeatures(_app: Express, _deps: Deps, _binder: BinderDeps): void {
}

export const listeners: readonly Listener[] = [
];

export const jobs: readonly AnyJob[] = [
];

export const sendSteps: readonly SendStep[] = [
];
