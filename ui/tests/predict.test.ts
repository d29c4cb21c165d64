import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";
import type { Answer, Labelling } from "../src/lib/bindings";
import { goOn } from "../src/lib/labelling.svelte";
import { go } from "../src/lib/route.svelte";
import { endedAs, formsOf, typed } from "../src/routes/predict/kept.svelte";
import Predict from "../src/routes/predict/Predict.svelte";

let calls: { command: string; args: unknown }[] = [];

let waiting: Labelling[] = [];

function answer(pair: boolean, task = "classification", given?: Answer): void {
  calls = [];
  go("predict");
  mockIPC((command, args) => {
    calls.push({ command, args });
    if (command === "runs")
      return [{ id: "run-1", task, data: "a.csv", presets: [], seed: 1, score: { dev: 1, test: 1 }, pair }];
    if (command === "predict_text" && given) return given;
    if (command === "labellings") return waiting;
    if (command === "predict_file") return { count: 3, issues: [], lost: [] };
    throw { code: "run-missing", message: "its folder is gone", data: {} };
  });
}

const GIVEN: Answer = {
  task: "multilabel",
  text: "Fever and cough.",
  labels: ["cough", "fever", "rash"],
  predicted: null,
  holding: ["cough", "fever"],
  threshold: 0.35,
  score: null,
  probabilities: [0.4, 0.9, 0.1],
  disagreement: null,
  entities: [],
  seconds: 0.1,
};

async function accessible() {
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map(({ id }) => id)).toEqual([]);
}

afterEach(() => {
  waiting = [];
  Object.assign(typed, { text: "", pair: "" });
  cleanup();
  clearMocks();
});

test("a model of pairs asks for both texts", async () => {
  answer(true);
  render(Predict);
  await userEvent.type(await screen.findByLabelText("Text"), "What helps?");
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Answer" });
  expect(button.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Second text"), "Rest helped.");
  await userEvent.click(button);
  const asked = { command: "predict_text", args: { id: "run-1", text: "What helps?", pair: "Rest helped." } };
  await waitFor(() => expect(calls).toContainEqual(asked));
});

test("a labelling that was cut off goes on by itself, one that was ended when it is wanted", async () => {
  const own = { run: "run-1", input: "notes.csv", texts: true };
  const asked = (output: string) => ({
    command: "predict_file",
    args: expect.objectContaining({ id: "run-1", input: "notes.csv", out: output, texts: true }),
  });
  answer(false);
  waiting = [
    { ...own, output: "killed.csv", goes_on: true },
    { ...own, output: "ended.csv", goes_on: false },
  ];
  await goOn();
  expect(calls).toContainEqual(asked("killed.csv"));
  expect(calls).not.toContainEqual(asked("ended.csv"));
  waiting = waiting.slice(1);
  render(Predict);
  await screen.findByText("notes.csv → ended.csv");
  await accessible();
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  await waitFor(() => expect(calls).toContainEqual(asked("ended.csv")));
  await userEvent.click(await screen.findByRole("button", { name: "Forget it" }));
  await waitFor(() => expect(calls).toContainEqual({ command: "forget_labelling", args: { output: "ended.csv" } }));
});

test("other models ask for one text, and what fails is said beside it", async () => {
  answer(false);
  render(Predict);
  await userEvent.type(await screen.findByLabelText("Text"), "What helps?");
  expect(screen.queryByLabelText("Second text")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  const told = await screen.findByText("Its folder is gone");
  expect(told.closest(".card")?.contains(screen.getByLabelText("Text"))).toBe(true);
});

test("a similarity asks for two sentences and answers with a score", async () => {
  answer(true, "similarity", { ...GIVEN, task: "similarity", labels: [], holding: [], probabilities: [], score: 3.25 });
  render(Predict);
  await userEvent.type(await screen.findByLabelText("First sentence"), "It eased.");
  await userEvent.type(screen.getByLabelText("Second sentence"), "It went away.");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(await screen.findByText("3.25")).toBeTruthy();
  expect(screen.queryByText(/not calibrated/)).toBeNull();
  await accessible();
});

test("a question is asked about a context", async () => {
  answer(true, "qa");
  render(Predict);
  expect(await screen.findByLabelText("Question")).toBeTruthy();
  expect(screen.getByLabelText("Context")).toBeTruthy();
});

test("labels that reach the threshold are given, and said to be", async () => {
  answer(false, "multilabel", GIVEN);
  render(Predict);
  await userEvent.type(await screen.findByLabelText("Text"), "Fever and cough.");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(await screen.findByText("cough; fever")).toBeTruthy();
  expect(screen.getByText(/The line is the threshold, 0.35/)).toBeTruthy();
  expect(screen.getAllByText(/given$/, { selector: ".chip" })).toHaveLength(2);
  await accessible();
});

test("a relation's text is shown with its entities", async () => {
  const text = "@GENE$ binds @DRUG$.";
  answer(false, "relation", { ...GIVEN, task: "relation", text, predicted: "cough", holding: [] });
  const { container } = render(Predict);
  const field = await screen.findByLabelText("Text, its two entities marked");
  await userEvent.type(field, text);
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  await waitFor(() => expect(container.querySelectorAll("mark.entity")).toHaveLength(2));
});

test("files are written as tables, marked texts as corpora too", () => {
  expect(formsOf("similarity")).toEqual(["csv", "xlsx", "parquet", "jsonl"]);
  expect(formsOf("pico")).toContain("brat");
  expect(endedAs("answers.csv", "xlsx")).toBe("answers.xlsx");
  expect(endedAs("answers.csv", "brat")).toBe("answers");
  expect(endedAs("answers", "pubtator")).toBe("answers.pubtator");
  expect(endedAs("run.2.CSV", "csv")).toBe("run.2.CSV");
});
