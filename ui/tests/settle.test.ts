import { expect, test } from "vitest";
import type { Dispute, DocumentView, Said } from "../src/lib/bindings";
import { choice, holds, inWords, standing } from "../src/routes/label/settle";

const characters = Array.from("😷 renal failure after gentamicin");
const view: DocumentView = {
  id: 1,
  name: "note",
  text: characters.join(""),
  pair: null,
  patient: null,
  spans: [
    { id: 7, start: 2, end: 15, label: 1 },
    { id: 9, start: 22, end: 32, label: 2 },
  ],
  relations: [{ id: 3, head: 9, tail: 7, label: 5 }],
  answer: { labels: [4], score: 2.5, done: false },
  suggestions: [],
  can_undo: false,
  can_redo: false,
};
const long: Said = { kind: "span", span: { start: 2, end: 15, label: 1 } };
const short: Said = { kind: "span", span: { start: 8, end: 15, label: 1 } };
const joined: Said = {
  kind: "relation",
  head: { start: 22, end: 32, label: 2 },
  tail: { start: 2, end: 15, label: 1 },
  label: 5,
};
const name = (label: number) => ["", "Disease", "Drug", "", "urgent", "causes"][label] ?? "";

test("a document holds what it says, whatever ids it has", () => {
  expect(holds(view, long)).toBe(true);
  expect(holds(view, short)).toBe(false);
  expect(holds(view, { kind: "span", span: { start: 2, end: 15, label: 2 } })).toBe(false);
  expect(holds(view, joined)).toBe(true);
  expect(holds(view, { ...joined, label: 6 })).toBe(false);
  expect(holds({ ...view, spans: [] }, joined)).toBe(false);
  expect(holds(view, { kind: "label", label: 4 })).toBe(true);
  expect(holds(view, { kind: "label", label: 5 })).toBe(false);
  expect(holds(view, { kind: "score", score: 2.5 })).toBe(true);
  expect(holds({ ...view, answer: { ...view.answer, score: null } }, { kind: "score", score: 0 })).toBe(false);
});

test("a difference stands at the side that was taken", () => {
  const difference: Dispute = { first: [long], second: [short] };
  expect(choice(difference, "second")).toEqual({ take: [short], leave: [long] });
  expect(choice(difference, "neither")).toEqual({ take: [], leave: [long, short] });
  const sides = (shown: DocumentView) =>
    (["first", "second", "neither"] as const).filter((side) => standing(shown, difference, side));
  expect(sides(view)).toEqual(["first"]);
  expect(sides({ ...view, spans: [{ id: 8, start: 8, end: 15, label: 1 }] })).toEqual(["second"]);
  expect(sides({ ...view, spans: [] })).toEqual(["neither"]);
  const both = { ...view, spans: [...view.spans, { id: 8, start: 8, end: 15, label: 1 }] };
  expect(sides(both)).toEqual([]);
});

test("what is said is said in the words of the text", () => {
  expect(inWords(characters, long, name)).toBe("renal failure (Disease)");
  expect(inWords(characters, joined, name)).toBe("gentamicin → renal failure (causes)");
  expect(inWords(characters, { kind: "label", label: 4 }, name)).toBe("urgent");
  expect(inWords(characters, { kind: "score", score: 2.5 }, name)).toBe("2.5");
});
