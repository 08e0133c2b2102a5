import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Db } from './db/db.ts';
import type { Events } from './events/events.ts';
import type { HostedDomains } from './features/accounts/domains.ts';
import type { SendStep } from './features/email/steps.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Clock } from './lib/clock.ts';
import type { KeyRing } from './lib/keyring.ts';
import type { Metrics } from './http/metrics.ts';
import type { GuardedFetch } from './net/fetch.ts';
import type { Providers } from './providers/registry.ts';

/** What the process is made of; built once in main.ts (or by a test) and passed down. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: KeyRing;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly fetch: GuardedFetch;
  readonly metrics: Metrics;
  readonly providers: Providers;
  /** The mail domains whose mailboxes live here. */
  readonly domains: HostedDomains;
  /** What features above email add to a message on its way out; features.ts lists them. */
  readonly sendSteps: readonly SendStep[];
}
