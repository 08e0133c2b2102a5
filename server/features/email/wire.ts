import type { z } from 'zod';
import { htmlToText, textToHtml } from '../../lib/html.ts';
import type { Address, MailMessage } from '../../providers/provider.ts';
import type { EmailMessage } from './messages.contract.ts';

export type Message = z.output<typeof EmailMessage>;

export interface ShowOptions {
  /** Undefined leaves the body out and says so in `omitted`. */
  readonly bodyType?: 'html' | 'text';
}

/** A provider's message as the contract writes it; what is not there is left out. */
export function toWire(m: MailMessage, options: ShowOptions = {}): Message {
  const omitted = [
    ...(m.threadId === null ? ['threadId' as const, 'recipients' as const] : []),
    ...(options.bodyType && m.body ? [] : ['body' as const]),
  ];
  return {
    id: m.id,
    ...(m.threadId === null ? {} : { threadId: m.threadId }),
    createdTime: m.createdTime.toISOString(),
    lastModifiedTime: m.lastModifiedTime.toISOString(),
    ...(m.sentAt ? { sentAt: m.sentAt.toISOString() } : {}),
    receivedAt: m.receivedAt.toISOString(),
    ...(m.internetMessageId ? { internetMessageId: m.internetMessageId } : {}),
    subject: m.subject,
    sysLabels: m.sysLabels,
    keywords: m.keywords,
    sensitivity: sensitivityOf(m),
    ...(m.meetingMessageMethod ? { meetingMessageMethod: m.meetingMessageMethod } : {}),
    ...(m.from ? { from: address(m.from) } : {}),
    to: m.to.map(address),
    cc: m.cc.map(address),
    bcc: m.bcc.map(address),
    replyTo: m.replyTo.map(address),
    hasAttachments: m.hasAttachments,
    ...(options.bodyType && m.body ? { body: bodyOf(m.body, options.bodyType) } : {}),
    bodySnippet: m.snippet,
    attachments: m.attachments,
    ...(m.inReplyTo ? { inReplyTo: m.inReplyTo } : {}),
    ...(m.references.length ? { references: m.references.join(' ') } : {}),
    internetHeaders: m.headers,
    folderId: m.folderId,
    omitted,
  };
}

export function bodyOf(body: NonNullable<MailMessage['body']>, type: 'html' | 'text'): string {
  if (type === 'text') return body.text ?? (body.html === null ? '' : htmlToText(body.html));
  return body.html ?? (body.text === null ? '' : textToHtml(body.text));
}

const address = ({ name, address: mail, raw }: Address) => ({ ...(name ? { name } : {}), ...(mail ? { address: mail } : {}), ...(raw ? { raw } : {}) });

const SENSITIVITIES: Record<string, 'personal' | 'private' | 'confidential'> = { personal: 'personal', private: 'private', 'company-confidential': 'confidential' };

const sensitivityOf = (m: MailMessage) => SENSITIVITIES[m.headers.find((h) => h.name.toLowerCase() === 'sensitivity')?.value.toLowerCase() ?? ''] ?? 'normal';
