import type { Key } from "../../lib/catalogue";
import { t } from "../../lib/language.svelte";

const SEPARATORS: Record<string, Key> = {
  ",": "data.separator.comma",
  ";": "data.separator.semicolon",
  "\t": "data.separator.tab",
  "|": "data.separator.pipe",
};

/** What separates the columns of a table, in words. */
export function separatorOf(delimiter: string): string {
  const known = SEPARATORS[delimiter];
  return known ? t(known) : delimiter;
}
