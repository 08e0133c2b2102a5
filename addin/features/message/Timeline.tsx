import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Quiet } from '../../ui/layout.tsx';
import { Time } from '../../ui/time.tsx';
import type { TimelineRow } from './timeline.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '10px' },
  folded: { marginTop: '6px' },
  row: { display: 'grid', gridTemplateColumns: '1rem minmax(0, 1fr)', columnGap: '8px', alignItems: 'start' },
  icon: { paddingTop: '2px', color: tokens.colorNeutralForeground2, display: 'flex' },
  text: { overflowWrap: 'anywhere' },
  aside: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, display: 'flex', flexWrap: 'wrap', gap: '4px 8px', alignItems: 'center' },
  fold: { marginLeft: '-8px' },
  why: { minWidth: 'auto', padding: '0 4px', margin: '0 -4px', minHeight: '24px' },
});

/** What is known of a sent message, newest first; what is not counted lies folded below. */
export function Timeline({ rows }: { readonly rows: readonly TimelineRow[] }): ReactElement {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const counted = rows.filter((r) => !r.folded);
  const folded = rows.filter((r) => r.folded);
  const hits = folded.reduce((sum, r) => sum + r.times, 0);
  return (
    <div>
      <ol className={styles.list}>{counted.map((row) => <Row key={row.key} row={row} />)}</ol>
      {hits > 0 && (
        <>
          <Button className={styles.fold} appearance="subtle" size="small" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? '▾' : '▸'} {hits} not counted</Button>
          {open && <ol className={mergeClasses(styles.list, styles.folded)}>{folded.map((row) => <Row key={row.key} row={row} />)}</ol>}
        </>
      )}
    </div>
  );
}

function Row({ row }: { readonly row: TimelineRow }): ReactElement {
  const styles = useStyles();
  const [why, setWhy] = useState(false);
  return (
    <li className={styles.row}>
      <span className={styles.icon}><Icon name={row.icon} /></span>
      <div>
        <div className={styles.text}>{row.text}{row.times > 1 ? `, ${row.times} times` : ''}</div>
        <div className={styles.aside}>
          <Time at={row.at} form="clock" />
          {row.aside && <span>{row.aside}</span>}
          {row.why && <Button className={styles.why} appearance="subtle" size="small" aria-expanded={why} onClick={() => setWhy(!why)}>Why?</Button>}
        </div>
        {why && <Quiet small>{row.why}</Quiet>}
      </div>
    </li>
  );
}
