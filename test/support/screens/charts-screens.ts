import { answers, Refusal } from '../answers.ts';
import { ACTIVITY, page as paged, PREVIEW, RULES } from './pane-data.ts';
import { broken, hanging, later, press, refused, tab, unreachable, type Screen } from './screen.ts';
import type { Statistics } from '../../../addin/features/activity/series.ts';
import type { PaneOptions, PanePage } from './pane-page.ts';

const DAY = 86_400_000;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A person's ordinary weeks: little at weekends, most opens in the late morning. */
export function statistics(days: number, part: Partial<Statistics> = {}): Statistics {
  const dates = Array.from({ length: days }, (_, i) => new Date(Date.UTC(2026, 10, 24) - (days - 1 - i) * DAY));
  const series = dates.map((date, i) => {
    const weekend = date.getUTCDay() % 6 === 0;
    return { date: date.toISOString().slice(0, 10), sent: weekend ? 0 : 3 + i % 4, opens: weekend ? i % 2 : 4 + (i * 7) % 9, clicks: i % 3, answers: weekend ? 0 : (i * 5) % 4 };
  });
  const sum = (of: 'sent' | 'opens' | 'clicks' | 'answers') => series.reduce((n, day) => n + day[of], 0);
  const byHour = [0, 0, 0, 0, 0, 0, 2, 5, 9, 21, 26, 18, 8, 11, 14, 13, 9, 6, 4, 3, 2, 1, 1, 0];
  return {
    from: dates[0]!.toISOString(), to: '2026-11-24T13:05:00.000Z', timezone: 'America/Argentina/Buenos_Aires',
    totals: { sent: sum('sent'), opens: sum('opens'), clicks: sum('clicks'), answers: sum('answers'), unknown: 7 },
    days: series,
    hours: byHour.map((opens, hour) => ({ hour, opens, answers: Math.floor(opens / 4) })),
    weekdays: WEEKDAYS.map((weekday, i) => ({ weekday, opens: [31, 44, 38, 29, 21, 3, 2][i]!, answers: [5, 9, 7, 4, 3, 0, 0][i]! })),
    templates: [
      { ruleId: 1, name: 'Gentle nudge', sent: 18, opensTracked: 12, opened: 7, answersTracked: 18, answered: 7 },
      { ruleId: 4, name: 'Introduction after a trade fair, with the long version of our story', sent: 9, opensTracked: 9, opened: 6, answersTracked: 9, answered: 1 },
      { ruleId: 3, name: 'Price list', sent: 2, opensTracked: 0, opened: 0, answersTracked: 0, answered: 0 },
    ],
    ...part,
  };
}

const NOTHING = statistics(30, { totals: { sent: 0, opens: 0, clicks: 0, answers: 0, unknown: 0 }, templates: [] });
const USAGE = { records: statistics(30).templates.map(({ name: _name, ...usage }) => usage) };
const CHARTS = 'GET /v1/stats/activity';
const TEMPLATES = 'GET /v1/stats/templates';
const IMPORT = 'POST /v1/followup/rules/import';

const ACTIVE = {
  ...answers('GET /v1/email/tracking', paged(ACTIVITY.trackings)), ...answers('GET /v1/followup/conversations', paged(ACTIVITY.conversations)),
  [CHARTS]: (request: { query: URLSearchParams }) => statistics(Number(request.query.get('days'))),
};
const openCharts = async ({ page }: PanePage): Promise<void> => {
  await tab(page, 'Activity');
  await press(page, 'Charts');
};
const range = (days: string) => async (pane: PanePage): Promise<void> => {
  await openCharts(pane);
  await press(pane.page, days);
};

export const CHART_SCREENS: readonly Screen[] = [
  { name: 'charts', state: 'month', options: { routes: ACTIVE }, go: openCharts, shows: 'Best hours' },
  { name: 'charts', state: 'week', options: { routes: ACTIVE }, go: range('7 days'), shows: 'Best hours' },
  { name: 'charts', state: 'quarter', options: { routes: ACTIVE }, go: range('90 days'), shows: 'Best hours' },
  { name: 'charts', state: 'numbers', options: { routes: ACTIVE }, shows: 'Best hours', go: async (pane) => {
    await openCharts(pane);
    await pane.page.getByRole('button', { name: 'Show the numbers' }).first().waitFor();
    for (const button of await pane.page.getByRole('button', { name: 'Show the numbers' }).all()) await button.click();
  } },
  { name: 'charts', state: 'little', options: { routes: { ...ACTIVE, [CHARTS]: { ...NOTHING, totals: { ...NOTHING.totals, sent: 1, opens: 1, unknown: 1 }, days: NOTHING.days.map((d, i) => ({ ...d, sent: 0, answers: 0, opens: i === 28 ? 1 : 0 })), hours: NOTHING.hours.map((h) => ({ ...h, answers: 0, opens: h.hour === 9 ? 1 : 0 })) } } }, go: openCharts, shows: 'Too little happened yet to name a best hour.' },
  { name: 'charts', state: 'empty', options: { routes: { ...ACTIVE, [CHARTS]: NOTHING } }, go: openCharts, shows: 'Nothing was tracked in these 30 days.' },
  { name: 'charts', state: 'loading', options: { routes: { ...ACTIVE, ...hanging(CHARTS) } }, shows: /Still waiting for your charts/, go: async (pane) => {
    await openCharts(pane);
    await later(pane, 9);
  } },
  { name: 'charts', state: 'error', options: { routes: { ...ACTIVE, ...broken(CHARTS) } }, shows: 'Something failed on the server; nothing was sent.', go: async (pane) => {
    await openCharts(pane);
    await later(pane, 8);
  } },
  { name: 'charts', state: 'offline', options: { routes: { ...ACTIVE, ...unreachable(CHARTS) } }, shows: /^Sundial’s server can’t be reached/, go: async (pane) => {
    await openCharts(pane);
    await later(pane, 8);
  } },
  { name: 'charts', state: 'session-ended', options: { routes: { ...ACTIVE, ...refused(CHARTS) } }, shows: 'Your session has ended.', go: openCharts },
];

const RULED = { ...answers('GET /v1/followup/rules', RULES), ...answers('POST /v1/followup/preview', { ...PREVIEW, missing: ['company'] }), [TEMPLATES]: USAGE };
const openTemplates = async ({ page }: PanePage): Promise<void> => {
  await tab(page, 'Settings');
  await press(page, 'Templates and sequences');
};
const READING: PaneOptions['item'] = { kind: 'read', to: [{ displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }] };
const importing = (text: string) => async (pane: PanePage): Promise<void> => {
  await openTemplates(pane);
  await press(pane.page, 'Import');
  await pane.page.locator('input[type=file]').setInputFiles({ name: 'team-templates.json', mimeType: 'application/json', buffer: Buffer.from(text) });
};
const FILE = JSON.stringify({ format: 'sundial-templates', version: 1, rules: [] });

export const TEMPLATE_SCREENS: readonly Screen[] = [
  { name: 'templates', state: 'counted', options: { routes: RULED }, go: openTemplates, shows: '18 sent, 7 of 12 opened, 7 answered' },
  { name: 'templates', state: 'uncounted', options: { routes: { ...RULED, ...broken(TEMPLATES) } }, shows: 'The counts can’t be read just now.', go: async (pane) => {
    await openTemplates(pane);
    await later(pane, 8);
  } },
  { name: 'template', state: 'previewed', options: { routes: RULED, item: READING }, shows: 'Asked when it is used: Company.', go: async (pane) => {
    await openTemplates(pane);
    await press(pane.page, /^Price list/);
    await press(pane.page, 'Preview');
  } },
  { name: 'sequence', state: 'previewed', options: { routes: RULED, item: READING }, shows: 'If started now', go: async (pane) => {
    await openTemplates(pane);
    await press(pane.page, /^Gentle nudge/);
    await press(pane.page, 'Preview');
  } },
  { name: 'templates', state: 'exported', options: { routes: { ...RULED, 'GET /v1/followup/rules/export': JSON.parse(FILE) as object } }, shows: /No file\?/, go: async (pane) => {
    await openTemplates(pane);
    await press(pane.page, 'Export all');
  } },
  { name: 'import', state: 'start', options: { routes: RULED }, shows: 'Choose a file', go: async (pane) => {
    await openTemplates(pane);
    await press(pane.page, 'Import');
  } },
  { name: 'import', state: 'plan', go: importing(FILE), shows: 'Import 2', options: { routes: { ...RULED, ...answers(IMPORT, { dryRun: true, added: 2, rules: [
    { index: 0, name: 'Second opinion', outcome: 'add', cleaned: true },
    { index: 1, name: 'Introduction after a trade fair, with the long version of our story', outcome: 'rename', newName: 'Introduction after a trade fair, with the long version of our story (2)', cleaned: false },
    { index: 2, name: 'Thank you', outcome: 'present', cleaned: false },
    { index: 3, name: 'Too far', outcome: 'refuse', cleaned: false, problems: [{ field: 'rules[3].actions[0].intervalDays', message: 'Too big: expected number to be <=365.' }] },
  ] }) } } },
  { name: 'import', state: 'refused', go: importing(FILE), shows: /must be 1/, options: { routes: { ...RULED, [IMPORT]: new Refusal(400, 'request.invalid', 'version: must be 1, the only version that this server reads.') } } },
  { name: 'import', state: 'broken', go: importing('{"format": '), shows: /not a JSON file/, options: { routes: RULED } },
];
