import type { RunCard } from "./bindings";
import { TAGS, t, written } from "./language.svelte";

/** What stands for a number that is not known. */
const NONE = "–";

/** A whole number with the language's separators. */
export function count(value: number | null | undefined): string {
  return value == null ? NONE : value.toLocaleString(TAGS[written()]);
}

/** A score from 0 to 1, times 100, with one decimal (as papers give it). */
export function score(value: number | null | undefined): string {
  return value == null ? NONE : (100 * value).toFixed(1);
}

/** A correlation times 100, as a score; there is none where either side is all the same. */
export const correlation = (value: number | null | undefined): string =>
  value == null ? t("score.undefined") : score(value);

/** The score by which a run is judged, on one of its splits. */
export function mainScore({ task, score: scores }: Pick<RunCard, "task" | "score">, split: "dev" | "test"): string {
  return scores && task === "similarity" ? correlation(scores[split]) : score(scores?.[split]);
}

/** A share from 0 to 1 as per cent. */
export function percent(value: number | null | undefined, digits = 0): string {
  if (value == null) return NONE;
  return `${(100 * value).toFixed(digits)}${written() === "zh" ? "" : " "}%`;
}

/** A learning rate or another small number: `3e-5`, `0.01`. */
export function small(value: number | null | undefined): string {
  if (value == null) return NONE;
  if (value === 0 || Math.abs(value) >= 0.001) return String(Number(value.toPrecision(3)));
  return value.toExponential(2).replace(/\.?0+e/, "e");
}

/** A number of bytes in decimal units, as disks are sold. */
export const bytes = (value: number | null | undefined): string => sized(value, 1000);

/** A number of bytes in powers of 1024, as memory is sold. */
export const memory = (value: number | null | undefined): string => sized(value, 1024);

function sized(value: number | null | undefined, step: number): string {
  if (value == null) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  while (power < units.length - 1 && Math.round(value / step ** power) >= step) power += 1;
  const scaled = value / step ** power;
  return `${scaled < 10 && power > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${units[power]}`;
}

/** A length of time in the one or two units that matter. */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return NONE;
  if (Math.round(seconds) < 60) return t("time.seconds", { n: Math.max(Math.round(seconds), 1) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("time.minutes", { n: minutes });
  return t("time.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** A device by its name, the processor in words. */
export const deviceName = (name: string): string => (name === "cpu" ? t("devices.kind.cpu") : name);

/** A moment (RFC 3339) in the reader's own time. */
export function moment(iso: string | null | undefined): string {
  if (!iso) return NONE;
  return new Date(iso).toLocaleString(TAGS[written()], { dateStyle: "medium", timeStyle: "short" });
}
