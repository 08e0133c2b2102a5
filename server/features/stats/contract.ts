import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { DayOfWeek, date, dateTime, id } from '../../http/wire.ts';

const reading = ['Mail.Read', 'Mail.ReadWrite', 'Mail.All'] as const;
const count = z.int().min(0);

const usage = {
  sent: count.describe('Tracked messages that were written with it, and steps that sent it. Mail that is not tracked is not counted.'),
  opensTracked: count.describe('Of them, those whose opens could be seen. A step carries no image: for it the tracked message of its thread stands.'),
  opened: count.describe('Of opensTracked, those that a person or a mail program for him opened, or clicked in; of steps, those after which that happened before the next step went out.'),
  answersTracked: count.describe('Of sent, those whose answers are looked for.'),
  answered: count.describe('Of answersTracked.'),
};

export const TemplateUsage = z.object({
  ruleId: id,
  ...usage,
  lastSentAt: dateTime.optional(),
}).meta({ id: 'TemplateUsage' });

export const TemplateStatistics = z.object({
  records: z.array(TemplateUsage).describe('Of rules that have been used; all others were not.'),
}).meta({ id: 'TemplateStatistics' });

export const ActivityStatistics = z.object({
  from: dateTime.describe('Midnight of the first day.'),
  to: dateTime,
  timezone: z.string(),
  totals: z.object({
    sent: count, opens: count, clicks: count, answers: count,
    unknown: count.describe('Opens and clicks of which nobody can tell whether a person was behind them; in no other number.'),
  }),
  days: z.array(z.object({ date, sent: count, opens: count, clicks: count, answers: count })).describe('Every day from the first to today. Opens and clicks are those judged human or proxy.'),
  hours: z.array(z.object({ hour: z.int().min(0).max(23), opens: count, answers: count })).describe('By the hour of the day at which it happened, all 24.'),
  weekdays: z.array(z.object({ weekday: DayOfWeek, opens: count, answers: count })).describe('By the day of the week, Monday first.'),
  templates: z.array(z.object({ ruleId: id, name: z.string(), ...usage })).describe('What was sent in these days, the most used first.'),
}).meta({ id: 'ActivityStatistics' });

export const statsContract = {
  templateStatistics: operation({
    method: 'get',
    path: '/v1/stats/templates',
    operationId: 'templateStatistics',
    tag: 'Statistics',
    summary: 'How often each template and sequence was sent, opened and answered',
    auth: 'account',
    scopes: reading,
    response: json(TemplateStatistics),
    errors: [],
    sundial: true,
  }),

  activityStatistics: operation({
    method: 'get',
    path: '/v1/stats/activity',
    operationId: 'activityStatistics',
    tag: 'Statistics',
    summary: 'Opens and answers of the last days, by day, hour, weekday and template, in the account\'s zone',
    auth: 'account',
    scopes: reading,
    query: z.object({ days: z.int().min(1).max(365).default(30).describe('Today and the days before it.') }),
    response: json(ActivityStatistics),
    errors: [],
    sundial: true,
  }),
} as const;
