import { t } from "../../lib/language.svelte";

/** A number of parameters as papers give it: `22.7 M`, `335 M`. */
export function millions(parameters: number): string {
  const value = parameters / 1e6;
  return t("model.millions", { n: value < 99.95 ? value.toFixed(1) : String(Math.round(value)) });
}

/** The last part of a path. */
export const baseName = (path: string): string =>
  path
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .pop() ?? path;
