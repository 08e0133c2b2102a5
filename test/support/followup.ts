import { randomBytes } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { transaction } from '../../server/db/db.ts';
import type { DomainEvent } from '../../server/events/types.ts';
import { nextDueAt } from '../../server/features/followup/worker.service.ts';
import { createTestApp, type TestApp } from './app.ts';

export const DAY = 86_400_000;

/** Moves the product's clock to the instant and lets everything happen that is due by then. */
export async function moveTo(app: TestApp, at: number): Promise<void> {
  advanceTo(app, at);
  await announceClock(app);
}

export const advanceTo = (app: TestApp, at: number): void => app.clock.advance(Math.max(0, at - app.clock.now().getTime()));

export const announceClock = (app: TestApp): Promise<void> => happen(app, { type: 'ClockMoved', accountId: null, now: app.clock.now().toISOString() });

export async function happen(app: TestApp, event: DomainEvent): Promise<void> {
  await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, event));
  await app.drain();
}

/** To the next due step, as the playground's button does it; false where nothing is planned. */
export async function toNextStep(app: TestApp): Promise<boolean> {
  const due = await nextDueAt(app.deps);
  if (!due) return false;
  await moveTo(app, due.getTime());
  return true;
}

/** The next Monday, 10:00 in Berlin, after the product's present time. */
export function nextMonday(app: TestApp): number {
  const now = Temporal.Instant.fromEpochMilliseconds(app.clock.now().getTime()).toZonedDateTimeISO('Europe/Berlin');
  return now.add({ days: 8 - now.dayOfWeek }).with({ hour: 10, minute: 0, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 }).epochMilliseconds;
}

export interface Someone { readonly token: string; readonly id: number; readonly email: string }

/** Two people anew, on a Monday morning; what earlier tests left running is called off, so that no test meets the steps of another. */
export async function sellerAndBuyer(app: TestApp): Promise<{ alice: Someone; bob: Someone }> {
  await app.deps.db.updateTable('followup_conversations').set({ status: 'disabled', next_at: null }).execute();
  const person = async (name: string): Promise<Someone> => {
    const { account, token } = await app.account({ name, email: `${name.split(' ')[0]!.toLowerCase()}${randomBytes(4).toString('hex')}@hosted.test` });
    return { token, id: account.id, email: account.email };
  };
  const people = { alice: await person('Alice Seller'), bob: await person('Bob Buyer') };
  await moveTo(app, nextMonday(app));
  return people;
}

export interface Stage { readonly app: TestApp; readonly alice: Someone; readonly bob: Someone }

/** One server for the tests of a file, with two people anew before each; `set` gets them. */
export function onStage(set: (stage: Stage) => void): void {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => set({ app, ...await sellerAndBuyer(app) }));
}

export interface Sent { readonly id: string; readonly threadId: string; readonly submittedMessageId: string; readonly processingStatus: string; readonly processingError?: { readonly failedSteps: string[] } }

/** What Alice does with sequences, over HTTP. `now` gives the stage of the running test. */
export function sequences(now: () => Stage, standard: object) {
  const rule = async (body: object = standard): Promise<number> => (await now().app.call('POST', '/v1/followup/rules', { as: now().alice.token, body })).body.id;
  const send = async (body: object = {}, as = now().alice.token): Promise<Sent> => {
    const answer = await now().app.call('POST', '/v1/email/messages', { as, query: { returnIds: true }, body: { subject: 'Offer', body: '<p>An offer</p>', to: [{ address: now().bob.email, name: 'Bob Buyer' }], ...body } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    await now().app.drain();
    return answer.body;
  };
  return {
    rule, send,
    started: async (body?: object, mail: object = {}) => send({ followUp: { ruleId: await rule(body) }, ...mail }),
    state: async (threadId: string) => (await now().app.call('GET', `/v1/followup/conversations/${threadId}`, { as: now().alice.token })).body,
    put: (threadId: string, body: object) => now().app.call('PUT', `/v1/followup/conversations/${threadId}`, { as: now().alice.token, body }),
    /** Whole messages in the inbox, oldest first. */
    async received(who = now().bob) {
      const list = await now().app.call('GET', '/v1/email/messages', { as: who.token, query: { q: 'in:inbox' } });
      const all = await Promise.all(list.body.records.map(async (m: { id: string }) => (await now().app.call('GET', `/v1/email/messages/${m.id}`, { as: who.token })).body));
      return all.filter((m) => m.sysLabels.includes('inbox')).sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
    },
  };
}

/** As clocks in the zone show it, to the minute. */
export const wall = (time: string | number, zone = 'Europe/Berlin'): string =>
  Temporal.Instant.fromEpochMilliseconds(typeof time === 'number' ? time : Date.parse(time)).toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'minute' });

/** A message from outside, accepted by inbound SMTP and not read yet. */
export async function deliver(app: TestApp, to: string, from: string, raw: string): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: app.smtpPort, secure: false, ignoreTLS: true });
  await transport.sendMail({ envelope: { from, to: [to] }, raw });
  transport.close();
}

export const mime = (headers: Record<string, string>, body = 'Hello'): string =>
  `${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}\r\n`;

/** A report of RFC 3464 as a server far away writes it. */
export const report = (recipient: string, originalId: string, action = 'failed', status = '5.1.1'): string => mime({
  'From': 'Mail Delivery <mailer-daemon@far.test>', 'Subject': 'Undelivered', 'Message-ID': `<dsn-${status}-${action}@far.test>`, 'MIME-Version': '1.0',
  'Auto-Submitted': 'auto-replied', 'Content-Type': 'multipart/report; report-type=delivery-status; boundary="b"',
}, [
  '--b', 'Content-Type: text/plain', '', 'It did not work.', '',
  '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; far.test', '', `Final-Recipient: rfc822; ${recipient}`, `Action: ${action}`, `Status: ${status}`, 'Diagnostic-Code: smtp; 550 no such user', '',
  '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${originalId}`, 'Subject: Offer', '', '--b--',
].join('\r\n'));
