import type { Dispute, DocumentView, Said, SpanRow } from "../../lib/bindings";
import { surface } from "./marks";

const same = (a: SpanRow | undefined, b: SpanRow): boolean =>
  a?.start === b.start && a.end === b.end && a.label === b.label;

/** Whether the document says it, as far as it is settled. */
export function holds(view: DocumentView, said: Said): boolean {
  if (said.kind === "span") return view.spans.some((span) => same(span, said.span));
  if (said.kind === "label") return view.answer.labels.includes(said.label);
  if (said.kind === "score") return view.answer.score === said.score;
  const span = (id: number) => view.spans.find((own) => own.id === id);
  return view.relations.some(
    (own) => own.label === said.label && same(span(own.head), said.head) && same(span(own.tail), said.tail),
  );
}

export type Side = "first" | "second" | "neither";

/** What is taken over and what is not, for a side of a difference. */
export function choice(difference: Dispute, side: Side): { take: Said[]; leave: Said[] } {
  const { first, second } = difference;
  if (side === "first") return { take: first, leave: second };
  if (side === "second") return { take: second, leave: first };
  return { take: [], leave: [...first, ...second] };
}

/** The side that a difference stands at. */
export function standing(view: DocumentView, difference: Dispute, side: Side): boolean {
  const { take, leave } = choice(difference, side);
  return take.every((said) => holds(view, said)) && !leave.some((said) => holds(view, said));
}

/** In words, with the text that it is about. */
export function inWords(characters: string[], said: Said, name: (label: number) => string): string {
  if (said.kind === "span") return `${surface(characters, said.span)} (${name(said.span.label)})`;
  if (said.kind === "label") return name(said.label);
  if (said.kind === "score") return String(said.score);
  return `${surface(characters, said.head)} → ${surface(characters, said.tail)} (${name(said.label)})`;
}
