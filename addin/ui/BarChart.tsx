import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { AxisBottom, AxisLeft } from '@visx/axis';
import { GridRows } from '@visx/grid';
import { Group } from '@visx/group';
import { useParentSize } from '@visx/responsive';
import { scaleBand, scaleLinear } from '@visx/scale';
import { Bar } from '@visx/shape';
import type { ReactElement } from 'react';

export interface ChartPoint {
  readonly key: string;
  /** In full, for the tip that a pointer gets. */
  readonly label: string;
  readonly value: number;
  /** Written under the bar; few of them fit. */
  readonly tick?: string;
  /** Told apart from the others. */
  readonly marked?: boolean;
}

const HEIGHT = 104;
const TOP = 8;
const BOTTOM = 20;
/** Before the page has told how wide it is, and in a browser that never does. */
const WIDTH = 272;

const useStyles = makeStyles({
  box: { width: '100%', minWidth: 0, height: `${HEIGHT}px` },
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
  const { parentRef, width: measured } = useParentSize({ debounceTime: 50, initialSize: { width: WIDTH, height: HEIGHT } });
  const width = Math.max(measured, 120);
  const most = Math.max(...points.map((p) => p.value), 1);
  const steps = gridSteps(most);
  const left = 10 + 7 * String(steps.at(-1)).length;
  const x = scaleBand({ domain: points.map((p) => p.key), range: [left, width], paddingInner: points.length > 40 ? 0.15 : 0.25, paddingOuter: 0.1 });
  const y = scaleLinear({ domain: [0, steps.at(-1)!], range: [HEIGHT - BOTTOM, TOP] });
  const anyMarked = points.some((p) => p.marked);
  const ticks = new Map(points.filter((p) => p.tick).map((p) => [p.key, p.tick!]));
  return (
    <div ref={parentRef} className={styles.box} aria-hidden="true">
      <svg width={width} height={HEIGHT} className={styles.chart} focusable="false">
        <GridRows className={styles.grid} scale={y} left={left} width={width - left} tickValues={steps} stroke="" />
        <Group>
          {points.map((p) => (
            <Group key={p.key}>
              <Bar
                className={mergeClasses(styles.bar, anyMarked && !p.marked && styles.faded, p.marked && styles.marked)}
                x={x(p.key) ?? 0} width={x.bandwidth()} rx={Math.min(2, x.bandwidth() / 4)}
                // What happened at all is seen, however small beside the rest.
                y={p.value ? Math.min(y(p.value), HEIGHT - BOTTOM - 2) : HEIGHT - BOTTOM} height={p.value ? Math.max(HEIGHT - BOTTOM - y(p.value), 2) : 0}
              />
              <rect x={x(p.key) ?? 0} width={x.bandwidth()} y={TOP} height={HEIGHT - BOTTOM - TOP} fill="transparent"><title>{p.label}: {p.value}</title></rect>
            </Group>
          ))}
        </Group>
        <AxisLeft axisClassName={styles.axis} scale={y} left={left} tickValues={steps} hideAxisLine hideTicks tickFormat={(value) => String(value)} tickLabelProps={{ textAnchor: 'end', dx: -4, dy: 4 }} />
        <AxisBottom axisClassName={styles.axis} scale={x} top={HEIGHT - BOTTOM} tickValues={[...ticks.keys()]} hideTicks stroke="" tickFormat={(key) => ticks.get(key) ?? ''} tickLabelProps={{ textAnchor: 'middle', dy: -2 }} />
      </svg>
    </div>
  );
}

/** Zero, the middle where it is whole, and the top: a number at or just over the most. */
function gridSteps(most: number): number[] {
  if (most <= 2) return most === 1 ? [0, 1] : [0, 1, 2];
  const size = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * size).find((n) => n >= most)!;
  return Number.isInteger(top / 2) ? [0, top / 2, top] : [0, top];
}
