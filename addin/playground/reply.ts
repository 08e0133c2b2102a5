import type { Mailbox, Message } from './api.ts';
import type { DraftStart } from './compose-draft.ts';
import type { Person } from './protocol.ts';
import { escapeHtml, longTime } from './text.ts';

const person = (address: { name?: string; address?: string }): Person =>
  ({ emailAddress: address.address ?? '', displayName: address.name || address.address || '' });

/** A reply as Outlook starts one: the add-in's text above, what is answered quoted below. */
export function replyTo(own: Mailbox, message: Message, all: boolean, options: { html?: string; quoted: string }): DraftStart {
  const mine = message.from?.address?.toLowerCase() === own.email.toLowerCase();
  const to = mine ? message.to ?? [] : message.replyTo?.length ? message.replyTo : message.from ? [message.from] : [];
  const others = all ? [...(mine ? [] : message.to ?? []), ...(message.cc ?? [])].filter((a) => a.address?.toLowerCase() !== own.email.toLowerCase()) : [];
  const from = message.from?.name || message.from?.address || '';
  const when = message.sentAt ?? message.receivedAt;
  return {
    to: to.map(person),
    cc: others.map(person),
    subject: /^re:/i.test(message.subject ?? '') ? message.subject ?? '' : `Re: ${message.subject ?? ''}`,
    html: `<div>${options.html ?? '<br>'}</div><div><br></div><blockquote><div>On ${escapeHtml(when ? longTime(new Date(when)) : 'an earlier day')}, ${escapeHtml(from)} wrote:</div>${options.quoted}</blockquote>`,
    replyTo: { messageId: message.id, threadId: message.threadId ?? null, internetMessageId: message.internetMessageId ?? null },
  };
}
