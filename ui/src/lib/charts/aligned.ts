import uPlot from "uplot";

export interface Point {
  step: number;
  value: number | null;
}

/** One line. Its points are in the order of their steps, each step at most once. */
export interface Series {
  label: string;
  points: Point[];
  /** Any CSS colour, also `var(--accent)`. */
  colour: string;
  /** Lengths of strokes and gaps, in pixels; none is a whole line. */
  dash?: number[];
  /** Drawn pale, as the ground on which another line (its smoothing) stands out. */
  faint?: boolean;
}

export type Line = Omit<Series, "points"> & {
  /** Whether it has so few points that each is drawn as a dot. */
  sparse: boolean;
};

/** A line's values: `undefined` where it has no point, `null` where it is broken. */
export type Row = (number | null | undefined)[];

/** Lines over the steps of all of them. */
export interface Aligned {
  lines: Line[];
  steps: number[];
  /** One row a line, one value a step. */
  rows: Row[];
}

/** Most points of a line that are drawn as dots. */
const FEW = 40;

/** On a logarithmic scale values of 0 and below break the line. */
export function aligned(series: Series[], log: boolean): Aligned {
  const lines = series.map(({ points, ...line }) => ({ ...line, sparse: points.length <= FEW }));
  const tables = series.map(({ points }): uPlot.AlignedData => {
    const values = points.map(({ value }) => (log && value !== null && value <= 0 ? null : value));
    return [points.map(({ step }) => step), values];
  });
  if (!tables.some(([steps]) => steps.length > 0)) return { lines, steps: [], rows: lines.map(() => []) };
  const [steps, ...rows] = uPlot.join(tables);
  return { lines, steps: steps as number[], rows: rows as Row[] };
}

/** The newest value that a line has at a place or before it. */
export function valueAt(row: Row | undefined, from: number): number | null {
  for (let here = from; here >= 0; here--) {
    const value = row?.[here];
    if (value != null) return value;
  }
  return null;
}

/** The places of a line's first, last, lowest and highest values; `null` where it has none. */
export function course(row: Row): { first: number; last: number; lowest: number; highest: number } | null {
  let [first, last, lowest, highest] = [-1, -1, -1, -1];
  row.forEach((value, here) => {
    if (value == null) return;
    if (first < 0) first = lowest = highest = here;
    last = here;
    if (value < (row[lowest] ?? 0)) lowest = here;
    if (value > (row[highest] ?? 0)) highest = here;
  });
  return first < 0 ? null : { first, last, lowest, highest };
}
