import { officeCall, supportsMailbox } from './async.ts';
import { recipient, type Recipient } from './compose.ts';

/** The message or appointment that is being read. */
export interface ReadItem {
  readonly sequence: number;
  readonly type: 'message' | 'appointment';
  readonly subject: string;
  readonly from: Recipient | null;
  readonly recipients: readonly Recipient[];
  /** Outlook's id of the item, in the form of its mail server. */
  readonly itemId: string | null;
  readonly conversationId: string | null;
  /** With its angle brackets, as in the header. */
  readonly internetMessageId: string | null;
  /** RFC 3339. */
  readonly createdAt: string | null;
  /** True for what this mailbox's owner sent. */
  readonly sent: boolean;
  property(name: string): Promise<string | null>;
  /** Opens a reply with this text above the quote; nothing is sent. */
  reply(html: string): Promise<void>;
}

export function readItem(item: Office.MessageRead, sequence: number, guard: (sequence: number) => void): ReadItem {
  const own = Office.context.mailbox.userProfile.emailAddress.toLowerCase();
  const from = item.from ? recipient(item.from) : null;
  return {
    sequence,
    type: String(item.itemType) === 'appointment' ? 'appointment' : 'message',
    subject: item.subject ?? '',
    from,
    recipients: [...(item.to ?? []), ...(item.cc ?? [])].map(recipient),
    itemId: item.itemId ?? null,
    conversationId: item.conversationId ?? null,
    internetMessageId: item.internetMessageId ?? null,
    createdAt: item.dateTimeCreated ? item.dateTimeCreated.toISOString() : null,
    sent: from?.email === own,
    property: async (name) => {
      guard(sequence);
      const held = await officeCall<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done));
      guard(sequence);
      const value = held.get(name) as unknown;
      return typeof value === 'string' ? value : null;
    },
    reply: async (html) => {
      guard(sequence);
      if (supportsMailbox('1.9')) await officeCall<void>((done) => item.displayReplyFormAsync({ htmlBody: html }, done));
      else item.displayReplyForm({ htmlBody: html });
    },
  };
}
