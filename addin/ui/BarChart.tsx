import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { GridRows } from '@visx/grid';
import { Group } from '@visx/group';
import { scaleBand, scaleLinear } from '@visx/scale';
import { Bar } from '@visx/shape';
import { useCallback, useState, type ReactElement } from 'react';

export interface ChartPoint {
  readonly key: string;
  /** In full, for the tip that a pointer gets. */
  readonly label: string;
  readonly value: number;
  /** What may be written under the bar; only as many are as have room. */
  readonly tick?: string;
  /** Told apart from the others. */
  readonly marked?: boolean;
}

/** Before the page has told how wide it is, and in a browser that never does. */
const WIDTH = 272;
/** The text size that lengths are given for; who reads larger text gets a larger chart. */
const TEXT = 16;

const useStyles = makeStyles({
  box: { width: '100%', minWidth: 0, minHeight: '6.5rem', overflow: 'hidden' },
  chart: { display: 'block', overflow: 'visible' },
  bar: { fill: tokens.colorBrandForeground1, '@media (forced-colors: active)': { fill: 'CanvasText' } },
  faded: { fill: tokens.colorNeutralStroke1, '@media (forced-colors: active)': { fill: 'GrayText' } },
  marked: { '@media (forced-colors: active)': { fill: 'Highlight' } },
  grid: { '& line': { stroke: tokens.colorNeutralStroke2, '@media (forced-colors: active)': { stroke: 'GrayText' } } },
  axis: {
    '& text': { fill: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, fontFamily: tokens.fontFamilyBase, '@media (forced-colors: active)': { fill: 'CanvasText' } },
    '& line': { stroke: tokens.colorNeutralStroke1, '@media (forced-colors: active)': { stroke: 'CanvasText' } },
  },
});

/**
 * Bars of whole numbers. A picture only: who cannot see it gets the same numbers as a table beside it, so
 * it is hidden from screen readers instead of being read as a heap of shapes.
 */
export function BarChart({ points }: { readonly points: readonly ChartPoint[] }): ReactElement {
  const styles = useStyles();
  const [measure, { width, scale }] = useSize();
  const height = 104 * scale;
  const top = 8 * scale;
  const floor = height - 20 * scale;
  const most = Math.max(...points.map((p) => p.value), 1);
  const steps = gridSteps(most);
  const left = (8 + LETTER * String(steps.at(-1)).length) * scale;
  const x = scaleBand({ domain: points.map((p) => p.key), range: [left, width], paddingInner: points.length > 40 ? 0.15 : 0.25, paddingOuter: 0.1 });
  const y = scaleLinear({ domain: [0, steps.at(-1)!], range: [floor, top] });
  const anyMarked = points.some((p) => p.marked);
  const ticks = fitting(points, width, (key) => (x(key) ?? 0) + x.bandwidth() / 2, LETTER * scale);
  return (
    <div ref={measure} className={styles.box} aria-hidden="true">
      <svg width={width} height={height} className={styles.chart} focusable="false">
        <GridRows className={styles.grid} scale={y} left={left} width={width - left} tickValues={steps} stroke="" />
        <Group>
          {points.map((p) => (
            <Group key={p.key}>
              <Bar
                className={mergeClasses(styles.bar, anyMarked && !p.marked && styles.faded, p.marked && styles.marked)}
                x={x(p.key) ?? 0} width={x.bandwidth()} rx={Math.min(2, x.bandwidth() / 4)}
                // What happened at all is seen, however small beside the rest.
                y={p.value ? Math.min(y(p.value), floor - 2) : floor} height={p.value ? Math.max(floor - y(p.value), 2) : 0}
              />
              <rect x={x(p.key) ?? 0} width={x.bandwidth()} y={top} height={floor - top} fill="transparent"><title>{p.label}: {p.value}</title></rect>
            </Group>
          ))}
        </Group>
        <AxisLeft axisClassName={styles.axis} scale={y} left={left} tickValues={steps} hideAxisLine hideTicks tickLength={0} tickFormat={(value) => String(value)} tickLabelProps={{ textAnchor: 'end', dx: -5, dy: 4 * scale, fontSize: undefined }} />
        <AxisBottom axisClassName={styles.axis} scale={x} top={floor} tickValues={[...ticks.keys()]} hideTicks tickLength={0} stroke="" tickFormat={(key) => ticks.get(key) ?? ''} tickLabelProps={{ textAnchor: 'middle', dy: 3 * scale, fontSize: undefined }} />
      </svg>
    </div>
  );
}

/** About as wide as a letter of an axis is. */
const LETTER = 7;

/** From the newest back, each label that is whole inside the chart and leaves room for the one behind it. */
function fitting(points: readonly ChartPoint[], width: number, middleOf: (key: string) => number, letter: number): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  let free = width;
  for (const { key, tick } of points.toReversed()) {
    if (!tick) continue;
    const half = (tick.length * letter) / 2;
    const middle = middleOf(key);
    if (middle + half > free || middle - half < 0) continue;
    kept.set(key, tick);
    free = middle - half - letter;
  }
  return kept;
}

/** How wide the element is, and by how much its text is larger than the ordinary. */
function useSize(): [(element: HTMLElement | null) => (() => void) | undefined, { readonly width: number; readonly scale: number }] {
  const [size, setSize] = useState({ width: WIDTH, scale: 1 });
  const measure = useCallback((element: HTMLElement | null) => {
    if (!element || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT || 1;
      if (width) setSize((now) => (now.width === width && now.scale === scale ? now : { width, scale }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [measure, size];
}

/** Zero, the middle where it is whole, and the top: a number at or just over the most. */
function gridSteps(most: number): number[] {
  if (most <= 2) return most === 1 ? [0, 1] : [0, 1, 2];
  const size = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * size).find((n) => n >= most)!;
  return Number.isInteger(top / 2) ? [0, top / 2, top] : [0, top];
}
