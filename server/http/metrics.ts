import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The figures an operator needs; names follow Prometheus' conventions (base units, _total). */
export interface Metrics {
  readonly registry: Registry;
  readonly httpRequests: Histogram<'operation' | 'status'>;
  readonly opens: Counter<'verdict'>;
  readonly mailIn: Counter<'result'>;
  readonly mailOut: Counter<'result'>;
  readonly jobsWaiting: Gauge<'queue'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    httpRequests: new Histogram({ name: 'sundial_http_request_seconds', help: 'Time to answer, by operation and status.', labelNames: ['operation', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers }),
    opens: new Counter({ name: 'sundial_opens_total', help: 'Opens recorded, by verdict.', labelNames: ['verdict'], registers }),
    mailIn: new Counter({ name: 'sundial_mail_received_total', help: 'Messages taken in, by result.', labelNames: ['result'], registers }),
    mailOut: new Counter({ name: 'sundial_mail_sent_total', help: 'Delivery attempts, by result.', labelNames: ['result'], registers }),
    jobsWaiting: new Gauge({ name: 'sundial_jobs_waiting', help: 'Jobs that wait, by queue.', labelNames: ['queue'], registers }),
  };
}
