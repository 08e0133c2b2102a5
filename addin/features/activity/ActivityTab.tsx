import { Button, makeStyles, ToggleButton, tokens } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Detail, Heading, LinkButton, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, Note, ProblemNote } from '../../ui/states.tsx';
import { clockTime, Time } from '../../ui/time.tsx';
import { FollowUpCard } from '../followup/FollowUpCard.tsx';
import { StartFollowUp } from '../followup/StartFollowUp.tsx';
import { Charts } from '../later.ts';
import { TrackingView } from '../message/TrackingView.tsx';
import { problemOf } from '../pane.ts';
import { useActivity, type ActivityFilter, type ActivityRow } from './rows.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '8px' },
  row: {
    width: '100%', textAlign: 'left', font: 'inherit', color: 'inherit', cursor: 'pointer', padding: '10px 12px', minHeight: '44px', overflowWrap: 'anywhere',
    border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground1,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: '4px 8px' },
  who: { fontWeight: tokens.fontWeightSemibold },
  line: { display: 'block' },
  quiet: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, display: 'block' },
});

const FILTERS: readonly (readonly [ActivityFilter, string])[] = [['needsYou', 'Needs you'], ['opened', 'Opened'], ['waiting', 'Waiting']];
const NONE: Readonly<Record<ActivityFilter, string>> = { needsYou: 'Nothing needs you now.', opened: 'Nothing has been opened yet.', waiting: 'Nothing waits for an answer.' };

export function ActivityTab(): ReactElement {
  const styles = useStyles();
  const activity = useActivity();
  const [filter, setFilter] = useState<ActivityFilter | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [charts, setCharts] = useState(false);
  const rows = activity.data;
  const open = rows?.find((r) => r.key === chosen);
  if (charts) return <Charts onBack={() => setCharts(false)} />;
  if (open) return <ActivityDetail row={open} onBack={() => setChosen(null)} />;
  if (!rows) return activity.error ? <ProblemNote problem={problemOf(activity.error, () => void activity.refetch())} /> : <Loading what="your activity" />;
  if (!rows.length) return <Empty>Nothing yet. Turn on tracking in a new message.</Empty>;
  const shown = filter ? rows.filter((r) => r.filter === filter) : rows;
  return (
    <Stack>
      {activity.error && <Note><Row><span>As of {clockTime(new Date(activity.dataUpdatedAt).toISOString())}. The server can’t be reached.</span><Button size="small" onClick={() => void activity.refetch()}>Retry</Button></Row></Note>}
      <div className={styles.head}>
        <Heading>{shown.length === 1 ? '1 message' : `${shown.length} messages`}</Heading>
        <Row><Button size="small" icon={<Icon name="charts" />} onClick={() => setCharts(true)}>Charts</Button></Row>
      </div>
      <div role="group" aria-label="Filter"><Row>
        {FILTERS.map(([name, label]) => (
          <ToggleButton key={name} size="small" shape="circular" appearance={filter === name ? 'primary' : 'secondary'} checked={filter === name} onClick={() => setFilter(filter === name ? null : name)}>
            {label} {rows.filter((r) => r.filter === name).length}
          </ToggleButton>
        ))}
      </Row></div>
      {filter && !shown.length && <Empty>{NONE[filter]} <LinkButton onClick={() => setFilter(null)}>Show all</LinkButton></Empty>}
      <RowList rows={shown} onOpen={setChosen} />
    </Stack>
  );
}

function RowList({ rows, onOpen }: { readonly rows: readonly ActivityRow[]; readonly onOpen: (key: string) => void }): ReactElement {
  const styles = useStyles();
  const [held, setHeld] = useState<readonly string[] | null>(null);
  // While the focus is inside, rows keep their places: what moves under a finger is hit by mistake.
  const ordered = held ? [...rows].sort((a, b) => place(held, a.key) - place(held, b.key)) : rows;
  return (
    <ol className={styles.list} onFocus={() => setHeld((now) => now ?? rows.map((r) => r.key))} onBlur={(e) => {
      if (!e.currentTarget.contains(e.relatedTarget)) setHeld(null);
    }}>
      {ordered.map((row) => (
        <li key={row.key}>
          <button type="button" className={styles.row} onClick={() => onOpen(row.key)}>
            <span className={`${styles.line} ${styles.who}`}>{row.recipients.join(', ') || 'Nobody yet'}</span>
            <span className={styles.line}>{row.subject}</span>
            <span className={styles.quiet}>{row.latest}{row.at && <>, <Time at={row.at} form="ago" /></>}</span>
            {row.next && <span className={styles.quiet}>{row.next}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}

function place(keys: readonly string[], key: string): number {
  const at = keys.indexOf(key);
  return at < 0 ? keys.length : at;
}

function ActivityDetail({ row, onBack }: { readonly row: ActivityRow; readonly onBack: () => void }): ReactElement {
  const [picking, setPicking] = useState(false);
  const people = row.recipients.map((email) => ({ email, name: email }));
  if (picking && row.threadId) return <StartFollowUp threadId={row.threadId} recipients={people} subject={row.subject} onBack={() => setPicking(false)} />;
  return (
    <Detail title={row.subject} onBack={onBack}>
      <Quiet>To {row.recipients.join(', ')}</Quiet>
      {row.tracking && <TrackingView tracking={row.tracking} />}
      {row.threadId && <FollowUpCard threadId={row.threadId} onChoose={() => setPicking(true)} />}
    </Detail>
  );
}
