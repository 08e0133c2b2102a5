import type { ResponseOf, SundialContract } from '../../server/contract.ts';

/** The playground page's line to the server: its own operations, and the wire contract as either mailbox. */
export type Who = 'you' | 'buyer';
export type Client = 'outlook' | 'gmail' | 'apple' | 'filter';
export type Message = ResponseOf<SundialContract['messages']['message']>;
export type Folder = ResponseOf<SundialContract['folders']['folder']>;
type MessagePage = ResponseOf<SundialContract['messages']['messages']>;

export interface Mailbox {
  readonly accountId: number;
  readonly email: string;
  readonly name: string;
  readonly timezone: string;
  readonly token: string;
}

export interface ClockState {
  readonly now: string;
  readonly aheadMs: number;
}

export interface Progress {
  readonly signIn: boolean;
  readonly send: boolean;
  readonly open: boolean;
  readonly followUp: boolean;
  readonly book: boolean;
}

export interface OutOfOffice {
  readonly on: boolean;
  readonly until?: string;
}

export interface Session {
  readonly clientId: string;
  readonly mailboxes: Readonly<Record<Who, Mailbox>>;
  readonly clock: ClockState;
  readonly reading: Client;
  readonly outOfOffice: OutOfOffice;
  readonly progress: Progress;
}

export interface OutgoingMail {
  readonly to: readonly { readonly name?: string; readonly address: string }[];
  readonly cc: readonly { readonly name?: string; readonly address: string }[];
  readonly bcc: readonly { readonly name?: string; readonly address: string }[];
  readonly subject: string;
  readonly body: string;
  readonly bodyType: 'html' | 'text';
  readonly prependOnSend?: string;
  readonly appendOnSend?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly replyTo?: string;
}

export interface CalendarEvent {
  readonly id: string;
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly where: string;
  readonly attendees: readonly string[];
}

/** The server's sentence, fit to be shown. */
export class RequestError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

async function request(method: string, path: string, options: { body?: unknown; token?: string } = {}): Promise<Response> {
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    credentials: 'omit',
    headers: {
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  }).catch((error: unknown) => {
    throw new RequestError(`The server cannot be reached (${error instanceof Error ? error.message : 'no connection'}).`, 0);
  });
  if (response.ok) return response;
  const { message } = await response.json().catch(() => ({})) as { message?: string };
  throw new RequestError(message ?? `The server answered ${response.status}.`, response.status);
}

const json = async <T>(response: Promise<Response>): Promise<T> => await (await response).json() as T;
const enc = encodeURIComponent;

export const playground = {
  session: () => json<Session>(request('GET', '/playground/api/session')),
  progress: () => json<Progress>(request('GET', '/playground/api/progress')),
  open: (who: Who, messageId: string, loadImages: boolean) =>
    json<{ html: string; blockedImages: number }>(request('POST', `/playground/api/${who}/messages/${enc(messageId)}/open`, { body: { loadImages } })),
  send: (who: Who, mail: OutgoingMail) => json<{ messageId: string }>(request('POST', `/playground/api/${who}/send`, { body: mail })),
  readIn: (client: Client) => request('PUT', '/playground/api/reading', { body: { client } }),
  outOfOffice: (state: OutOfOffice) => request('PUT', '/playground/api/outOfOffice', { body: state }),
  moveClock: (by: { advanceMs: number } | { to: 'nextFollowUp' }) =>
    json<ClockState & { sent: number; moved: boolean }>(request('POST', '/playground/api/clock', { body: by })),
  reset: () => request('POST', '/playground/api/reset'),
  identityToken: async (email: string) => (await json<{ token: string }>(request('POST', '/playground/exchange/token', { body: { mailbox: email } }))).token,
};

interface WireEvent {
  readonly id?: string;
  readonly subject?: string;
  readonly location?: string;
  readonly start?: { readonly dateTime?: string };
  readonly end?: { readonly dateTime?: string };
  readonly meetingInfo?: { readonly attendees?: readonly { readonly emailAddress?: { readonly name?: string; readonly address?: string } }[] };
}

/** One mailbox by the wire contract, as any client of it would read. */
export function mailboxApi({ token }: Mailbox) {
  const path = (id: string) => `/v1/email/messages/${enc(id)}`;
  return {
    folders: async () => (await json<{ records: Folder[] }>(request('GET', '/v1/email/folders', { token }))).records,
    messages: async (folderId: string) => (await json<MessagePage>(request('GET', `/v1/email/folders/${enc(folderId)}/messages`, { token }))).records,
    message: (id: string) => json<Message>(request('GET', path(id), { token })),
    raw: async (id: string) => (await request('GET', `${path(id)}/raw`, { token })).text(),
    markRead: (id: string) => request('POST', `${path(id)}/status`, { token, body: { unread: false } }),
    remove: (id: string) => request('DELETE', path(id), { token }),
    createDraft: (mail: DraftMail) => json<{ id: string; threadId?: string }>(request('POST', '/v1/email/drafts', { token, body: mail })),
    updateDraft: (id: string, mail: DraftMail) => json<{ id: string; threadId?: string }>(request('PUT', `/v1/email/drafts/${enc(id)}`, { token, body: mail })),
    deleteDraft: (id: string) => request('DELETE', `/v1/email/drafts/${enc(id)}`, { token }),
    /** Events of the next two months, by their start. */
    events: async (from: Date): Promise<CalendarEvent[]> => {
      const to = new Date(from.getTime() + 62 * 86_400_000);
      const query = new URLSearchParams({ timeMin: from.toISOString(), timeMax: to.toISOString() });
      const { records } = await json<{ records: WireEvent[] }>(request('GET', `/v1/calendars/primary/events/range?${query}`, { token }));
      return records.map((e) => ({
        id: e.id ?? '', title: e.subject ?? '', start: e.start?.dateTime ?? '', end: e.end?.dateTime ?? '', where: e.location ?? '',
        attendees: (e.meetingInfo?.attendees ?? []).map((a) => a.emailAddress?.name || a.emailAddress?.address || ''),
      })).sort((a, b) => a.start.localeCompare(b.start));
    },
  };
}

export type MailboxApi = ReturnType<typeof mailboxApi>;

export interface DraftMail {
  readonly to: readonly { readonly name?: string; readonly address: string }[];
  readonly cc: readonly { readonly name?: string; readonly address: string }[];
  readonly bcc: readonly { readonly name?: string; readonly address: string }[];
  readonly subject: string;
  readonly body: string;
  readonly inReplyTo?: string;
}
