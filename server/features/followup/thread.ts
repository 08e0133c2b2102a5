import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { messagesOfThread, type Message } from '../email/service.ts';
import type { Sender } from './service.ts';

/** What a follow-up needs to know of a thread. */
export interface ThreadFacts {
  readonly subject: string;
  /** Lower case: whom the account's last message there went to, without the sender. */
  readonly targets: string[];
  readonly names: Record<string, string>;
  readonly replyTo: string | null;
  readonly references: readonly string[];
  readonly messageIds: readonly string[];
  /** Oldest first. */
  readonly messages: readonly Message[];
}

/** Undefined where the account has no such thread. */
export async function threadFacts(deps: Deps, sender: Sender, threadId: string): Promise<ThreadFacts | undefined> {
  const messages = await messagesIn(deps, sender.account.id, threadId);
  const last = messages.at(-1);
  if (!last) return undefined;
  const sent = messages.filter((m) => isSent(m, sender));
  const base = sent.at(-1) ?? last;
  return {
    subject: base.subject ?? '',
    targets: sent.length ? recipients(base, sender) : [],
    names: Object.fromEntries(messages.flatMap((m) => [m.from, ...m.to ?? [], ...m.cc ?? []]).flatMap((a) => (a?.address && a.name ? [[a.address.toLowerCase(), a.name]] : []))),
    replyTo: base.internetMessageId ?? null,
    references: [...messageIdsIn(base.references ?? ''), ...base.internetMessageId ? [base.internetMessageId] : []],
    messageIds: sent.slice(-50).flatMap((m) => m.internetMessageId ?? []),
    messages,
  };
}

export const isSent = (message: Message, sender: Sender): boolean =>
  !message.sysLabels?.includes('draft') && sender.own.has(message.from?.address?.toLowerCase() ?? '');

/** A robot wrote it (RFC 3834), as far as its headers were read. */
export const isAutomatic = (message: Message): boolean =>
  message.internetHeaders?.some((h) => h.name?.toLowerCase() === 'auto-submitted' && h.value?.trim().toLowerCase() !== 'no') ?? false;

/** Message-IDs of a References or In-Reply-To header, with their brackets. */
export const messageIdsIn = (header: string): string[] => header.match(/<[^<>\s]+>/g) ?? [];

/** Never bcc: a step shows its recipients to one another. */
function recipients(message: Message, sender: Sender): string[] {
  const addresses = (list: Message['to']): string[] => [...new Set((list ?? []).flatMap((a) => a.address?.toLowerCase() ?? []))].filter((a) => !sender.own.has(a));
  const to = addresses(message.to);
  return to.length ? to : addresses(message.cc);
}

async function messagesIn(deps: Deps, accountId: number, threadId: string): Promise<Message[]> {
  try {
    return await messagesOfThread(deps, accountId, threadId);
  } catch (error) {
    if (error instanceof AppError && error.code === 'notFound') return [];
    throw error;
  }
}
