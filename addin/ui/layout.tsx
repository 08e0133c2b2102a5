import { Button, Link, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { Icon } from './icons.tsx';
import { useReturnFocus } from './useReturnFocus.ts';

const useStyles = makeStyles({
  stack: { display: 'flex', flexDirection: 'column', gap: '12px', minWidth: 0 },
  tight: { gap: '4px' },
  row: {
    display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '8px', minWidth: 0,
    // As wide as their words: with Fluent's least width the third of them stands alone in its line at 320 pixels.
    '& > .fui-Button': { minWidth: 0, paddingInline: '8px' },
    // An icon grows with the text, so its place does.
    '& .fui-Button__icon': { width: '1.25rem', height: '1.25rem' },
  },
  card: {
    display: 'flex', flexDirection: 'column', gap: '8px', padding: '12px', minWidth: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium, backgroundColor: tokens.colorNeutralBackground1,
  },
  // Above what scrolls beneath it, so that a long form need not be scrolled through to be used.
  primary: {
    position: 'sticky', bottom: 0, zIndex: 1, margin: '0 -12px -12px', padding: '10px 12px', maxHeight: '60vh', overflowY: 'auto', boxSizing: 'border-box',
    backgroundColor: tokens.colorNeutralBackground2, borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  detailHead: { display: 'flex', alignItems: 'center', gap: '4px', margin: '-8px 0 4px -12px', minHeight: '44px' },
  back: { minWidth: '44px', minHeight: '44px' },
  title: { fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold, margin: 0, overflowWrap: 'anywhere', ':focus': { outline: 'none' } },
  quiet: { color: tokens.colorNeutralForeground2, fontWeight: tokens.fontWeightRegular, margin: 0, overflowWrap: 'anywhere' },
  unseen: { position: 'absolute', width: '1px', height: '1px', margin: 0, overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' },
  // As high as a finger needs it, and still a part of its line.
  linkButton: { display: 'inline-flex', alignItems: 'center', minHeight: '24px', textAlign: 'start', fontSize: 'inherit', lineHeight: 'inherit', '@media (forced-colors: active)': { textDecorationLine: 'underline' } },
  small: { fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200 },
});

export function Stack({ children, tight = false }: { readonly children: ReactNode; readonly tight?: boolean }): ReactElement {
  const styles = useStyles();
  return <div className={mergeClasses(styles.stack, tight && styles.tight)}>{children}</div>;
}

export function Row({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={useStyles().row}>{children}</div>;
}

/** The buttons with which a long view ends; they stay in sight while it is scrolled, and so does what comes of pressing them. */
export function Actions({ children, outcome }: { readonly children: ReactNode; readonly outcome?: ReactNode }): ReactElement {
  return <div className={useStyles().primary}><Stack>{outcome}<Row>{children}</Row></Stack></div>;
}

export function Card({ children, label }: { readonly children: ReactNode; readonly label?: string }): ReactElement {
  return <section className={useStyles().card} aria-label={label}>{children}</section>;
}

export function Quiet({ children, small = false }: { readonly children: ReactNode; readonly small?: boolean }): ReactElement {
  const styles = useStyles();
  return <p className={mergeClasses(styles.quiet, small && styles.small)}>{children}</p>;
}

export function Heading({ children, level = 2, focus = false }: { readonly children: ReactNode; readonly level?: 1 | 2 | 3; readonly focus?: boolean }): ReactElement {
  const styles = useStyles();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focus) ref.current?.focus();
  }, [focus]);
  const Tag = `h${level}` as const;
  return <Tag ref={ref} className={styles.title} tabIndex={focus ? -1 : undefined}>{children}</Tag>;
}

/** For screen readers alone. */
export function Unseen({ children, as: Tag = 'span' }: { readonly children: ReactNode; readonly as?: 'span' | 'h1' }): ReactElement {
  return <Tag className={useStyles().unseen}>{children}</Tag>;
}

/** A button that reads as a part of its sentence. */
export function LinkButton({ children, onClick, expanded }: { readonly children: ReactNode; readonly onClick: () => void; readonly expanded?: boolean }): ReactElement {
  return <Link as="button" className={useStyles().linkButton} aria-expanded={expanded} onClick={onClick}>{children}</Link>;
}

/** A view over the one it came from: Back and Esc leave it, and the focus goes to its heading. */
export function Detail({ title, onBack, children }: { readonly title: string; readonly onBack: () => void; readonly children: ReactNode }): ReactElement {
  const styles = useStyles();
  useReturnFocus();
  return (
    <div onKeyDown={(event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.stopPropagation();
      onBack();
    }}>
      <div className={styles.detailHead}>
        <Button className={styles.back} appearance="transparent" icon={<Icon name="back" />} aria-label="Back" onClick={onBack} />
        <Heading focus>{title}</Heading>
      </div>
      <Stack>{children}</Stack>
    </div>
  );
}
