import { jsonb, type Db, type Trx } from './db.ts';

/** What this server generated once and keeps (as JWE where it is secret). */
export const settingOf = async (db: Db | Trx, name: string): Promise<unknown> =>
  (await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value;

/** Keeps the value unless the setting exists; answers what is kept, so that two processes agree. */
export async function keepSetting(db: Db | Trx, name: string, value: unknown): Promise<unknown> {
  await db.insertInto('settings').values({ name, value: jsonb(value) }).onConflict((c) => c.column('name').doNothing()).execute();
  return settingOf(db, name);
}

/** Sets the value, whatever it was. */
export async function writeSetting(db: Db | Trx, name: string, value: unknown): Promise<void> {
  await db.insertInto('settings').values({ name, value: jsonb(value) }).onConflict((c) => c.column('name').doUpdateSet({ value: jsonb(value) })).execute();
}
