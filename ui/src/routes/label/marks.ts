/** What is drawn over a text, in characters (Unicode code points), the end excluded. */
export interface Mark {
  start: number;
  end: number;
  /** `span` as a person set it, `suggestion` as a model says, `cursor` where the keyboard is. */
  kind: "span" | "suggestion" | "cursor";
  name: string;
  colour: string;
}

/** A stretch of the text under the same marks. */
export interface Piece {
  from: number;
  text: string;
  over: Mark[];
  /** The names of spans that end here. */
  ending: string;
}

/** Line feeds that come in two would be drawn as something; what takes their place is one character as well. */
const INVISIBLE = "\u200b";

export function pieces(characters: string[], marks: Mark[]): Piece[] {
  const borders = new Set([0, characters.length]);
  for (const { start, end } of marks) borders.add(start).add(end);
  const sorted = [...borders].filter((at) => at >= 0 && at <= characters.length).sort((a, b) => a - b);
  const starts = [...marks].sort((a, b) => a.start - b.start);
  let open: Mark[] = [];
  let next = 0;
  return sorted.slice(0, -1).map((from, place) => {
    const to = sorted[place + 1] ?? from;
    open = open.filter((mark) => mark.end > from);
    for (; next < starts.length && (starts[next]?.start ?? 0) <= from; next++) {
      const mark = starts[next];
      if (mark && mark.end > from) open.push(mark);
    }
    const ending = open.filter((mark) => mark.end === to && mark.kind !== "cursor").map((mark) => mark.name);
    const text = characters.slice(from, to).join("").replaceAll("\r", INVISIBLE);
    return { from, text, over: [...open], ending: ending.join(", ") };
  });
}

/** The text under a span, by characters. */
export function surface(characters: string[], span: { start: number; end: number }): string {
  return characters.slice(span.start, span.end).join("");
}

const BLANK = /\s/u;
const ALONE = /[\p{P}\p{S}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Words as the keyboard goes through them: runs of letters and digits, and each sign and ideograph by itself. */
export function words(characters: string[]): [number, number][] {
  const found: [number, number][] = [];
  let open = -1;
  characters.forEach((character, at) => {
    const blank = BLANK.test(character);
    const alone = !blank && ALONE.test(character);
    if ((blank || alone) && open >= 0) {
      found.push([open, at]);
      open = -1;
    }
    if (alone) found.push([at, at + 1]);
    else if (!blank && open < 0) open = at;
  });
  if (open >= 0) found.push([open, characters.length]);
  return found;
}

/** A selection without the white space around it; `null` where nothing is left. */
export function trimmed(characters: string[], from: number, to: number): [number, number] | null {
  let [start, end] = from <= to ? [from, to] : [to, from];
  while (start < end && BLANK.test(characters[start] ?? "")) start += 1;
  while (end > start && BLANK.test(characters[end - 1] ?? "")) end -= 1;
  return start < end ? [start, end] : null;
}

/** The character of the text at a place in the page, where the pieces say where they begin. */
export function characterAt(node: Node | null, offset: number): number | null {
  if (!node) return null;
  const element = node instanceof Element ? node : node.parentElement;
  const piece = element?.closest<HTMLElement>("[data-from]");
  if (piece) {
    const before =
      node instanceof Element
        ? offset === 0
          ? ""
          : (piece.textContent ?? "")
        : (node.textContent ?? "").slice(0, offset);
    return Number(piece.dataset.from) + Array.from(before).length;
  }
  // Between two pieces.
  const child = node.childNodes[offset];
  const after = child instanceof HTMLElement ? child : null;
  if (after?.dataset.from) return Number(after.dataset.from);
  const last = node.childNodes[offset - 1];
  if (last instanceof HTMLElement && last.dataset.from) {
    return Number(last.dataset.from) + Array.from(last.textContent ?? "").length;
  }
  return null;
}

/** The word at or after a character. */
export function wordAt(all: [number, number][], at: number): number {
  const place = all.findIndex(([, end]) => end > at);
  return place < 0 ? Math.max(0, all.length - 1) : place;
}
