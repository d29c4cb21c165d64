/** The runs that are ticked for comparing. They stay ticked while one of them is looked at. */
export const compared = $state<{ ids: string[] }>({ ids: [] });

const BEFORE = "compare:";
/** No file name of any system holds it, so that ids may be joined by it. */
const BETWEEN = "|";

/** What stands behind `#/results/` where runs are compared. */
export const comparison = (ids: string[]): string => BEFORE + ids.join(BETWEEN);

/** The runs that an address compares; `null` where it compares none. */
export function comparedIn(of: string): string[] | null {
  return of.startsWith(BEFORE) ? of.slice(BEFORE.length).split(BETWEEN).filter(Boolean) : null;
}
