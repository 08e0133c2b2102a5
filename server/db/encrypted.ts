import { sql } from 'kysely';
import type { Jwe, KeyRing } from '../lib/keyring.ts';
import { jsonb, type Db } from './db.ts';
import type { Tables } from './tables.ts';

/** What is encrypted in the database: which keys it hangs on, and how it comes under the newest one. */

type EncryptedColumn<T> = { [C in keyof T]-?: [NonNullable<T[C]>] extends [Jwe] ? C : never }[keyof T];

/**
 * Every column that holds what a key ring encrypted. Only a value that is typed Jwe can be decrypted, and for
 * each column that is typed so the compiler asks for its line here; a value inside of JSON belongs into `settings`.
 */
const COLUMNS: { readonly [T in keyof Tables as EncryptedColumn<Tables[T]> extends never ? never : T]: Readonly<Record<EncryptedColumn<Tables[T]>, true>> } = {
  apps: { client_secret: true, signing_secret: true },
  auth_codes: { answer: true },
  idempotency_keys: { fingerprint: true, answer: true },
};

export const encryptedColumns: readonly { readonly table: string; readonly column: string }[] =
  Object.entries(COLUMNS).flatMap(([table, columns]) => Object.keys(columns).map((column) => ({ table, column })));

const AT_A_TIME = 100;

export interface KeyUse {
  readonly newest: number;
  readonly older: number;
  /** Their key is not in the ring: nobody can read them. */
  readonly missing: number;
}

/** How many values stand under which keys. */
export async function keyUse(db: Db, keys: KeyRing): Promise<KeyUse> {
  const use = { newest: 0, older: 0, missing: 0 };
  for (const { table, column } of encryptedColumns) for (const { header, count } of await headersOf(db, table, column)) use[keys.keyOf(header)] += count;
  for (const { value } of await db.selectFrom('settings').select('value').execute()) for (const jwe of jwesIn(value)) use[keys.keyOf(jwe)]++;
  return use;
}

export interface Reencrypted extends KeyUse {
  readonly rewritten: number;
  /** Values that are not what the key wrote, by where they stand. */
  readonly damaged: readonly string[];
}

/**
 * Writes everything that an older key of the ring encrypted anew with the newest one. Each value changes by itself
 * and only if nobody else changed it meanwhile, so this may run beside servers, be cut off, and run again.
 */
export async function reencrypt(db: Db, keys: KeyRing): Promise<Reencrypted> {
  let rewritten = 0;
  const damaged: string[] = [];
  const anew = async (jwe: Jwe, where: string): Promise<Jwe | undefined> => {
    const secret = await keys.decrypt(jwe).catch(() => void damaged.push(where));
    return secret === undefined ? undefined : keys.encrypt(secret);
  };
  for (const { table, column } of encryptedColumns) {
    const older = (await headersOf(db, table, column)).map(({ header }) => header).filter((header) => keys.keyOf(header) === 'older');
    for (let after: unknown; older.length;) {
      const { rows } = await sql<{ id: unknown; jwe: Jwe }>`
        select id, ${sql.ref(column)} as jwe from ${sql.table(table)}
        where split_part(${sql.ref(column)}, '.', 1) = any(${older}) ${after === undefined ? sql`` : sql`and id > ${after}`} order by id limit ${AT_A_TIME}`.execute(db);
      if (!rows.length) break;
      for (const { id, jwe } of rows) {
        const next = await anew(jwe, `${table}.${column}, id ${String(id)}`);
        if (next === undefined) continue;
        const { numAffectedRows } = await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${next} where id = ${id} and ${sql.ref(column)} = ${jwe}`.execute(db);
        rewritten += Number(numAffectedRows ?? 0);
      }
      after = rows.at(-1)!.id;
    }
  }
  for (const { name, value } of await db.selectFrom('settings').selectAll().execute()) {
    const nexts = new Map<Jwe, Jwe>();
    for (const jwe of jwesIn(value)) {
      const next = keys.keyOf(jwe) === 'older' ? await anew(jwe, `settings, ${name}`) : undefined;
      if (next !== undefined) nexts.set(jwe, next);
    }
    if (!nexts.size) continue;
    const { numUpdatedRows } = await db.updateTable('settings').set({ value: jsonb(mapped(value, nexts)) }).where('name', '=', name).where('value', '=', jsonb(value)).executeTakeFirst();
    if (numUpdatedRows) rewritten += nexts.size;
  }
  return { ...await keyUse(db, keys), rewritten, damaged };
}

/** The protected headers, which name the key, of a column's values. */
async function headersOf(db: Db, table: string, column: string): Promise<{ header: string; count: number }[]> {
  const { rows } = await sql<{ header: string; count: number }>`
    select split_part(${sql.ref(column)}, '.', 1) as header, count(*)::int as count from ${sql.table(table)} where ${sql.ref(column)} is not null group by 1`.execute(db);
  return rows;
}

/** Compact form with an empty encrypted key, which is how `dir` writes it (RFC 7516, 7.1). */
const JWE = /^eyJ[\w-]*\.\.[\w-]+\.[\w-]*\.[\w-]+$/;
const isJwe = (value: unknown): value is Jwe => typeof value === 'string' && JWE.test(value);

function jwesIn(value: unknown): Jwe[] {
  if (isJwe(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(jwesIn) : [];
}

function mapped(value: unknown, nexts: ReadonlyMap<Jwe, Jwe>): unknown {
  if (isJwe(value)) return nexts.get(value) ?? value;
  if (Array.isArray(value)) return value.map((entry) => mapped(entry, nexts));
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, mapped(entry, nexts)])) : value;
}
