import { transaction, type Db, type Trx } from '../../db/db.ts';
import type { FolderRole } from '../../db/tables/mail.ts';
import { AppError, invalid } from '../../errors.ts';
import { randomToken } from '../../lib/ids.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MailFolder } from '../provider.ts';
import { labelOfRole } from './rows.ts';

const NAMES: Record<FolderRole, string> = { inbox: 'Inbox', sent: 'Sent', drafts: 'Drafts', trash: 'Trash', junk: 'Junk', archive: 'Archive' };
const ROLES = Object.keys(NAMES) as FolderRole[];

/** Folder ids by role; makes what a fresh mailbox lacks. A cleared archive role stays cleared. */
export async function ensureFolders(trx: Trx, clock: Clock, accountId: number): Promise<Record<FolderRole, string>> {
  const read = () => trx.selectFrom('mail_folders').select(['id', 'role']).where('account_id', '=', accountId).where('role', 'is not', null).execute();
  let rows = await read();
  const missing = ROLES.filter((role) => !rows.some((r) => r.role === role));
  if (missing.length) {
    await trx.insertInto('mail_folders')
      .values(missing.map((role) => ({ id: `f${randomToken(9)}`, account_id: accountId, parent_id: null, name: NAMES[role], role, created_at: clock.now() })))
      .onConflict((c) => c.doNothing()).execute();
    rows = await read();
  }
  return Object.fromEntries(rows.map((r) => [r.role, r.id])) as Record<FolderRole, string>;
}

export async function rolesOfFolders(db: Db | Trx, accountId: number): Promise<Map<string, FolderRole | null>> {
  const rows = await db.selectFrom('mail_folders').select(['id', 'role']).where('account_id', '=', accountId).execute();
  return new Map(rows.map((r) => [r.id, r.role]));
}

export const listFolders = (db: Db, clock: Clock, accountId: number): Promise<MailFolder[]> => transaction(db, (trx) => foldersOf(trx, clock, accountId));

async function foldersOf(trx: Trx, clock: Clock, accountId: number): Promise<MailFolder[]> {
  await ensureFolders(trx, clock, accountId);
  const rows = await trx.selectFrom('mail_folders').selectAll().where('account_id', '=', accountId).orderBy('created_at').orderBy('name').execute();
  const byId = new Map(rows.map((r) => [r.id, r]));
  const fullName = (id: string, depth = 0): string => {
    const row = byId.get(id)!;
    return row.parent_id && depth < 20 ? `${fullName(row.parent_id, depth + 1)}/${row.name}` : row.name;
  };
  const order = (role: FolderRole | null): number => (role ? ROLES.indexOf(role) : ROLES.length);
  return rows.sort((a, b) => order(a.role) - order(b.role)).map((r) => {
    const sysLabel = labelOfRole(r.role);
    return { id: r.id, name: r.name, fullName: fullName(r.id), ...(r.parent_id ? { parentId: r.parent_id } : {}), ...(sysLabel ? { sysLabel } : {}), role: r.role };
  });
}

export async function createFolder(trx: Trx, clock: Clock, accountId: number, name: string, parentId: string | undefined): Promise<MailFolder> {
  const id = `f${randomToken(9)}`;
  await ensureFolders(trx, clock, accountId);
  if (parentId !== undefined && !(await rolesOfFolders(trx, accountId)).has(parentId)) throw invalid('parentId', 'not a folder of this account.');
  const made = await trx.insertInto('mail_folders')
    .values({ id, account_id: accountId, parent_id: parentId ?? null, name, role: null, created_at: clock.now() })
    .onConflict((c) => c.doNothing()).returning('id').executeTakeFirst();
  if (!made) throw new AppError('name.taken', `name: there is a folder ${name} already.`);
  return (await foldersOf(trx, clock, accountId)).find((f) => f.id === id)!;
}

/** Moves a role to another folder; the one that had it keeps its mail. An empty id clears the role, and the role's own folder serves. */
export async function setRole(db: Db, clock: Clock, accountId: number, role: 'archive' | 'sent', folderId: string): Promise<void> {
  await transaction(db, async (trx) => {
    const roles = await ensureFolders(trx, clock, accountId);
    const known = await rolesOfFolders(trx, accountId);
    if (folderId && !known.has(folderId)) throw invalid(role, 'not a folder of this account.');
    if (folderId && known.get(folderId) && known.get(folderId) !== role) throw invalid(role, `that folder is the ${known.get(folderId)} folder.`);
    if (folderId === roles[role]) return;
    await trx.updateTable('mail_folders').set({ role: null }).where('id', '=', roles[role]).execute();
    const own = trx.updateTable('mail_folders').set({ role }).where('account_id', '=', accountId).where('role', 'is', null);
    await (folderId ? own.where('id', '=', folderId) : own.where('parent_id', 'is', null).where('name', '=', NAMES[role])).execute();
  });
}
