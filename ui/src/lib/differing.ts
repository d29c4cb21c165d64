/** A stretch of a text, and whether the other text lacks it. */
export interface Stretch {
  text: string;
  differs: boolean;
}

/** More words than this in the middle are marked as a whole: comparing each with each would take too long. */
const MOST = 600;

/** Words and single signs; the white space before one belongs to it. A Chinese character is a word of its own. */
const words = (text: string) => text.match(/\s*(?:[\p{Script=Han}]|[\p{L}\p{N}]+|[^\s])/gu) ?? [];
const bare = (word: string) => word.trim().toLowerCase();

/** Two texts that are almost the same, with the words marked in which they differ. */
export function differing(one: string, other: string): [Stretch[], Stretch[]] {
  const [a, b] = [words(one), words(other)];
  const same = (i: number, j: number) => bare(a[i] ?? "") === bare(b[j] ?? "");
  let from = 0;
  while (from < a.length && from < b.length && same(from, from)) from += 1;
  let back = 0;
  while (back < Math.min(a.length, b.length) - from && same(a.length - 1 - back, b.length - 1 - back)) back += 1;
  const kept = common(a.slice(from, a.length - back).map(bare), b.slice(from, b.length - back).map(bare));
  const stretches = (all: string[], middle: Set<number>) =>
    joined(all.map((text, at) => ({ text, differs: at >= from && at < all.length - back && !middle.has(at - from) })));
  return [stretches(a, kept[0]), stretches(b, kept[1])];
}

/** The places of a longest sequence of words that both have in the same order. */
function common(a: string[], b: string[]): [Set<number>, Set<number>] {
  const kept: [Set<number>, Set<number>] = [new Set(), new Set()];
  if (a.length > MOST || b.length > MOST) return kept;
  const wide = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * wide);
  const at = (i: number, j: number) => lengths[i * wide + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * wide + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      kept[0].add(i++);
      kept[1].add(j++);
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

/** Neighbours of one kind as one; the white space before a word that differs is not marked with it. */
function joined(stretches: Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  const add = (text: string, differs: boolean) => {
    const last = found.at(-1);
    if (last?.differs === differs) last.text += text;
    else if (text) found.push({ text, differs });
  };
  for (const { text, differs } of stretches) {
    const word = text.trimStart();
    if (differs && !found.at(-1)?.differs) {
      add(text.slice(0, text.length - word.length), false);
      add(word, true);
    } else add(text, differs);
  }
  return found;
}
