import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useId, useState, type ReactElement, type ReactNode } from 'react';
import { Card, Heading, Quiet } from './layout.tsx';

const useStyles = makeStyles({
  figure: { position: 'relative', margin: 0, display: 'flex', flexDirection: 'column', gap: '8px', minWidth: 0 },
  head: { display: 'flex', alignItems: 'baseline', justifyContent: 'space-between', gap: '8px', minWidth: 0 },
  total: { fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: tokens.fontWeightSemibold },
  // Out of sight, and still read: the picture above it says nothing to a screen reader.
  hidden: { position: 'absolute', bottom: 0, left: 0, width: '100%', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  caption: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' },
  button: { alignSelf: 'flex-start', marginLeft: '-8px' },
  scroll: { maxHeight: '260px', overflowY: 'auto', ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` } },
  table: {
    width: '100%', borderCollapse: 'collapse', fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200,
    '& th, & td': { textAlign: 'right', padding: '4px 6px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, fontWeight: tokens.fontWeightRegular, whiteSpace: 'nowrap' },
    '& thead th': { color: tokens.colorNeutralForeground2 },
    '& th:first-child': { textAlign: 'left', whiteSpace: 'normal', overflowWrap: 'anywhere' },
  },
});

interface Props {
  readonly title: string;
  /** The one number that the picture adds up to. */
  readonly total?: number;
  /** What the picture shows, in a sentence. */
  readonly says?: ReactNode;
  readonly columns: readonly string[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly (string | number)[])[];
  readonly children: ReactNode;
}

/** A picture of numbers with the numbers themselves: a table, always there for screen readers, for all others at a button's press. */
export function ChartFigure({ title, total, says, columns, rows, children }: Props): ReactElement {
  const styles = useStyles();
  const id = useId();
  const [open, setOpen] = useState(false);
  return (
    <Card label={title}>
      <figure className={styles.figure} aria-labelledby={id}>
        <div className={styles.head}>
          <div id={id}><Heading level={3}>{title}</Heading></div>
          {total !== undefined && <span className={styles.total}>{total}</span>}
        </div>
        {says && <Quiet small>{says}</Quiet>}
        {children}
        <Button className={styles.button} size="small" appearance="subtle" aria-pressed={open} onClick={() => setOpen(!open)}>Show the numbers</Button>
        <div className={open ? styles.scroll : styles.hidden} {...(open ? { tabIndex: 0, role: 'region', 'aria-label': `${title}, numbers` } : {})}>
          <table className={mergeClasses(styles.table)}>
            <caption className={styles.caption}>{title}</caption>
            <thead><tr>{columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
            <tbody>
              {rows.map(([name, ...cells], at) => (
                <tr key={at}><th scope="row">{name}</th>{cells.map((cell, n) => <td key={n}>{cell}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      </figure>
    </Card>
  );
}
