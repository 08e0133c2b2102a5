import MailComposer from 'nodemailer/lib/mail-composer';
import { readBlob } from '../../db/blobs.ts';
import type { Trx } from '../../db/db.ts';
import { oneLine } from '../../lib/text.ts';
import type { Mailbox, ProviderDeps } from '../provider.ts';
import { newMessageId } from './send.ts';

export interface Failure {
  readonly recipient: string;
  /** RFC 3463. */
  readonly status: string;
  readonly response: string;
  readonly queuedAt: Date;
  readonly messageId: string;
  readonly internetMessageId: string;
  readonly blobId: number | null;
}

/** A delivery report as RFC 3464 has it: for people, for programs, and the headers of what did not arrive. */
export async function failureReport(trx: Trx, deps: ProviderDeps, mailbox: Mailbox, failure: Failure): Promise<Buffer> {
  const domain = deps.hostedDomains[0] ?? 'localhost';
  const from = `mailer-daemon@${mailbox.email.split('@').at(-1)}`;
  const now = deps.clock.now();
  const line = (text: string): string => oneLine(text, 900).replace(/[^\x20-\x7e]/g, '?');
  const status = [
    `Reporting-MTA: dns; ${domain}`,
    `Arrival-Date: ${mailDate(failure.queuedAt)}`,
    '',
    `Final-Recipient: rfc822; ${line(failure.recipient)}`,
    'Action: failed',
    `Status: ${failure.status}`,
    `Diagnostic-Code: smtp; ${line(failure.response)}`,
    `Last-Attempt-Date: ${mailDate(now)}`,
    '',
  ].join('\r\n');
  const node = new MailComposer({
    from: { name: 'Mail delivery', address: from },
    to: { name: mailbox.name, address: mailbox.email },
    subject: 'Your message was not delivered',
    messageId: newMessageId(from),
    inReplyTo: failure.internetMessageId,
    references: [failure.internetMessageId],
    date: now,
    headers: [{ key: 'Auto-Submitted', value: 'auto-replied' }],
    text: [
      `Your message could not be delivered to ${failure.recipient}.`,
      '',
      `The reason given was: ${oneLine(failure.response, 900)}`,
      '',
      'It will not be tried again. Below are the details for programs, and the headers of your message.',
    ].join('\n'),
    attachments: [
      { contentType: 'message/delivery-status', content: status, filename: false, contentDisposition: 'inline', contentTransferEncoding: '7bit' },
      { contentType: 'text/rfc822-headers', content: await headersOf(trx, failure), filename: false, contentDisposition: 'inline', contentTransferEncoding: '7bit' },
    ],
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: '\r\n',
  }).compile();
  node.setHeader('Content-Type', 'multipart/report; report-type=delivery-status');
  const message = await new Promise<Buffer>((resolve, reject) => node.build((error, built) => (error ? reject(error) : resolve(built))));
  // Whoever stores a message says what its return path was; a report has none (RFC 3464, 2).
  return Buffer.concat([Buffer.from('Return-Path: <>\r\n'), message]);
}

const mailDate = (date: Date): string => date.toUTCString().replace('GMT', '+0000');

async function headersOf(trx: Trx, failure: Failure): Promise<string> {
  if (failure.blobId === null) return `Message-ID: ${failure.internetMessageId}\r\n`;
  let head = '';
  for await (const part of readBlob(trx, failure.blobId)) {
    head += part.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) return ascii(head.slice(0, end + 2));
    if (head.length > 100_000) break;
  }
  return ascii(head);
}

const ascii = (text: string): string => text.replace(/[^\t\n\r -~]/g, '?');
