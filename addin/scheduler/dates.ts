/** Days are `YYYY-MM-DD` texts and months `YYYY-MM`: what the visitor's calendar shows, whatever the instant. */
export type Day = string;
export type Month = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs more than using it a hundred times, and a page formats hundreds of times. */
function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let made = formatters.get(key);
  if (!made) formatters.set(key, made = new Intl.DateTimeFormat(locale, options));
  return made;
}

export const dayOf = (instant: string | number, zone: string): Day =>
  formatter('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(instant));

export const monthOf = (day: Day): Month => day.slice(0, 7);

export const addDays = (day: Day, days: number): Day => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

export function addMonths(month: Month, months: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** The same day of another month, or that month's last one. */
export function sameDayIn(day: Day, month: Month): Day {
  const last = addDays(`${addMonths(month, 1)}-01`, -1);
  const wanted = `${month}-${day.slice(8)}`;
  return wanted > last ? last : wanted;
}

/** 0 is Monday. */
export const weekday = (day: Day): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** Whole weeks, Monday first; days of the neighbouring months are null. */
export function weeksOf(month: Month): (Day | null)[][] {
  const first: Day = `${month}-01`;
  const cells: (Day | null)[] = Array.from({ length: weekday(first) }, () => null);
  for (let day = first; monthOf(day) === month; day = addDays(day, 1)) cells.push(day);
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

const named = (day: Day, options: Intl.DateTimeFormatOptions): string => formatter('en-GB', { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`)).replace(',', '');
/** `Tue 24 Nov` */
export const shortDay = (day: Day): string => named(day, { weekday: 'short', day: 'numeric', month: 'short' });
/** `Tuesday 24 November` */
export const longDay = (day: Day): string => named(day, { weekday: 'long', day: 'numeric', month: 'long' });
/** `November 2026` */
export const monthName = (month: Month): string => named(`${month}-01`, { month: 'long', year: 'numeric' });

export const clock = (instant: string, zone: string, twelve: boolean): string =>
  formatter('en-GB', { timeZone: zone, hour: twelve ? 'numeric' : '2-digit', minute: '2-digit', hourCycle: twelve ? 'h12' : 'h23' }).format(new Date(instant));

/** `Tue 24 Nov, 10:00` */
export const dayAndTime = (instant: string, zone: string, twelve: boolean): string => `${shortDay(dayOf(instant, zone))}, ${clock(instant, zone, twelve)}`;

/** `America/Argentina/Buenos_Aires` is `Buenos Aires` to people. */
export const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

export const ownZone = (): string => current(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');

/** Browsers still list cities by names that nobody looks for any more. */
const RENAMED: Readonly<Record<string, string>> = {
  'Asia/Katmandu': 'Asia/Kathmandu', 'Asia/Calcutta': 'Asia/Kolkata', 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Asia/Rangoon': 'Asia/Yangon',
  'Europe/Kiev': 'Europe/Kyiv', 'Atlantic/Faeroe': 'Atlantic/Faroe', 'America/Buenos_Aires': 'America/Argentina/Buenos_Aires', 'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis', 'America/Louisville': 'America/Kentucky/Louisville', 'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Cordoba': 'America/Argentina/Cordoba', 'America/Jujuy': 'America/Argentina/Jujuy', 'America/Mendoza': 'America/Argentina/Mendoza',
  'Africa/Asmera': 'Africa/Asmara', 'Pacific/Enderbury': 'Pacific/Kanton', 'Pacific/Ponape': 'Pacific/Pohnpei', 'Pacific/Truk': 'Pacific/Chuuk',
};
const current = (zone: string): string => RENAMED[zone] ?? zone;

export function isZone(zone: string | null): zone is string {
  if (!zone) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** By region; with the visitor's own and the host's, which a browser's list may lack. */
export function zonesByRegion(...more: string[]): [region: string, zones: string[]][] {
  const regions = new Map<string, string[]>();
  for (const zone of new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...more].map(current))) {
    const region = zone.includes('/') ? zone.split('/')[0]! : 'Other';
    regions.set(region, [...(regions.get(region) ?? []), zone]);
  }
  return [...regions].map(([region, zones]): [string, string[]] => [region, zones.sort()]).sort(([a], [b]) => (a === 'Other' ? 1 : b === 'Other' ? -1 : a.localeCompare(b)));
}

/** True where two zones show the same wall clock at that moment. */
export const sameClock = (instant: string, a: string, b: string): boolean =>
  dayOf(instant, a) === dayOf(instant, b) && clock(instant, a, false) === clock(instant, b, false);
