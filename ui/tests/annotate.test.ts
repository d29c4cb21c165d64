import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DocumentView, Facts, Label, Suggestion } from "../src/lib/bindings";
import Annotate from "../src/routes/label/Annotate.svelte";
import { learn } from "../src/routes/label/learn.svelte";
import { work } from "../src/routes/label/work.svelte";

const label = (id: number, name: string, kind: Label["kind"], key: string): Label => ({
  id,
  name,
  kind,
  key,
  description: "",
  colour: "#0072b2",
});

const FACTS: Facts = {
  name: "Effects",
  task: "relation",
  created: "",
  documents: 1,
  done: 0,
  labels: [
    label(1, "Drug", "span", "1"),
    label(2, "Effect", "span", "2"),
    label(3, "causes", "relation", "3"),
    label(4, "treats", "relation", "4"),
  ],
  annotators: [{ id: 1, name: "Ada", done: 0 }],
};

const SUGGESTED: Suggestion = {
  id: 7,
  label: 3,
  start: 0,
  end: 7,
  tail_start: 15,
  tail_end: 19,
  score: null,
  confidence: 0.8,
};

const VIEW: DocumentView = {
  id: 5,
  name: "n1",
  text: "Aspirin caused rash.",
  pair: null,
  patient: null,
  spans: [
    { id: 11, start: 0, end: 7, label: 1 },
    { id: 12, start: 15, end: 19, label: 2 },
  ],
  relations: [],
  answer: { labels: [], score: null, done: false },
  suggestions: [SUGGESTED],
  can_undo: false,
  can_redo: false,
};

let calls: { command: string; args: Record<string, unknown> }[] = [];

beforeEach(() => {
  calls = [];
  mockIPC((command, args) => {
    calls.push({ command, args: args as Record<string, unknown> });
    if (command === "project_precision") return [{ confidence: 0, decided: 4, right: 3 }];
    return VIEW;
  });
  Object.assign(work, { id: "p", facts: FACTS, annotator: 1, view: VIEW, over: false, failure: null });
  Object.assign(learn, { learning: { rounds: [], hint: null, ensemble: false } });
  Element.prototype.scrollIntoView = () => undefined;
});

afterEach(() => {
  cleanup();
  clearMocks();
});

const acted = (action: unknown) => ({
  command: "project_act",
  args: { id: "p", annotator: 1, document: 5, action },
});

function shown() {
  const nothing = () => undefined;
  render(Annotate, { texts: nothing, labels: nothing, toLearn: nothing });
  return screen.getByRole("textbox", { name: "Text of n1" });
}

test("a suggested relation names both ends and is decided by button or key, also under another label", async () => {
  const text = shown();
  const said = await screen.findByText(/Aspirin → rash/);
  expect(said.textContent).toContain("causes");
  expect(document.querySelector("#document-text .suggested")).toBeNull();
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map(({ id }) => id)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Accept: Aspirin → rash" }));
  await waitFor(() => expect(calls).toContainEqual(acted({ kind: "accept", suggestion: 7, label: null })));
  text.focus();
  await userEvent.keyboard("4");
  await waitFor(() => expect(calls).toContainEqual(acted({ kind: "accept", suggestion: 7, label: 4 })));
  await userEvent.keyboard("x");
  await waitFor(() => expect(calls).toContainEqual(acted({ kind: "reject", suggestion: 7 })));
});

test("a key means the text where nothing else has the focus, and a field where one is typed in", async () => {
  shown();
  await userEvent.keyboard("{ArrowRight}2");
  const change = { kind: "change-span", id: 11, start: 0, end: 7, label: 2 };
  await waitFor(() => expect(calls).toContainEqual(acted(change)));
  expect(calls.filter(({ command }) => command === "project_act")).toHaveLength(1);
  const field = document.createElement("input");
  document.body.append(field);
  field.focus();
  await userEvent.keyboard("x1");
  expect(field.value).toBe("x1");
  expect(calls.filter(({ command }) => command === "project_act")).toHaveLength(1);
  field.remove();
});

test("where there is a model it is asked about the entities as they are, once", async () => {
  Object.assign(learn, {
    learning: {
      rounds: [{ id: 1, run: "r", labelled: 20, score: 0.8, confidence: 0.9, at: "" }],
      hint: null,
      ensemble: false,
    },
  });
  shown();
  const asked = { command: "project_suggest_for", args: { id: "p", annotator: 1, document: 5 } };
  await waitFor(() => expect(calls).toContainEqual(asked), { timeout: 2000 });
  await new Promise((done) => setTimeout(done, 600));
  expect(calls.filter(({ command }) => command === "project_suggest_for")).toHaveLength(1);
});
