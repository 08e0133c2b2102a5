import type { Deps } from '../../deps.ts';
import type { Handlers } from '../../http/operation.ts';
import type { foldersContract } from './folders.contract.ts';
import { createFolder, folderMessages, listFolders, setWellKnown, showFolder, wellKnown } from './folders.service.ts';

export function foldersRoutes(deps: Deps): Handlers<typeof foldersContract> {
  return {
    async folders({ principal }) {
      const records = await listFolders(deps, principal.accountId);
      return { length: records.length, records };
    },
    createFolder: ({ principal, body, settle }) => createFolder(deps, principal.accountId, body.name, body.parentId, settle),
    wellKnownFolders: ({ principal }) => wellKnown(deps, principal.accountId),
    updateWellKnownFolders: ({ principal, body }) => setWellKnown(deps, principal.accountId, body),
    folder: ({ principal, params }) => showFolder(deps, principal.accountId, params.folderId),
    folderEmails: ({ principal, params, query }) => folderMessages(deps, principal.accountId, params.folderId, query),
  };
}
