import type { z } from 'zod';
import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Settle, Settled } from '../../http/operation.ts';
import { oneLine } from '../../lib/text.ts';
import type { MailFolder } from '../../providers/provider.ts';
import type { EmailFolderInfo } from './folders.contract.ts';
import { listMessages, type ListOptions } from './messages.service.ts';
import { mailOf } from './service.ts';

type Folder = z.output<typeof EmailFolderInfo>;

export async function listFolders(deps: Deps, accountId: number): Promise<Folder[]> {
  const { mailbox, store } = await mailOf(deps, accountId);
  return (await store.folders(mailbox)).map(toWire);
}

export async function showFolder(deps: Deps, accountId: number, folderId: string): Promise<Folder> {
  const folder = (await listFolders(deps, accountId)).find((f) => f.id === folderId);
  if (!folder) throw notFound('The folder');
  return folder;
}

export async function folderMessages(deps: Deps, accountId: number, folderId: string, options: Omit<ListOptions, 'folderId'>) {
  await showFolder(deps, accountId, folderId);
  return listMessages(deps, accountId, { ...options, folderId });
}

const NAME_LENGTH = 100;

export async function createFolder(deps: Deps, accountId: number, name: string | undefined, parentId: string | undefined, settle: Settle<Folder>): Promise<Settled<Folder>> {
  const { account, mailbox, store } = await mailOf(deps, accountId);
  const { createFolders } = deps.providers.of(account.service_type).capabilities;
  if (!createFolders.can) throw new AppError('notSupportedYet', createFolders.reason);
  const clean = oneLine(name ?? '', NAME_LENGTH + 1);
  if (!clean || clean.length > NAME_LENGTH || clean.includes('/')) throw invalid('name', `1 to ${NAME_LENGTH} characters and no slash, which separates folders in full names.`);
  return transaction(deps.db, async (trx) => settle(trx, toWire(await store.createFolder(trx, mailbox, clean, parentId))));
}

export async function wellKnown(deps: Deps, accountId: number): Promise<{ archive?: string; sent?: string }> {
  const { mailbox, store } = await mailOf(deps, accountId);
  const folders = await store.folders(mailbox);
  const of = (role: string): string | undefined => folders.find((f) => f.role === role)?.id;
  return { ...(of('archive') ? { archive: of('archive') } : {}), ...(of('sent') ? { sent: of('sent') } : {}) };
}

export async function setWellKnown(deps: Deps, accountId: number, roles: { archive?: string; sent?: string }): Promise<{ archive?: string; sent?: string }> {
  const { mailbox, store } = await mailOf(deps, accountId);
  await store.setWellKnown(mailbox, roles);
  return wellKnown(deps, accountId);
}

const toWire = (f: MailFolder): Folder => ({
  id: f.id, name: f.name, fullName: f.fullName, isFolder: true, isLabel: false,
  ...(f.parentId ? { parentId: f.parentId } : {}),
  ...(f.sysLabel ? { sysLabel: f.sysLabel } : {}),
});
