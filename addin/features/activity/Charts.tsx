import { Button, ToggleButton, makeStyles, tokens } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { BarChart } from '../../ui/BarChart.tsx';
import { ChartFigure } from '../../ui/ChartFigure.tsx';
import { Detail, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, Note, ProblemNote } from '../../ui/states.tsx';
import { clockTime } from '../../ui/time.tsx';
import { problemOf, usePane } from '../pane.ts';
import { bestHours, bestWeekday, hourPoints, hourText, periods, points, rate, type Statistics } from './series.ts';

const RANGES = [7, 30, 90] as const;
type Range = (typeof RANGES)[number];

export function Charts({ onBack }: { readonly onBack: () => void }): ReactElement {
  const { api } = usePane();
  const [days, setDays] = useState<Range>(30);
  const stats = useQuery({
    queryKey: ['stats', 'activity', days],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.call('GET /v1/stats/activity', { query: { days } }, { signal }),
  });
  const { data, error } = stats;
  return (
    <Detail title="Charts" onBack={onBack}>
      <div role="group" aria-label="Days shown"><Row>
        {RANGES.map((n) => (
          <ToggleButton key={n} size="small" shape="circular" appearance={n === days ? 'primary' : 'secondary'} checked={n === days} onClick={() => setDays(n)}>{n} days</ToggleButton>
        ))}
      </Row></div>
      {error && !data && <ProblemNote problem={problemOf(error, () => void stats.refetch())} />}
      {error && data && <Note><Row><span>As of {clockTime(new Date(stats.dataUpdatedAt).toISOString())}. The server can’t be reached.</span><Button size="small" onClick={() => void stats.refetch()}>Retry</Button></Row></Note>}
      {!data && !error && <Loading what="your charts" />}
      {data && <div aria-busy={stats.isPlaceholderData} style={stats.isPlaceholderData ? { opacity: 0.6 } : undefined}><Pictures data={data} days={days} onMore={days < 90 ? () => setDays(90) : null} /></div>}
    </Detail>
  );
}

function Pictures({ data, days, onMore }: { readonly data: Statistics; readonly days: number; readonly onMore: (() => void) | null }): ReactElement {
  const { totals } = data;
  if (!totals.sent && !totals.opens && !totals.answers && !data.templates.length) {
    return (
      <Empty><Stack>
        <span>Nothing was tracked in these {days} days.</span>
        <span>Charts fill as tracked messages are opened and answered.</span>
        {onMore && <div><Button onClick={onMore}>Show 90 days</Button></div>}
      </Stack></Empty>
    );
  }
  const all = periods(data.days);
  const best = bestHours(data.hours);
  const weekday = bestWeekday(data.weekdays);
  const per = all.length < data.days.length ? 'Week' : 'Day';
  return (
    <Stack>
      <ChartFigure
        title="Opens" total={totals.opens}
        says={totals.unknown > 0 && `${totals.unknown} more may have been opens. Nobody can tell, so they are not counted.`}
        columns={[per, 'Opens', 'Sent']} rows={all.map((p) => [p.label, p.opens, p.sent])}
      >
        <BarChart points={points(all, 'opens')} />
      </ChartFigure>
      <ChartFigure title="Answers" total={totals.answers} columns={[per, 'Answers', 'Sent']} rows={all.map((p) => [p.label, p.answers, p.sent])}>
        <BarChart points={points(all, 'answers')} />
      </ChartFigure>
      <ChartFigure
        title="Best hours"
        says={best ? `Most opens and answers come between ${hourText(best.from)} and ${hourText(best.to)}${weekday ? `, and on ${weekday}` : ''}.` : 'Too little happened yet to name a best hour.'}
        columns={['Hour', 'Opens', 'Answers']} rows={data.hours.map((h) => [hourText(h.hour), h.opens, h.answers])}
      >
        <BarChart points={hourPoints(data.hours, best)} />
      </ChartFigure>
      {data.templates.length > 0 && (
        <ChartFigure
          title="Answers by template"
          columns={['Template', 'Answered', 'Rate']} rows={data.templates.map((t) => [t.name, t.answersTracked ? `${t.answered} of ${t.answersTracked}` : '–', rate(t.answered, t.answersTracked)])}
        >
          <Rates templates={data.templates} />
        </ChartFigure>
      )}
      <Quiet small>Days and hours of {data.timezone.replaceAll('_', ' ')}. An open counts where a person or his mail program loaded the message; filters and your own views don’t.</Quiet>
    </Stack>
  );
}

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '10px' },
  line: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: '8px', overflowWrap: 'anywhere' },
  number: { marginLeft: 'auto', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  track: { height: '8px', borderRadius: '4px', backgroundColor: tokens.colorNeutralBackground6, overflow: 'hidden', '@media (forced-colors: active)': { border: '1px solid CanvasText' } },
  bar: { height: '100%', backgroundColor: tokens.colorBrandForeground1, forcedColorAdjust: 'none', '@media (forced-colors: active)': { backgroundColor: 'Highlight' } },
});

/** The best first; where it is equal, what was sent more often says more. */
function Rates({ templates }: { readonly templates: Statistics['templates'] }): ReactElement {
  const styles = useStyles();
  const share = (t: Statistics['templates'][number]): number => (t.answersTracked ? t.answered / t.answersTracked : 0);
  return (
    <ol className={styles.list} aria-hidden="true">
      {[...templates].sort((a, b) => share(b) - share(a) || b.answersTracked - a.answersTracked).map((t) => (
        <li key={t.ruleId}>
          <div className={styles.line}><span>{t.name}</span><span className={styles.number}>{t.answersTracked ? `${t.answered} of ${t.answersTracked}, ${rate(t.answered, t.answersTracked)}` : `${t.sent} sent, answers not tracked`}</span></div>
          {t.answersTracked > 0 && <div className={styles.track}><div className={styles.bar} style={{ width: `${100 * share(t)}%` }} /></div>}
        </li>
      ))}
    </ol>
  );
}
