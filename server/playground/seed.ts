import { transaction } from '../db/db.ts';
import { writeSetting } from '../db/settings.ts';
import type { Deps } from '../deps.ts';
import { createHostedAccount } from '../features/accounts/hosted.service.ts';
import { accountById, accountsByAddress, firstApp } from '../features/accounts/queries.ts';
import { removeAccount } from '../features/accounts/service.ts';
import { createProfile } from '../features/booking/profiles.service.ts';
import { createRule } from '../features/followup/service.ts';
import { noKey } from '../http/operation.ts';
import { deliver } from './deliver.ts';
import { findMailboxes, MAILBOXES_SETTING, type KeptMailboxes } from './mailboxes.ts';

/** Written on the page: whoever reaches the playground is at the keyboard of this machine. */
const PASSWORD = 'playground';
export const YOU = { email: 'you@playground.test', name: 'Yuki Larsen' };
export const BUYER = { email: 'buyer@playground.test', name: 'Bea Buyer' };

const BOOKING_PAGE = { name: 'product-call', subject: 'Product call', location: 'Video', durationMinutes: 30, availabilityStep: 30, startAfterMinutes: 60 };

/** {{topic}} is known to nobody but the writer, so the pane asks for it. */
const TEMPLATE = {
  name: 'Thanks for your interest',
  templateSubject: 'Thank you for your interest',
  templateBody: '<p>Hello {{firstName}},</p><p>thank you for your interest in {{topic}}. I have put the answers to your questions together below.</p><p>Kind regards<br>{{senderName}}</p>',
};

/** Mail that lies in the inbox on the first day: [hours ago, from, subject, paragraphs]. */
const FIRST_MAIL = [
  { hoursAgo: 50, from: { name: 'Tomas Reyes', address: 'tomas@harbour.example' }, subject: 'Invoice 2041 is paid', paragraphs: ['Hello Yuki,', 'the transfer for invoice 2041 went out this morning. Please confirm when it arrives.', 'Tomas'] },
  { hoursAgo: 26, from: { name: 'Ines Faber', address: 'ines@studio-faber.example' }, subject: 'Photos for the autumn page', paragraphs: ['Hi Yuki,', 'the pictures are ready. Which three would you like on the front? I would take the harbour, the workshop and the one with the blue door.', 'Best, Ines'] },
  { hoursAgo: 3, from: { name: 'Marek Novak', address: 'marek@northlight.example' }, subject: 'Thursday: can we move to the afternoon?', paragraphs: ['Yuki,', 'something came up on Thursday morning. Would any time after two o’clock work for you?', 'Thanks, Marek'] },
] as const;
const FROM_BUYER = { hoursAgo: 1, subject: 'Your product: three questions', paragraphs: [
  'Hello,',
  'we saw your product at the fair and would like to know more:',
  'What does it cost for a team of twelve? How long does it take to set up? And could somebody show it to us next week?',
  'Kind regards\nBea Buyer, Northwind Tools',
] };

/** Makes the two mailboxes and their first mail, unless they are there. Answers whether it did. */
export async function seed(deps: Deps): Promise<boolean> {
  if (await findMailboxes(deps)) return false;
  const app = await firstApp(deps.db);
  if (!app) throw new Error('The first application must exist before the playground is seeded.');
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const create = (person: typeof YOU) => createHostedAccount(deps, { appId: app.id, email: person.email, name: person.name, password: PASSWORD, timezone }, async (_trx, created) => created);
  await removeUnfinished(deps);
  const you = await create(YOU);
  const buyer = await create(BUYER);
  const kept: KeptMailboxes = {
    you: { accountId: you.accountId, token: await deps.keys.encrypt(you.accessToken) },
    buyer: { accountId: buyer.accountId, token: await deps.keys.encrypt(buyer.accessToken) },
  };
  await createProfile(deps, (await accountById(deps.db, you.accountId))!, app, BOOKING_PAGE);
  await createRule(deps, you.accountId, TEMPLATE, noKey);
  for (const mail of FIRST_MAIL) await sendFirst(deps, mail);
  await sendFirst(deps, { ...FROM_BUYER, from: { name: BUYER.name, address: BUYER.email } });
  // Last: a start that was cut off before begins again.
  await transaction(deps.db, async (trx) => {
    await writeSetting(trx, MAILBOXES_SETTING, kept);
    // The sign-in form fills these in, so that signing in is two clicks.
    await writeSetting(trx, 'playground.signin', [YOU, BUYER].map(({ email }) => ({ email, password: PASSWORD })));
  });
  return true;
}

/** Mailboxes that an earlier start made and did not finish. */
async function removeUnfinished(deps: Deps): Promise<void> {
  const left = (await Promise.all([YOU, BUYER].map(({ email }) => accountsByAddress(deps.db, 'Hosted', email)))).flat();
  await transaction(deps.db, async (trx) => {
    for (const account of left) await removeAccount(trx, deps, account.id);
  });
}

async function sendFirst(deps: Deps, mail: { hoursAgo: number; from: { name: string; address: string }; subject: string; paragraphs: readonly string[] }): Promise<void> {
  await deliver(deps, {
    from: mail.from,
    to: { name: YOU.name, address: YOU.email },
    subject: mail.subject,
    date: new Date(deps.clock.now().getTime() - mail.hoursAgo * 3_600_000),
    text: mail.paragraphs.join('\n\n'),
    html: mail.paragraphs.map((p) => `<p>${p.replaceAll('\n', '<br>')}</p>`).join(''),
  }, { from: mail.from.address, to: YOU.email });
}
