import { randomBytes } from 'node:crypto';
import { link, mailbox, signIn } from './signin.ts';
import { trackedMessage } from './tracking.ts';
import { deliverRaw } from './mail.ts';
import type { Operation } from '../../server/http/operation.ts';
import type { TestApp } from './app.ts';

/** A person's mailbox with one of everything in it, made through the front door; ids by what they name. */
export interface World {
  readonly email: string;
  readonly token: string;
  readonly session: Record<string, string>;
  readonly ids: Readonly<Record<IdKind, string>>;
}

export type IdKind =
  | 'account' | 'user' | 'code' | 'message' | 'thread' | 'attachment' | 'draft' | 'folder'
  | 'prepared' | 'tracking' | 'trackingEvent' | 'trackingCode' | 'internetMessage' | 'rule' | 'convo' | 'calendar'
  | 'event' | 'profile' | 'profileName' | 'hold' | 'reservationToken';

export async function createWorld(app: TestApp, name: string): Promise<World> {
  const email = `${name}@hosted.test`;
  const { accountId, accessToken: token } = await mailbox(app, email);
  const { answer: linked } = await link(app, `${name}@exchange.test`, email);
  const session = { 'x-aurinko-session': linked.body.userSession as string };
  const codePage = await signIn(app, { responseType: 'code' }, email, { operation: 'authorize' });
  const ok = async (method: string, path: string, body?: unknown, query: Record<string, string | number | boolean> = {}) => {
    const answer = await app.call(method, path, { as: token, query, ...(body === undefined ? {} : { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  await deliverRaw(app, email, [
    'From: Buyer <buyer@elsewhere.test>', `To: ${email}`, `Subject: ${name} asks`, `Message-ID: <${randomBytes(8).toString('hex')}@elsewhere.test>`, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"', '',
    '--b', 'Content-Type: text/html', '', `<p>Dear ${name}</p>`, '--b', 'Content-Type: text/plain; name="note.txt"', 'Content-Disposition: attachment; filename="note.txt"', '', `For ${name}`, '--b--', '',
  ].join('\r\n'));
  await app.drain();
  const message = (await ok('GET', '/v1/email/messages')).records[0];
  const { attachments } = await ok('GET', `/v1/email/messages/${message.id}`);
  const draft = await ok('POST', '/v1/email/drafts', { subject: `${name} drafts`, body: '<p>x</p>', to: [{ address: 'buyer@elsewhere.test' }] });
  const folder = await ok('POST', '/v1/email/folders', { name: `${name} keeps` });
  const sent = await ok('POST', '/v1/email/messages', { subject: `${name} offers`, body: '<p>An offer</p>', to: [{ address: email }], tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0, context: name } }, { returnIds: true });
  await app.drain();

  const tracked = await trackedMessage(app, token, { draftId: `${name}-sent`, tracking: { context: name } });
  await app.call('GET', `/t/${tracked.code}.gif`, { headers: { 'user-agent': 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)' } });
  await app.drain();
  const [trackingEvent] = (await ok('GET', `/v1/email/tracking/${tracked.id}/events`)).records;
  const prepared = `${name}-prepared`;
  const preparedCode = (await ok('POST', '/v1/email/draftTracking/create', { htmlText: '<p>x</p>', tracking: { opens: true } }, { draftId: prepared, ignoreNotFound: true })).trackingCode;

  const rule = await ok('POST', '/v1/followup/rules', { name: `${name} nudges`, templateSubject: `${name} subject`, templateBody: '<p>y</p>', actions: [{ intervalDays: 3, message: '<p>Hi {{firstName}}</p>' }] });
  await ok('PUT', `/v1/followup/conversations/${sent.threadId}`, { status: 'active', ruleId: rule.id, targets: ['buyer@elsewhere.test'] });
  await ok('PUT', `/v1/followup/drafts/${preparedCode}`, { ruleId: rule.id, targets: ['buyer@elsewhere.test'] });

  const calendar = (await ok('GET', '/v1/calendars')).records[0];
  const at = (hours: number) => ({ dateTime: new Date(app.clock.now().getTime() + hours * 3_600_000).toISOString(), timezone: 'Europe/Berlin' });
  const event = await ok('POST', '/v1/calendars/primary/events', { subject: `${name} meets`, start: at(24), end: at(25) });
  const everyDay = { timezone: 'UTC', daySchedules: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((dayOfWeek) => ({ dayOfWeek, workingIntervals: [{ start: '08:00:00', end: '18:00:00' }] })) };
  const profile = await ok('POST', '/v1/book/account/profiles', { name: `${name}-call`, subject: `${name} calls`, workHours: everyDay });
  const { items } = await ok('GET', `/v1/book/account/profiles/${profile.id}/meeting`);
  const hold = await ok('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { time: items[0] }, { reserveForMinutes: 60 });
  const meeting = await ok('POST', `/v1/book/account/profiles/${profile.id}/meeting`, { time: items.at(-1), name: `Guest of ${name}`, email: 'guest@hosted.test' });
  await app.drain();

  const ids: Record<IdKind, string> = {
    account: String(accountId), user: linked.body.userId, code: codePage.location?.searchParams.get('code') ?? '', message: message.id, thread: message.threadId, attachment: attachments[0].id,
    draft: draft.id, folder: String(folder.id), prepared, tracking: String(tracked.id), trackingEvent: String(trackingEvent.id), trackingCode: preparedCode,
    internetMessage: `<${name}-sent@hosted.test>`, rule: String(rule.id), convo: sent.threadId, calendar: calendar.id, event: event.id, profile: String(profile.id), profileName: profile.name,
    hold: String(hold.ReservationId), reservationToken: meeting.rescheduleToken,
  };
  for (const [kind, value] of Object.entries(ids)) if (!value || value === 'undefined') throw new Error(`The world has no ${kind}.`);
  return { email, token, session, ids };
}

/** Credentials of somebody who has a mailbox here, and nothing in it. */
export async function createStranger(app: TestApp, name: string): Promise<{ token: string; session: Record<string, string>; identity: string; accountId: number }> {
  const email = `${name}@hosted.test`;
  const { accountId, accessToken } = await mailbox(app, email);
  const { answer, token } = await link(app, `${name}@exchange.test`, email);
  return { token: accessToken, session: { 'x-aurinko-session': answer.body.userSession }, identity: token, accountId };
}


const KINDS: readonly [before: RegExp, IdKind][] = [
  [/\/accounts\/$/, 'account'], [/\/auth\/token\/$/, 'code'], [/\/email\/messages\/$/, 'message'], [/\/email\/conversations\/$/, 'thread'], [/\/followup\/conversations\/$/, 'convo'],
  [/\/attachments\/$/, 'attachment'], [/\/email\/drafts\/$/, 'draft'], [/\/folders\/$/, 'folder'], [/\/draftTracking\/$/, 'prepared'], [/\/tracking\/$/, 'tracking'],
  [/\/tracking\/\{\w+\}\/events\/$/, 'trackingEvent'], [/\/followup\/drafts\/$/, 'trackingCode'], [/\/rules\/$/, 'rule'], [/\/calendars\/$/, 'calendar'],
  [/\/calendars\/\{\w+\}\/events\/$/, 'event'], [/\/profiles\/$/, 'profile'], [/\/account\/reservations\/$/, 'hold'], [/\/book\/reservations\/$/, 'reservationToken'],
];

/** What the path parameter of the operation names. */
export function kindOf(op: Operation, parameter: string): IdKind | undefined {
  const before = op.path.slice(0, op.path.indexOf(`{${parameter}}`));
  return KINDS.find(([at]) => at.test(before))?.[1];
}
