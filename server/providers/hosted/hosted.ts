import type { Db } from '../../db/db.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import { deliver, putOff, sweep } from './deliver.ts';
import { derive, deriveTopOnly } from './derive.ts';
import { createFolder, listFolders, setRole } from './folders.ts';
import { createPace } from './pace.ts';
import { takeInbound } from './receive.ts';
import { openDraft, removeDraft, saveDraft, send } from './send.ts';
import { deliveryOf, findByInternetMessageId, getMessage, listMessages, openAttachments, rawMessage, removeMessage, setStatus } from './store.ts';

/** Mailboxes that live on this server: its own tables, its own SMTP in and out. */
export function createHosted(db: Db, deps: ProviderDeps): Provider {
  const pace = createPace();
  return {
    serviceType: 'Hosted',
    capabilities: {
      exactlyOnceSend: true,
      scheduledSend: { can: false, reason: 'Sending a draft at a later time is not built yet.' },
      createFolders: { can: true },
    },
    mail: {
      send: (trx, mailbox, mail, finish) => send(trx, deps, mailbox, mail, finish),
      list: (mailbox, query) => listMessages(db, mailbox, query),
      get: (mailbox, id, trx) => getMessage(trx ?? db, mailbox, id),
      findByInternetMessageId: (mailbox, id) => findByInternetMessageId(db, mailbox, id),
      raw: (mailbox, id) => rawMessage(db, mailbox, id),
      attachments: (mailbox, id, ids) => openAttachments(db, mailbox, id, ids),
      setStatus: (mailbox, id, status) => setStatus(db, deps.clock, mailbox, id, status),
      remove: (mailbox, id) => removeMessage(db, deps.clock, mailbox, id),
      deliveryOf: (mailbox, id) => deliveryOf(db, mailbox, id),
      saveDraft: (trx, mailbox, mail, extras, draftId) => saveDraft(trx, deps, mailbox, mail, extras, draftId),
      openDraft: (trx, mailbox, id) => openDraft(trx, mailbox, id),
      removeDraft: (trx, mailbox, id) => removeDraft(trx, mailbox, id),
      folders: (mailbox) => listFolders(db, deps.clock, mailbox.id),
      createFolder: (trx, mailbox, name, parentId) => createFolder(trx, deps.clock, mailbox.id, name, parentId),
      async setWellKnown(mailbox, roles) {
        for (const role of ['archive', 'sent'] as const) {
          const folderId = roles[role];
          if (folderId !== undefined) await setRole(db, deps.clock, mailbox.id, role, folderId);
        }
      },
    },
    tasks: {
      derive: ({ ref }) => pace.behind(() => derive(db, deps, ref)),
      deliver: ({ ref }) => deliver(db, deps, Number(ref)),
      sweep: () => sweep(db, deps),
    },
    setAside: {
      derive: ({ ref }) => deriveTopOnly(db, deps, ref),
      deliver: ({ ref }) => putOff(db, deps, Number(ref)),
    },
    inbound: {
      knows: async (address) => (await deps.mailboxesByAddress(address)).length > 0,
      async take(mail) {
        await takeInbound(db, deps, mail);
        pace.taken();
      },
    },
  };
}
