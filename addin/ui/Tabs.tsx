import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useRef, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';

const useStyles = makeStyles({
  list: { display: 'flex', flexWrap: 'wrap', padding: '0 4px' },
  tab: {
    position: 'relative', minHeight: '44px', padding: '0 10px', border: 'none', background: 'none', cursor: 'pointer', display: 'inline-flex', alignItems: 'center', gap: '6px',
    fontFamily: 'inherit', fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300, color: tokens.colorNeutralForeground2,
    ':hover': { color: tokens.colorNeutralForeground1 },
    ':hover::after': { content: '""', position: 'absolute', left: '10px', right: '10px', bottom: 0, height: '3px', borderRadius: '3px', backgroundColor: tokens.colorNeutralStroke1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-4px', borderRadius: tokens.borderRadiusMedium },
  },
  chosen: {
    color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold,
    '::after': { content: '""', position: 'absolute', left: '10px', right: '10px', bottom: 0, height: '3px', borderRadius: '3px', backgroundColor: tokens.colorCompoundBrandStroke },
    ':hover::after': { backgroundColor: tokens.colorCompoundBrandStrokeHover },
    '@media (forced-colors: active)': { '::after': { backgroundColor: 'Highlight', forcedColorAdjust: 'none' } },
  },
  // The words are as wide in bold as they were, so that the others keep their places.
  words: { display: 'inline-grid', '::after': { content: 'attr(data-words)', height: 0, visibility: 'hidden', overflow: 'hidden', fontWeight: tokens.fontWeightSemibold } },
});

export interface TabItem<T extends string> {
  readonly value: T;
  readonly label: string;
  /** Behind the label, such as a count. */
  readonly badge?: ReactNode;
}

const panelId = 'tab-panel';
const idOf = (value: string): string => `tab-${value}`;

/**
 * Tabs as the ARIA Authoring Practices have them: one stop for Tab, arrows go round and choose. Fluent's own
 * list puts focusable elements that are hidden from screen readers around itself, which no audit lets pass.
 */
export function Tabs<T extends string>({ label, items, chosen, onChoose }: {
  readonly label: string; readonly items: readonly TabItem<T>[]; readonly chosen: T; readonly onChoose: (value: T) => void;
}): ReactElement {
  const styles = useStyles();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const at = items.findIndex((item) => item.value === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = items[(to + items.length) % items.length]!;
    onChoose(next.value);
    list.current?.querySelector<HTMLElement>(`#${idOf(next.value)}`)?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={label} className={styles.list} onKeyDown={move}>
      {items.map(({ value, label: words, badge }) => (
        <button
          key={value} type="button" role="tab" id={idOf(value)} aria-controls={panelId} aria-selected={value === chosen} tabIndex={value === chosen ? 0 : -1}
          className={mergeClasses(styles.tab, value === chosen && styles.chosen)} onClick={() => onChoose(value)}
        >
          <span className={styles.words} data-words={words}>{words}</span>{badge}
        </button>
      ))}
    </div>
  );
}

export function TabPanel({ chosen, children }: { readonly chosen: string; readonly children: ReactNode }): ReactElement {
  return <div role="tabpanel" id={panelId} aria-labelledby={idOf(chosen)}>{children}</div>;
}
