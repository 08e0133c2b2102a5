import type { PageClass } from './headers.ts';

/** What a handler may answer where the body alone is not enough. The binder is the only one that writes it out. */
export type Reply =
  | ({ readonly reply: 'json'; readonly status: number; readonly body: unknown } & Extras)
  | ({ readonly reply: 'redirect'; readonly location: string; readonly status: number } & Extras)
  | ({ readonly reply: 'page'; readonly html: string; readonly status: number; readonly pageClass: PageClass } & Extras)
  | ({ readonly reply: 'bytes'; readonly body: Uint8Array | AsyncIterable<Uint8Array>; readonly mediaType: string; readonly status: number; readonly pageClass?: PageClass } & Extras)
  | ({ readonly reply: 'events'; readonly source: AsyncIterable<ServerSentEvent> } & Extras);

export interface Extras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly Cookie[];
}

export interface Cookie {
  readonly name: string;
  /** Undefined deletes it. */
  readonly value: string | undefined;
  readonly maxAgeSeconds?: number;
  readonly path?: string;
  /** `none` is for cookies that the pane needs inside Outlook's frame; it implies Secure. */
  readonly sameSite: 'lax' | 'strict' | 'none';
}

export interface ServerSentEvent {
  readonly id?: number;
  readonly event: string;
  readonly data: unknown;
}

export const jsonReply = (body: unknown, extras: Extras & { status?: number } = {}): Reply => ({ reply: 'json', status: 200, body, ...extras });
export const redirect = (location: string, extras: Extras & { status?: number } = {}): Reply => ({ reply: 'redirect', status: 303, location, ...extras });
export const page = (html: string, pageClass: PageClass, extras: Extras & { status?: number } = {}): Reply => ({ reply: 'page', status: 200, html, pageClass, ...extras });
export const bytes = (body: Uint8Array | AsyncIterable<Uint8Array>, mediaType: string, extras: Extras & { status?: number; pageClass?: PageClass } = {}): Reply => ({ reply: 'bytes', status: 200, body, mediaType, ...extras });
export const events = (source: AsyncIterable<ServerSentEvent>): Reply => ({ reply: 'events', source });

export const isReply = (value: unknown): value is Reply => typeof value === 'object' && value !== null && typeof (value as { reply?: unknown }).reply === 'string';
