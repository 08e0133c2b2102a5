import { createApi, type Output } from '../api.ts';
import { isZone, ownZone } from './dates.ts';

export type Times = Output<'GET /v1/book/{aurinkoClientId}/{name}/meeting'>;
export type Reservation = Output<'GET /v1/book/reservations/{token}'>;

export interface Slot {
  readonly start: string;
  readonly end: string;
}

/** Which page this is: /book/{clientId}/{name}. */
export interface Address {
  readonly aurinkoClientId: string;
  readonly name: string;
}

/** What the link asks for: a day or a time to begin with, fields filled in, a meeting to change. */
export interface Wishes {
  readonly date: string | undefined;
  readonly start: string | undefined;
  readonly hold: string | undefined;
  readonly name: string;
  readonly email: string;
  readonly zone: string;
  readonly reservation: string | undefined;
}

export const api = createApi({ clientId: '' });

export function addressOf(path: string): Address {
  const [, , clientId = '', name = ''] = path.split('/').map(decodeURIComponent);
  return { aurinkoClientId: clientId, name };
}

export function wishesOf(location: Pick<Location, 'search' | 'hash'>): Wishes {
  const query = new URLSearchParams(location.search);
  const hash = new URLSearchParams(location.hash.slice(1));
  const start = query.get('start');
  const date = query.get('date');
  const zone = query.get('zone');
  return {
    date: date && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : undefined,
    start: start && !Number.isNaN(Date.parse(start)) ? new Date(start).toISOString() : undefined,
    hold: hash.get('hold') ?? query.get('hold') ?? undefined,
    name: query.get('name') ?? '',
    email: query.get('email') ?? '',
    zone: isZone(zone) ? zone : ownZone(),
    reservation: hash.get('reservation') ?? undefined,
  };
}

/** Date and zone live in the address, so that a link shows what the sender saw. A token is kept behind the #, which no server gets. */
export function showInAddress(change: { date?: string | undefined; zone?: string | undefined; reservation?: string | null }): void {
  const url = new URL(window.location.href);
  if (change.date) url.searchParams.set('date', change.date);
  if (change.zone) url.searchParams.set('zone', change.zone);
  if (change.date) url.searchParams.delete('start');
  if (change.reservation) url.hash = `reservation=${encodeURIComponent(change.reservation)}`;
  if (change.reservation === null) url.hash = '';
  window.history.replaceState(window.history.state, '', url);
}

export const slotsIn = (times: { items?: readonly { start?: string | undefined; end?: string | undefined }[] | undefined }): Slot[] =>
  (times.items ?? []).flatMap(({ start, end }) => (start && end ? [{ start, end }] : []));

/** The three nearest to a time that has gone, in order of time. */
export function nearest(slots: readonly Slot[], start: string): Slot[] {
  const distance = (slot: Slot): number => Math.abs(Date.parse(slot.start) - Date.parse(start));
  return slots.toSorted((a, b) => distance(a) - distance(b)).slice(0, 3).sort((a, b) => a.start.localeCompare(b.start));
}

/** The visitor's choice of clock; where nothing can be kept, each visit starts with what the browser's language has. */
export function prefersTwelve(): boolean {
  const kept = storage()?.getItem('sundial.clock');
  if (kept) return kept === '12';
  return new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12 === true;
}

export const keepTwelve = (twelve: boolean): void => storage()?.setItem('sundial.clock', twelve ? '12' : '24');

function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

/** `companyName` and `company_name` become `Company name`. */
export function fieldLabel(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[_.-]+/g, ' ').toLowerCase().trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
