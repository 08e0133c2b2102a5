import { Button, makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useState, type ReactElement, type ReactNode } from 'react';
import { Icon } from './icons.tsx';
import { Quiet, Row, Stack } from './layout.tsx';
import { useWaited } from './useWaited.ts';

const useStyles = makeStyles({
  problem: {
    display: 'flex', gap: '8px', padding: '10px 12px', borderRadius: tokens.borderRadiusMedium, overflowWrap: 'anywhere',
    border: `1px solid ${tokens.colorStatusDangerBorder1}`, backgroundColor: tokens.colorStatusDangerBackground1, color: tokens.colorNeutralForeground1,
  },
  note: {
    padding: '8px 12px', borderRadius: tokens.borderRadiusMedium, overflowWrap: 'anywhere',
    border: `1px solid ${tokens.colorNeutralStroke2}`, backgroundColor: tokens.colorNeutralBackground3,
  },
  // Forced colours take the background away, and nothing of it would be left.
  loading: { '& .fui-SkeletonItem': { '@media (forced-colors: active)': { boxSizing: 'border-box', border: '1px solid GrayText' } } },
  empty: { padding: '24px 8px', textAlign: 'center' },
});

/** Nothing for the first second, then grey lines; after eight seconds it says what it waits for. */
export function Loading({ what }: { readonly what: string }): ReactElement | null {
  const styles = useStyles();
  const late = useWaited(1000);
  const long = useWaited(8000);
  if (!late) return null;
  return (
    <div className={styles.loading} aria-busy="true"><Stack>
      <Skeleton aria-label={`Loading ${what}`}><Stack><SkeletonItem /><SkeletonItem /><SkeletonItem style={{ width: '60%' }} /></Stack></Skeleton>
      {long && <Quiet>Still waiting for {what}. The server is slow to answer.</Quiet>}
    </Stack></div>
  );
}

/** Beside a button that says what it does meanwhile: after eight seconds, that it is the server that is slow. */
export function Slow({ doing }: { readonly doing: string }): ReactElement | null {
  return useWaited(8000) ? <Quiet>Still {doing}. The server is slow to answer.</Quiet> : null;
}

export interface Problem {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** What helps whoever is asked for help: code, request id. */
  readonly details?: string;
}

/** A failed action: said at once, and it stays until it is dealt with. */
export function ProblemNote({ problem }: { readonly problem: Problem }): ReactElement {
  const styles = useStyles();
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles.problem} role="alert">
      <span style={{ color: tokens.colorStatusDangerForeground1, display: 'flex', paddingTop: 2 }}><Icon name="failed" /></span>
      <Stack tight>
        <span>{problem.text}</span>
        <Row>
          {problem.action && <Button size="small" onClick={problem.action.run}>{problem.action.label}</Button>}
          {problem.details && (
            // By itself it stands beneath the words.
            <Button size="small" appearance="subtle" style={problem.action ? undefined : { marginLeft: -8 }} onClick={() => {
              void navigator.clipboard?.writeText(problem.details!).then(() => setCopied(true), () => {});
            }}>{copied ? 'Copied' : 'Copy details'}</Button>
          )}
        </Row>
      </Stack>
    </div>
  );
}

export function Note({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={useStyles().note}>{children}</div>;
}

export function Empty({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={useStyles().empty}>{children}</div>;
}
