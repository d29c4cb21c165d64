import type { CurvePoint } from "./bindings";

/** The point of a curve at a threshold in hundredths. */
export const pointAt = (curve: CurvePoint[], threshold: number): CurvePoint | undefined =>
  curve.find((point) => Math.abs((point.threshold ?? -1) - threshold) < 0.005);

/** The point with the best F1; of equal ones the one nearest to a half. */
export const bestOf = (curve: CurvePoint[]): CurvePoint | undefined =>
  curve.toSorted(
    (a, b) => (b.f1 ?? -1) - (a.f1 ?? -1) || Math.abs((a.threshold ?? 0) - 0.5) - Math.abs((b.threshold ?? 0) - 0.5),
  )[0];
