import { AsyncLocalStorage } from 'node:async_hooks';
import type { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, sql, type KyselyPlugin, type Transaction } from 'kysely';
import pg from 'pg';
import { TurnTakingPglite } from './embedded.ts';
import { asUnreachable } from './faults.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

/** A Kysely over either engine, with what the platform needs of the engine itself. */
export interface Database {
  readonly db: Db;
  readonly engine: 'pglite' | 'postgres';
  /** The embedded instance, for pg-boss's adapter; undefined on Postgres. */
  readonly pglite: PGlite | undefined;
  readonly connectionString: string | undefined;
  /** Connections of the pool; undefined where there is only the embedded one. */
  readonly pool: (() => PoolFigures) | undefined;
  /** True where no other process can have it open. */
  readonly exclusive: boolean;
  /** Calls back for each NOTIFY on the channel until the returned function is called. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface PoolFigures {
  readonly total: number;
  readonly idle: number;
  /** Queries that wait for a connection. */
  readonly waiting: number;
}

const INT8 = 20;
/** Half of what Postgres takes by itself: WebAssembly never gives memory back, and what is read often fits all the same. */
const PGLITE_BUFFERS = '64MB';
/** Longer to wait for a connection, a new one or one of the pool's, than anybody in front of a screen would. */
const CONNECT_MS = 10_000;
const insideTransaction = new AsyncLocalStorage<true>();

/**
 * Runs `work` in one transaction. Inside it only `trx` may be used: on PGlite's single connection a
 * query on the outer db would wait for this very transaction for ever, so it fails at once instead.
 */
export async function transaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return db.transaction().execute((trx) => insideTransaction.run(true, () => work(trx)));
}

/** A value for a jsonb column; as text, because pg would turn a JavaScript array into a Postgres array. */
export const jsonb = (value: unknown) => sql<never>`${JSON.stringify(value)}::jsonb`;

/** `dataDir` undefined: in memory. `dump`: a directory made by dumpDataDir, to start from at once. */
export async function openPglite(dataDir: string | undefined, dump?: Blob): Promise<Database> {
  const pglite = new TurnTakingPglite({
    ...(dataDir ? { dataDir } : {}),
    ...(dump ? { loadDataDir: dump } : {}),
    parsers: { [INT8]: Number },
    startParams: [...TurnTakingPglite.defaultStartParams, '-c', `shared_buffers=${PGLITE_BUFFERS}`],
  });
  await pglite.waitReady;
  const db = refuseOuterUse(new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }));
  return {
    db,
    engine: 'pglite',
    pglite,
    connectionString: undefined,
    pool: undefined,
    exclusive: true,
    listen: async (channel, heard) => {
      const stop = await pglite.listen(channel, AsyncLocalStorage.bind(heard));
      return () => stop();
    },
    close: () => db.destroy(),
  };
}

export function openPostgres(connectionString: string, poolSize = 10): Database {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const pool = new pg.Pool({ connectionString, max: poolSize, types, connectionTimeoutMillis: CONNECT_MS });
  // An idle connection that the server closes emits here; without a listener it would end the process.
  pool.on('error', () => {});
  // And one that is in use, but just not in a query, emits on itself: a transaction that is thinking.
  pool.on('connect', (client) => void client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({
    pool: {
      connect: () => pool.connect().catch((error: unknown) => {
        throw asUnreachable(error);
      }),
      end: () => pool.end(),
      options: pool.options,
    },
  }) });
  return {
    db,
    engine: 'postgres',
    pglite: undefined,
    connectionString,
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    exclusive: false,
    listen: (channel, heard) => listenOnPostgres(connectionString, channel, heard),
    close: () => db.destroy(),
  };
}

/** One connection of its own, opened again after a fault; a gap is reported as an empty payload. */
async function listenOnPostgres(connectionString: string, channel: string, heard: (payload: string) => void): Promise<() => Promise<void>> {
  let closed = false;
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
    next.on('notification', (message) => heard(message.payload ?? ''));
    next.on('error', () => {});
    try {
      await next.connect();
      await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await next.end().catch(() => {});
      throw error;
    }
    // Only now: a client that never connected says 'end' as well, and each would start a search of its own.
    next.on('end', reconnect);
    client = next;
  };
  const reconnect = (): void => {
    if (closed) return;
    again = setTimeout(() => void connect().then(() => heard(''), reconnect), 1000).unref();
  };
  await connect();
  return async () => {
    closed = true;
    clearTimeout(again);
    await client?.end().catch(() => {});
  };
}

function refuseOuterUse(base: Db): Db {
  const check = (): void => {
    if (insideTransaction.getStore()) throw new Error('The outer db was used inside a transaction; pass trx instead.');
  };
  const guard: KyselyPlugin = {
    transformQuery: ({ node }) => {
      check();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const guarded = base.withPlugin(guard);
  guarded.transaction = () => {
    check();
    return base.transaction();
  };
  return guarded;
}
