import { expect, test } from "vitest";
import { characterAt, type Mark, pieces, trimmed, wordAt, words } from "../src/routes/label/marks";
import { shaded } from "../src/routes/predict/shades";

const of = (text: string) => Array.from(text);
const mark = (start: number, end: number, name = "A", kind: Mark["kind"] = "span"): Mark => ({
  start,
  end,
  kind,
  name,
  colour: "#123456",
});

test("pieces are the text, whatever is marked in it", () => {
  const text = of("Acute 😷 renal\r\nfailure");
  const drawn = pieces(text, [
    mark(0, 7),
    mark(6, 13, "B"),
    mark(8, 13, "", "cursor"),
    mark(15, 22, "C", "suggestion"),
  ]);
  expect(
    drawn
      .map((piece) => piece.text)
      .join("")
      .replaceAll("\u200b", "\r"),
  ).toBe(text.join(""));
  expect(drawn.map((piece) => [piece.from, piece.over.length, piece.ending])).toEqual([
    [0, 1, ""],
    [6, 2, "A"],
    [7, 1, ""],
    [8, 2, "B"],
    [13, 0, ""],
    [15, 1, "C"],
  ]);
});

test("words are runs of letters, and signs and ideographs by themselves", () => {
  expect(words(of("No fever (39.5°)"))).toEqual([
    [0, 2],
    [3, 8],
    [9, 10],
    [10, 12],
    [12, 13],
    [13, 14],
    [14, 15],
    [15, 16],
  ]);
  expect(words(of("肺炎 x"))).toEqual([
    [0, 1],
    [1, 2],
    [3, 4],
  ]);
  expect(words([])).toEqual([]);
});

test("a selection loses its white space, and turns round where it was made backwards", () => {
  const text = of("  renal failure \n");
  expect(trimmed(text, 0, 17)).toEqual([2, 15]);
  expect(trimmed(text, 15, 2)).toEqual([2, 15]);
  expect(trimmed(text, 0, 2)).toBeNull();
  expect(wordAt(words(text), 3)).toBe(0);
  expect(wordAt(words(text), 7)).toBe(1);
  expect(wordAt(words(text), 99)).toBe(1);
});

test("a place in the page is a character of the text", () => {
  const box = document.createElement("div");
  box.innerHTML = '<span data-from="0">a😷b</span><span data-from="3">cd</span>';
  const [first, second] = [box.children[0], box.children[1]];
  expect(characterAt(first?.firstChild ?? null, 3)).toBe(2);
  expect(characterAt(second?.firstChild ?? null, 1)).toBe(4);
  expect(characterAt(box, 1)).toBe(3);
  expect(characterAt(box, 2)).toBe(5);
  expect(characterAt(second ?? null, 0)).toBe(3);
  expect(characterAt(null, 0)).toBeNull();
});

test("an explained text is whole, and its strongest part has the full share", () => {
  const piece = (start: number, end: number, value: number) => ({ in_pair: false, start, end, value });
  const shades = shaded("No 😷 fever", [piece(5, 10, -2), piece(0, 2, 1)]);
  expect(shades.map((shade) => shade.text).join("")).toBe("No 😷 fever");
  expect(shades.map((shade) => [shade.text, shade.share])).toEqual([
    ["No", 0.5],
    [" 😷 ", 0],
    ["fever", -1],
  ]);
  expect(shaded("", [])).toEqual([]);
});
