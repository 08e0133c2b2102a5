import { playground, RequestError, type DraftMail, type MailboxApi, type Who } from './api.ts';
import type { ComposeDraft } from './compose-draft.ts';
import { failed } from './host/failures.ts';
import { stored } from './stored.ts';
import { parseRecipients, toAddresses } from './text.ts';

const saving = new WeakMap<ComposeDraft, Promise<unknown>>();

/** Keeps the draft in the mailbox; answers its id, which a later save keeps. Fails with Outlook's SaveError. */
export function storeDraft(api: MailboxApi, draft: ComposeDraft): Promise<string> {
  // One after the other: two first saves at once would make two drafts.
  const next = (saving.get(draft) ?? Promise.resolve()).then(() => store(api, draft), () => store(api, draft));
  saving.set(draft, next);
  return next;
}

async function store(api: MailboxApi, draft: ComposeDraft): Promise<string> {
  const { to, cc, bcc, subject } = draft.fields();
  const { replyTo } = draft.start;
  const mail: DraftMail = {
    to: toAddresses(parseRecipients(to)), cc: toAddresses(parseRecipients(cc)), bcc: toAddresses(parseRecipients(bcc)), subject, body: draft.bodyHtml(),
    ...(replyTo?.internetMessageId ? { inReplyTo: replyTo.internetMessageId } : {}),
  };
  try {
    const { id } = draft.draftId ? await api.updateDraft(draft.draftId, mail) : await api.createDraft(mail);
    draft.draftId = id;
    stored.saveProperties(id, draft.properties());
    if (replyTo) stored.saveReply(id, replyTo);
    return id;
  } catch (error) {
    throw failed('SaveError', error instanceof Error ? error.message : undefined);
  }
}

/** Nothing that anybody would miss: such a draft is not kept. */
export function isEmpty(draft: ComposeDraft): boolean {
  const { to, cc, bcc, subject } = draft.fields();
  return draft.draftId === null && ![to, cc, bcc, subject, draft.bodyText()].some((text) => text.trim());
}

/** Presses Send: what the add-in asked for goes in now; the add-in's own code has no part in it. */
export async function sendDraft(who: Who, api: MailboxApi, draft: ComposeDraft): Promise<string> {
  const { to, cc, bcc, subject, bodyType } = draft.fields();
  const people = toAddresses(parseRecipients(to));
  if (!people.length) throw new RequestError('Add at least one recipient.', 0);
  const { messageId } = await playground.send(who, {
    to: people, cc: toAddresses(parseRecipients(cc)), bcc: toAddresses(parseRecipients(bcc)),
    subject, bodyType, body: bodyType === 'html' ? draft.bodyHtml() : draft.bodyText(),
    prependOnSend: draft.insertions.prepend, appendOnSend: draft.insertions.append, headers: draft.headers,
    ...(draft.start.replyTo ? { replyTo: draft.start.replyTo.messageId } : {}),
  });
  // The sent item has another id than the draft, and takes its properties along.
  stored.saveProperties(messageId, draft.properties());
  if (draft.draftId) await api.deleteDraft(draft.draftId).catch(() => undefined);
  return messageId;
}
