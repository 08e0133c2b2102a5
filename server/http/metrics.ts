import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PoolFigures } from '../db/db.ts';

/**
 * The figures an operator needs; names follow Prometheus' conventions (base units, _total). Labels come
 * from lists in the code (operation ids, queues, verdicts), never from what a request says, so their number is bounded.
 */
export interface Metrics {
  readonly registry: Registry;
  readonly httpRequests: Histogram<'operation' | 'status'>;
  readonly streams: Gauge;
  readonly pixels: Histogram;
  readonly opens: Counter<'verdict'>;
  readonly clicks: Counter<'verdict'>;
  readonly mailIn: Counter<'result'>;
  readonly mailOut: Counter<'route' | 'result'>;
  readonly providerErrors: Counter<'provider' | 'task'>;
  readonly jobsDone: Counter<'queue' | 'result'>;
  readonly jobSeconds: Histogram<'queue'>;
  /** Read from the database when /metrics is asked for; every process of one database shows the same. */
  readonly stored: {
    readonly up: Gauge;
    readonly jobsWaiting: Gauge<'queue'>;
    readonly jobsDue: Gauge<'queue'>;
    readonly jobsRunning: Gauge<'queue'>;
    readonly queueAge: Gauge<'queue'>;
    readonly deadLetters: Gauge;
    readonly diskFree: Gauge<'directory'>;
    readonly outboxLag: Gauge;
    readonly sessions: Gauge;
  };
}

/** `pool`: the connections of this process to Postgres; left out where the database is embedded. */
export function createMetrics(pool?: () => PoolFigures): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'sundial_database_connections', help: 'Connections of this process to Postgres, by state; waiting: queries that wait for one.', labelNames: ['state'], registers,
    collect() {
      for (const [state, count] of Object.entries(pool?.() ?? {})) this.set({ state }, count);
    },
  });
  return {
    registry,
    httpRequests: new Histogram({ name: 'sundial_http_request_seconds', help: 'Time to answer, by operation and status.', labelNames: ['operation', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers }),
    streams: new Gauge({ name: 'sundial_streams_open', help: 'Live streams that this process serves, about one for each open pane.', registers }),
    pixels: new Histogram({ name: 'sundial_pixel_seconds', help: 'Time to answer a tracking pixel; the open is committed within it.', buckets: [0.002, 0.005, 0.02, 0.1, 0.5, 2], registers }),
    opens: new Counter({ name: 'sundial_opens_total', help: 'Opens recorded, by verdict.', labelNames: ['verdict'], registers }),
    clicks: new Counter({ name: 'sundial_clicks_total', help: 'Clicks recorded, by verdict.', labelNames: ['verdict'], registers }),
    mailIn: new Counter({ name: 'sundial_mail_received_total', help: 'Incoming messages, and recipients that were not taken, by result: taken, refused, postponed.', labelNames: ['result'], registers }),
    mailOut: new Counter({ name: 'sundial_mail_sent_total', help: 'Delivery attempts, by route (own, relay) and result: taken, refused, postponed, unknown.', labelNames: ['route', 'result'], registers }),
    providerErrors: new Counter({ name: 'sundial_provider_errors_total', help: 'Background work of a mailbox provider that failed and is tried again, by provider and task.', labelNames: ['provider', 'task'], registers }),
    jobsDone: new Counter({ name: 'sundial_jobs_total', help: 'Jobs that ended in this process, by queue and result: done, failed.', labelNames: ['queue', 'result'], registers }),
    jobSeconds: new Histogram({ name: 'sundial_job_seconds', help: 'Time that a job took, by queue.', labelNames: ['queue'], buckets: [0.02, 0.1, 0.5, 2, 10, 60], registers }),
    stored: {
      up: new Gauge({ name: 'sundial_database_up', help: 'Whether the database answered this scrape.', registers }),
      jobsWaiting: new Gauge({ name: 'sundial_jobs_waiting', help: 'Jobs that wait, also for a time to come, by queue.', labelNames: ['queue'], registers }),
      jobsDue: new Gauge({ name: 'sundial_jobs_due', help: 'Jobs that are due and wait for a worker, by queue.', labelNames: ['queue'], registers }),
      jobsRunning: new Gauge({ name: 'sundial_jobs_running', help: 'Jobs that a worker has, by queue.', labelNames: ['queue'], registers }),
      queueAge: new Gauge({ name: 'sundial_queue_age_seconds', help: 'For how long the oldest due job has waited, by queue.', labelNames: ['queue'], registers }),
      deadLetters: new Gauge({ name: 'sundial_dead_letters', help: 'Jobs that were given up and set aside.', registers }),
      diskFree: new Gauge({ name: 'sundial_disk_free_bytes', help: 'Free space where the embedded database is; a Postgres has its own.', labelNames: ['directory'], registers }),
      outboxLag: new Gauge({ name: 'sundial_outbox_lag_seconds', help: 'For how long the oldest event has waited for a listener.', registers }),
      sessions: new Gauge({ name: 'sundial_sessions', help: 'Signed-in sessions that have not ended.', registers }),
    },
  };
}
