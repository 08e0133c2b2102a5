import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/**
 * What caused the work that runs now. Every log line carries it, and a job keeps the requestId of the work
 * that enqueued it: one id leads from a request to the mail it sent and to each attempt to deliver that.
 */
export interface Trace {
  /** Of the HTTP request or the incoming message where it began; of the job itself where a timetable began it. */
  readonly requestId: string;
  readonly job?: string;
  readonly jobId?: string;
}

const running = new AsyncLocalStorage<Trace>();

export const traced = <T>(trace: Trace, work: () => T): T => running.run(trace, work);

export const currentTrace = (): Trace | undefined => running.getStore();

export const newRequestId = (): string => randomUUID();
