import type { Curves, EvaluationPoint, StepPoint } from "../bindings";
import type { Point } from "./Curves.svelte";

export const line = <T extends { step: number }>(points: T[], of: (point: T) => number | null): Point[] =>
  points.map((point) => ({ step: point.step, value: of(point) }));

export const perStep = (curves: Curves, key: Exclude<keyof StepPoint, "step">): Point[] =>
  line(curves.steps, (point) => point[key]);

export const perEvaluation = (curves: Curves, key: "loss" | "score"): Point[] =>
  line(curves.evaluations, (point) => point[key]);

/** The mean of a value and of its neighbours, a hundredth of the line to either side. */
export function smoothed(points: Point[]): Point[] {
  const reach = Math.ceil(points.length / 100);
  const sums = [0];
  const counts = [0];
  for (const { value } of points) {
    sums.push((sums.at(-1) ?? 0) + (value ?? 0));
    counts.push((counts.at(-1) ?? 0) + (value === null ? 0 : 1));
  }
  const between = (totals: number[], from: number, to: number) => (totals[to] ?? 0) - (totals[from] ?? 0);
  return points.map(({ step }, place) => {
    const [from, to] = [Math.max(place - reach, 0), Math.min(place + reach + 1, points.length)];
    const count = between(counts, from, to);
    return { step, value: count > 0 ? between(sums, from, to) / count : null };
  });
}

/** The evaluation whose weights were kept, or the best so far. */
export function keptAt(curves: Curves, epoch: number | undefined): EvaluationPoint | undefined {
  if (epoch === undefined) return curves.evaluations.findLast((point) => point.best);
  return curves.evaluations.findLast((point) => point.epoch === epoch);
}
