import { createTransport } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type Mail from 'nodemailer/lib/mailer/index.js';
import type { Deps } from '../deps.ts';
import type { Message } from '../features/email/service.ts';
import { mailboxes } from './mailboxes.ts';
import { playgroundOf } from './state.ts';

/** Hands a message to our own server over SMTP, as any other server in the world would. */
export async function deliver(deps: Deps, mail: Mail.Options, envelope: { from: string; to: string }): Promise<void> {
  const raw = await new MailComposer(mail).compile().build();
  const transport = createTransport({ host: deps.config.smtp.host, port: playgroundOf(deps).smtpPort, secure: false, ignoreTLS: true });
  try {
    await transport.sendMail({ raw, envelope });
  } finally {
    transport.close();
  }
}

/** The other person's out-of-office answer, as RFC 3834 wants it: empty return path, Auto-Submitted, no copy kept. */
export async function replyAutomatically(deps: Deps, to: Message, until: string | undefined): Promise<void> {
  const { buyer } = await mailboxes(deps);
  const recipient = to.from?.address;
  if (!recipient) return;
  const back = until ? ` until ${longDate(until)}` : '';
  await deliver(deps, {
    from: { name: buyer.account.name, address: buyer.account.email },
    to: recipient,
    subject: `Automatic reply: ${to.subject ?? ''}`,
    date: deps.clock.now(),
    ...(to.internetMessageId ? { inReplyTo: to.internetMessageId, references: to.internetMessageId } : {}),
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' },
    text: `Thank you for your message. I am out of the office${back} and will answer when I am back.\n\n${buyer.account.name}`,
  }, { from: '', to: recipient });
}

const longDate = (date: string): string =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
