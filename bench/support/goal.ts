/** One line of the results: what was wanted, what this run measured, and whether that is enough. */
export interface Result {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

export const atLeast = (goal: string, wanted: number, measured: number, unit = '', detail = ''): Result =>
  ({ goal, wanted: `at least ${wanted}${unit}`, measured: `${shown(measured)}${unit}${detail}`, met: measured >= wanted });

export const atMost = (goal: string, wanted: number, measured: number, unit = '', detail = ''): Result =>
  ({ goal, wanted: `at most ${wanted}${unit}`, measured: `${shown(measured)}${unit}${detail}`, met: measured <= wanted });

const shown = (value: number): string => (Math.abs(value) >= 100 ? Math.round(value).toString() : value.toFixed(Math.abs(value) < 10 ? 2 : 1));

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
