import type { Output } from '../../api.ts';
import type { ChartPoint } from '../../ui/BarChart.tsx';

export type Statistics = Output<'GET /v1/stats/activity'>;

/** Dates come as the account's calendar has them, so they are written out in no zone at all. */
const calendar = {
  day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }),
  short: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }),
  weekday: new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' }),
};
/** Whether a day has 12 or 24 hours follows the reader's own region, as everywhere in the pane. */
const hourOnly = new Intl.DateTimeFormat(undefined, { hour: 'numeric', timeZone: 'UTC' });
const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

export interface Period {
  readonly key: string;
  readonly label: string;
  readonly tick: string;
  readonly sent: number;
  readonly opens: number;
  readonly answers: number;
}

/** Longer ranges are told by weeks: a bar for each of 90 days would be thinner than a line. */
const MOST_DAYS = 31;

/** One for each day, or for each seven of them, counted back from today. */
export function periods(days: Statistics['days']): Period[] {
  const size = days.length > MOST_DAYS ? 7 : 1;
  const first = days.length % size;
  const starts = Array.from({ length: Math.ceil(days.length / size) }, (_, i) => Math.max(0, first ? first + (i - 1) * size : i * size));
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? days.length;
    const part = days.slice(start, end);
    const sum = (of: 'sent' | 'opens' | 'answers') => part.reduce((n, day) => n + day[of], 0);
    const at = dateOf(part[0]!.date);
    const last = dateOf(part.at(-1)!.date);
    return {
      key: part[0]!.date,
      label: part.length === 1 ? text(calendar.day, at) : `${text(calendar.short, at)} to ${text(calendar.short, last)}`,
      tick: text(starts.length <= 7 ? calendar.weekday : calendar.short, at),
      sent: sum('sent'), opens: sum('opens'), answers: sum('answers'),
    };
  });
}

const dateOf = (date: string): Date => new Date(`${date}T00:00:00Z`);
const text = (format: Intl.DateTimeFormat, at: Date): string => format.format(at).replace(',', '');

export const points = (all: readonly Period[], of: 'opens' | 'answers'): ChartPoint[] =>
  all.map((p) => ({ key: p.key, label: p.label, value: p[of], tick: p.tick }));

const hourDate = (hour: number): Date => new Date(Date.UTC(2000, 0, 1, hour));
/** "09:00", or "9:00 AM". */
export const hourText = (hour: number): string => hourAndMinute.format(hourDate(hour % 24));

/** Fewer say nothing about a habit. */
const ENOUGH = 10;

/** The two hours next to each other with the most opens and answers; null where too little is known, or nothing stands out. */
export function bestHours(hours: Statistics['hours']): { readonly from: number; readonly to: number; readonly share: number } | null {
  const weight = (at: number): number => hours[at % 24]!.opens + hours[at % 24]!.answers;
  const all = hours.reduce((sum, h) => sum + h.opens + h.answers, 0);
  if (all < ENOUGH) return null;
  const pairs = hours.map((h) => ({ from: h.hour, n: weight(h.hour) + weight(h.hour + 1) }));
  const best = pairs.reduce((a, b) => (b.n > a.n ? b : a));
  // Spread evenly over the waking day, two hours would hold about an eighth.
  return best.n / all < 0.15 ? null : { from: best.from, to: (best.from + 2) % 24, share: best.n / all };
}

export function bestWeekday(weekdays: Statistics['weekdays']): string | null {
  const counts = weekdays.map((d) => ({ name: d.weekday, n: d.opens + d.answers })).sort((a, b) => b.n - a.n);
  const all = counts.reduce((sum, d) => sum + d.n, 0);
  const [first, second] = counts;
  return all < ENOUGH || !first || first.n === second?.n ? null : `${first.name.charAt(0).toUpperCase()}${first.name.slice(1)}s`;
}

export function hourPoints(hours: Statistics['hours'], best: ReturnType<typeof bestHours>): ChartPoint[] {
  return hours.map((h) => ({
    key: String(h.hour), label: `${hourText(h.hour)} to ${hourText(h.hour + 1)}`, value: h.opens + h.answers,
    ...(h.hour % 3 === 0 ? { tick: hourOnly.format(hourDate(h.hour)) } : {}),
    ...(best && (h.hour === best.from || h.hour === (best.from + 1) % 24) ? { marked: true } : {}),
  }));
}

/** "38 %"; an empty place where nothing could be seen. */
export const rate = (part: number, of: number): string => (of ? `${Math.round((100 * part) / of)} %` : '–');
