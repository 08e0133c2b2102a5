import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { getMessage, sendMail, type SendResult } from '../features/email/service.ts';
import type { playgroundContract, Who } from './contract.ts';
import { mailboxes } from './mailboxes.ts';

export type OutlookMail = z.output<typeof playgroundContract.sendMessage.body>;

/**
 * What Outlook does when its person presses Send: puts in what an add-in asked to have put in, at the
 * front and at the end, and the add-in's headers; then the mailbox's server takes the message.
 */
export async function sendAsOutlook(deps: Deps, who: Who, mail: OutlookMail): Promise<SendResult> {
  const { account } = (await mailboxes(deps))[who];
  const answered = mail.replyTo ? await getMessage(deps, account.id, mail.replyTo) : undefined;
  const references = answered && [answered.references, answered.internetMessageId].filter(Boolean).join(' ');
  return sendMail(deps, account.id, {
    to: mail.to, cc: mail.cc, bcc: mail.bcc,
    subject: mail.subject,
    body: mail.bodyType === 'html' ? withInsertions(mail) : [mail.prependOnSend, mail.body, mail.appendOnSend].filter(Boolean).join('\n'),
    xHeaders: Object.entries(mail.headers).filter(([name]) => /^x-/i.test(name)).map(([name, value]) => ({ name, value })),
    ...(answered?.internetMessageId ? { inReplyTo: answered.internetMessageId } : {}),
    ...(references ? { references } : {}),
  }, { bodyType: mail.bodyType, ...(answered?.threadId ? { threadId: answered.threadId } : {}) });
}

const withInsertions = (mail: OutlookMail): string => `<html><body>${mail.prependOnSend}${mail.body}${mail.appendOnSend}</body></html>`;
