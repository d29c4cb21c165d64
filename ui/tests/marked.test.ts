import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import Marked from "../src/lib/parts/Marked.svelte";

const drawn = (text: string, spans: { start: number; end: number; label: string; look: "gold" | "found" }[]) => {
  const { container } = render(Marked, { text, spans });
  for (const label of container.querySelectorAll(".label, .visually-hidden")) label.remove();
  return {
    text: container.textContent,
    marks: [...container.querySelectorAll("mark")].map((mark) => mark.textContent),
  };
};

test("a text is written as it is, its spans marked", () => {
  const text = "no  fever,\n𝛼-thalassaemia and Grippe";
  const found = drawn(text, [
    { start: 11, end: 25, label: "disease", look: "gold" },
    { start: 30, end: 36, label: "disease", look: "gold" },
  ]);
  expect(found).toEqual({ text, marks: ["𝛼-thalassaemia", "Grippe"] });
});

test("what a span was found to be is read aloud, not only drawn", () => {
  const spans = [{ start: 0, end: 5, label: "Symptom", look: "missed" as const, title: "Symptom: missed" }];
  const { container } = render(Marked, { text: "fever", spans });
  expect(container.querySelector(".visually-hidden")?.textContent?.trim()).toBe("[Symptom: missed]");
});

test("spans that overlap or are equal are cut at their borders", () => {
  const found = drawn("acute renal failure", [
    { start: 0, end: 11, label: "a", look: "gold" },
    { start: 6, end: 19, label: "a", look: "found" },
    { start: 6, end: 19, label: "a", look: "found" },
  ]);
  expect(found).toEqual({ text: "acute renal failure", marks: ["acute ", "renal", " failure"] });
});
