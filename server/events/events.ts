import { sql } from 'kysely';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Database, Db, Trx } from '../db/db.ts';
import type { Deps } from '../deps.ts';
import { defineJob, type AnyJob, type Jobs } from '../jobs/jobs.ts';
import type { DomainEvent, EventOf, EventType } from './types.ts';

const CHANNEL = 'sundial_outbox';

/**
 * A feature's ear: run as a job of its own for each event, after the transaction that caused it has
 * committed; again after a crash. So a listener must be idempotent.
 */
export interface Listener {
  readonly name: string;
  readonly hears: readonly EventType[];
  /** Told by the event alone. What is of no concern makes no job, which costs more than to look. */
  readonly concerns?: (event: DomainEvent) => boolean;
  readonly hear: (deps: Deps, event: DomainEvent, eventId: number) => Promise<void>;
}

export const listener = <T extends EventType>(l: {
  name: string;
  hears: readonly T[];
  concerns?: (event: EventOf<T>) => boolean;
  hear: (deps: Deps, event: EventOf<T>, eventId: number) => Promise<void>;
}): Listener => l as unknown as Listener;

export interface StoredEvent {
  readonly id: number;
  readonly event: DomainEvent;
}

export interface Events {
  /** Writes the event and a job for each listener into `trx`: both happen, or neither. */
  emit(trx: Trx, event: DomainEvent): Promise<void>;
  /** The same for many at once, in their order, with one statement and one notification. */
  emitAll(trx: Trx, events: readonly DomainEvent[]): Promise<void>;
  /** Live events of one account, for streams; `after` resumes behind an event id. */
  subscribe(accountId: number, heard: (stored: StoredEvent) => void): () => void;
  since(accountId: number, after: number, most: number): Promise<StoredEvent[]>;
  /** The newest event id; 0 before the first. */
  position(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The jobs behind the listeners, for jobs.start. */
  readonly listenerJobs: readonly AnyJob[];
}

/** What the queues of listeners begin with. */
export const LISTENER_QUEUES = 'on.';

/** Of two transactions that run at once, the later one to commit may have ids this much smaller. */
export const LOOK_BACK = 200;

const Payload = z.object({ id: z.int(), event: z.unknown() });

export function createEvents(database: Database, jobs: () => Jobs, listeners: readonly Listener[], log: Logger): Events {
  const { db } = database;
  const jobOf = new Map(listeners.map((l) => [l, defineJob({
    name: `${LISTENER_QUEUES}${l.name}`,
    payload: Payload,
    retryLimit: 8,
    handler: (deps, payload) => l.hear(deps, payload.event as DomainEvent, payload.id),
  })]));
  const subscribers = new Map<number, Set<(stored: StoredEvent) => void>>();
  let stopListening: (() => Promise<void>) | undefined;
  let seen = 0;
  let reading = Promise.resolve();

  // Ids are handed out before commit, so a smaller id may appear after a larger one: read a little back
  // and remember what was delivered, or a stream would skip what committed late.
  const delivered = new Set<number>();
  const fanOut = async (): Promise<void> => {
    if (!subscribers.size) return;
    const rows = await db.selectFrom('outbox').selectAll()
      .where('id', '>', seen - LOOK_BACK)
      .where('account_id', 'in', [...subscribers.keys()])
      .orderBy('id').execute();
    for (const row of rows) {
      if (delivered.has(row.id)) continue;
      delivered.add(row.id);
      seen = Math.max(seen, row.id);
      for (const heard of subscribers.get(row.account_id!) ?? []) heard({ id: row.id, event: row.payload as DomainEvent });
    }
    for (const id of delivered) if (id < seen - LOOK_BACK) delivered.delete(id);
  };

  const position = async (): Promise<number> => {
    const last = await db.selectFrom('outbox').select((e) => e.fn.max('id').as('id')).executeTakeFirst();
    return Number(last?.id ?? 0);
  };
  const emitAll = async (trx: Trx, events: readonly DomainEvent[]): Promise<void> => {
    if (!events.length) return;
    const { rows } = await sql<{ id: number }>`
      insert into outbox (type, account_id, payload)
      select e.type, e.account_id, e.payload::jsonb
      from unnest(${events.map((e) => e.type)}::text[], ${events.map((e) => e.accountId)}::bigint[], ${events.map((e) => JSON.stringify(e))}::text[]) with ordinality as e(type, account_id, payload, ord)
      order by e.ord returning id`.execute(trx);
    const ids = rows.map((row) => row.id).sort((a, b) => a - b);
    for (const [i, event] of events.entries()) {
      for (const [l, job] of jobOf) {
        if (l.hears.includes(event.type) && (l.concerns?.(event) ?? true)) await jobs().enqueue(trx, job, { id: ids[i]!, event });
      }
    }
    await sql`select pg_notify(${CHANNEL}, ${String(ids.at(-1))})`.execute(trx);
  };

  return {
    listenerJobs: [...jobOf.values()],
    emit: (trx, event) => emitAll(trx, [event]),
    emitAll,
    subscribe(accountId, heard) {
      const set = subscribers.get(accountId) ?? new Set();
      subscribers.set(accountId, set.add(heard));
      return () => {
        set.delete(heard);
        if (!set.size) subscribers.delete(accountId);
      };
    },
    since: (accountId, after, most) => readSince(db, accountId, after, most),
    position,
    async start() {
      seen = await position();
      const recent = await db.selectFrom('outbox').select('id').where('id', '>', seen - LOOK_BACK).execute();
      for (const row of recent) delivered.add(row.id);
      stopListening = await database.listen(CHANNEL, () => {
        reading = reading.then(fanOut).catch((error: unknown) => log.error({ err: error }, 'live events could not be read'));
      });
    },
    async stop() {
      await stopListening?.();
      await reading;
    },
  };
}

async function readSince(db: Db, accountId: number, after: number, most: number): Promise<StoredEvent[]> {
  const rows = await db.selectFrom('outbox').select(['id', 'payload'])
    .where('account_id', '=', accountId).where('id', '>', after)
    .orderBy('id').limit(most).execute();
  return rows.map((row) => ({ id: row.id, event: row.payload as DomainEvent }));
}

/** A stream that was away for longer reads its pages anew; and who wrote to whom is not kept for ever here. */
const KEPT_DAYS = 14;

export const forgetOldEvents = defineJob({
  name: 'events.forget',
  payload: z.object({}),
  cron: '29 3 * * *',
  handler: async ({ db, clock }) => {
    await db.deleteFrom('outbox').where('created_at', '<', new Date(clock.real().getTime() - KEPT_DAYS * 86_400_000)).execute();
  },
});
