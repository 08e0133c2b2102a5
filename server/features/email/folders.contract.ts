import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { BodyType, NativeProperty } from '../../http/wire.ts';
import { EmailMessagesPageNext, SearchText, SysLabel } from './messages.contract.ts';

export const EmailFolderCreate = z.object({
  name: z.string().optional(),
  parentId: z.string().optional(),
}).meta({ id: 'EmailFolderCreate' });

export const EmailFolderInfo = z.object({
  id: z.string(),
  name: z.string().optional(),
  fullName: z.string().optional(),
  isFolder: z.boolean().optional(),
  isLabel: z.boolean().optional(),
  parentId: z.string().optional(),
  sysLabel: SysLabel.optional(),
}).meta({ id: 'EmailFolderInfo' });

export const EmailFolderInfoPage = z.object({
  length: z.int(),
  records: z.array(EmailFolderInfo),
}).meta({ id: 'EmailFolderInfoPage' });

export const WellKnownFoldersIn = z.object({
  archive: z.string().optional(),
  sent: z.string().optional(),
}).meta({ id: 'WellKnownFoldersIn' });

export const WellKnownFoldersOut = z.object({
  archive: z.string().optional(),
  sent: z.string().optional(),
}).meta({ id: 'WellKnownFoldersOut' });

export const foldersContract = {
  folders: operation({
    method: 'get',
    path: '/v1/email/folders',
    operationId: 'folders',
    tag: 'EmailFolders',
    summary: 'List folders',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    query: z.object({
      pageToken: z.string().optional(),
    }),
    response: json(EmailFolderInfoPage),
    errors: [],
  }),

  createFolder: operation({
    method: 'post',
    path: '/v1/email/folders',
    operationId: 'createFolder',
    tag: 'EmailFolders',
    summary: 'Create a folder',
    auth: 'account',
    scopes: ['Mail.ReadWrite', 'Mail.All'],
    body: EmailFolderCreate,
    idempotent: true,
    response: json(EmailFolderInfo, 201),
    errors: ['request.invalid', 'name.taken'],
  }),

  wellKnownFolders: operation({
    method: 'get',
    path: '/v1/email/folders/wellKnown',
    operationId: 'wellKnownFolders',
    tag: 'EmailFolders',
    summary: 'Get the archive and sent folders',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    response: json(WellKnownFoldersOut),
    errors: [],
  }),

  updateWellKnownFolders: operation({
    method: 'patch',
    path: '/v1/email/folders/wellKnown',
    operationId: 'updateWellKnownFolders',
    tag: 'EmailFolders',
    summary: 'Choose the archive and sent folders',
    auth: 'account',
    scopes: ['Mail.ReadWrite', 'Mail.All'],
    body: WellKnownFoldersIn,
    response: json(WellKnownFoldersOut),
    errors: ['request.invalid'],
  }),

  folder: operation({
    method: 'get',
    path: '/v1/email/folders/{folderId}',
    operationId: 'folder',
    tag: 'EmailFolders',
    summary: 'Get a folder',
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ folderId: z.string() }),
    response: json(EmailFolderInfo),
    errors: ['notFound'],
  }),

  folderEmails: operation({
    method: 'get',
    path: '/v1/email/folders/{folderId}/messages',
    operationId: 'folderEmails',
    tag: 'EmailFolders',
    summary: "List a folder's messages, newest first",
    auth: 'account',
    scopes: ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'],
    params: z.object({ folderId: z.string() }),
    query: z.object({
      pageToken: z.string().optional(),
      q: SearchText,
      bodyType: BodyType.optional(),
      nativeProperties: z.array(NativeProperty).optional(),
    }),
    response: json(EmailMessagesPageNext),
    errors: ['request.invalid', 'page.invalid', 'notFound'],
  }),
} as const;
