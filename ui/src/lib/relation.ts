import { t } from "./language.svelte";

/** What marks an entity in a text: a dummy token as `@GENE$`, or a marker before and one after it. */
const DUMMY = /@[\p{L}\p{N}_-]+\$/gu;
const BETWEEN = [
  [/\[E1\]\s*(.*?)\s*\[\/E1\]/dis, /\[E2\]\s*(.*?)\s*\[\/E2\]/dis],
  [/<e1>\s*(.*?)\s*<\/e1>/dis, /<e2>\s*(.*?)\s*<\/e2>/dis],
] as const;

export interface Entity {
  /** Characters (Unicode code points, not UTF-16 units), the end excluded. */
  start: number;
  end: number;
  label: string;
  look: "entity";
  title: string;
}

const length = (text: string) => Array.from(text).length;

function entity(text: string, from: number, inside: string, place: number): Entity {
  const start = length(text.slice(0, from));
  const title = t(place === 0 ? "data.entity.first" : "data.entity.second");
  return { start, end: start + length(inside), label: String(place + 1), look: "entity", title };
}

/** The two entities of a relation as they stand in the text. */
export function entitiesOf(text: string): Entity[] {
  for (const pair of BETWEEN) {
    const found = pair.map((marked) => marked.exec(text));
    if (found.every((match) => match !== null))
      return found.map((match, place) => entity(text, match.indices?.[1]?.[0] ?? match.index, match[1] ?? "", place));
  }
  return [...text.matchAll(DUMMY)].slice(0, 2).map((match, place) => entity(text, match.index, match[0], place));
}
