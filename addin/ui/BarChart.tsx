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
/** The size of an axis's text then: Fluent's fontSizeBase200. */
const TICK = 12;

const useStyles = makeStyles({
  box: { width: '100%', minWidth: 0, height: '6.5rem', overflow: 'hidden' },
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
  const [measure, { width, scale, font }] = useSize();
  // As high as the box, which follows the text's size whichever way it changes.
  const height = 104 * scale;
  const top = 8 * scale;
  const floor = height - 20 * scale;
  const most = Math.max(...points.map((p) => p.value), 1);
  const steps = gridSteps(most);
  const textWidth = (text: string): number => widthOf(text, TICK * scale, font);
  const left = 8 * scale + textWidth(String(steps.at(-1)));
  const x = scaleBand({ domain: points.map((p) => p.key), range: [left, width], paddingInner: points.length > 40 ? 0.15 : 0.25, paddingOuter: 0.1 });
  const y = scaleLinear({ domain: [0, steps.at(-1)!], range: [floor, top] });
  const anyMarked = points.some((p) => p.marked);
  const ticks = fitting(points, (key) => (x(key) ?? 0) + x.bandwidth() / 2, textWidth, { from: left - 4 * scale, to: width, gap: 6 * scale });
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
        <AxisLeft axisClassName={styles.axis} scale={y} left={left} tickValues={steps} hideAxisLine hideTicks tickLength={0} tickFormat={(value) => String(value)} tickLabelProps={{ textAnchor: 'end', dx: -5 * scale, dy: 4 * scale, fontSize: TICK * scale }} />
        <AxisBottom axisClassName={styles.axis} scale={x} top={floor} tickValues={[...ticks.keys()]} hideTicks tickLength={0} stroke="" tickFormat={(key) => ticks.get(key) ?? ''} tickLabelProps={{ textAnchor: 'middle', dy: 3 * scale, fontSize: TICK * scale }} />
      </svg>
    </div>
  );
}

/** How wide a letter of an axis is in parts of its size, where a browser draws on no canvas. */
const LETTER = 0.6;
let canvas: CanvasRenderingContext2D | null | undefined;

function widthOf(text: string, size: number, font: string): number {
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas || !font) return text.length * LETTER * size;
  canvas.font = `${size}px ${font}`;
  return canvas.measureText(text).width;
}

/**
 * As many labels as stand whole between `from` and `to` with `gap` between them, each as many bars after the one
 * before: a label that is left out here and there would make the days look uneven.
 */
function fitting(points: readonly ChartPoint[], middleOf: (key: string) => number, textWidth: (text: string) => number, room: { readonly from: number; readonly to: number; readonly gap: number }): ReadonlyMap<string, string> {
  const whole = points.flatMap(({ key, tick }) => {
    if (!tick) return [];
    const half = textWidth(tick) / 2;
    const box = { key, tick, from: middleOf(key) - half, to: middleOf(key) + half };
    return box.from >= room.from && box.to <= room.to ? [box] : [];
  });
  for (let step = 1; step < whole.length; step += 1) {
    const kept = whole.filter((_, at) => at % step === 0);
    if (kept.every((box, at) => !at || box.from >= kept[at - 1]!.to + room.gap)) return new Map(kept.map(({ key, tick }) => [key, tick]));
  }
  return new Map(whole.slice(0, 1).map(({ key, tick }) => [key, tick]));
}

/** How wide the element is, by how much its text is larger than the ordinary, and in which fonts it is written. */
function useSize(): [(element: HTMLElement | null) => (() => void) | undefined, { readonly width: number; readonly scale: number; readonly font: string }] {
  const [size, setSize] = useState({ width: WIDTH, scale: 1, font: '' });
  const measure = useCallback((element: HTMLElement | null) => {
    if (!element || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT || 1;
      const font = getComputedStyle(element).fontFamily;
      if (width) setSize((now) => (now.width === width && now.scale === scale && now.font === font ? now : { width, scale, font }));
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
