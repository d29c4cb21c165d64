import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClassScores, CurvePoint, Recipe, ReviewedExample, RunDetails, Scores, Task } from "../src/lib/bindings";
import { mainScore } from "../src/lib/format";
import { follow } from "../src/lib/jobs.svelte";
import { go } from "../src/lib/route.svelte";
import { bestOf } from "../src/lib/threshold";
import Results from "../src/routes/results/Results.svelte";
import { judgedLabels } from "../src/routes/results/sets";

const LABELS = ["inhibits", "none"];
const label = (name: string, f1: number): ClassScores => ({
  label: name,
  precision: f1,
  recall: f1,
  f1,
  support: 30,
  predicted: 30,
});
const PER_LABEL = LABELS.map((name, place) => label(name, 0.6 + place / 10));
const MICRO = { precision: 0.7, recall: 0.6, f1: 0.646, gold: 30, predicted: 26, correct: 18 };
const CONFUSION = [
  [18, 12],
  [8, 22],
];
const CURVE: CurvePoint[] = Array.from({ length: 99 }, (_, place) => {
  const threshold = (place + 1) / 100;
  return { threshold, precision: threshold, recall: 1 - threshold, f1: place === 34 ? 0.9 : 0.5 };
});
const SCORES: Record<Exclude<Task, "ner" | "classification">, Scores> = {
  pico: { task: "pico", texts: 40, words: 9000, macro_f1: 0.71, accuracy: 0.9, per_type: PER_LABEL },
  relation: {
    task: "relation",
    n: 60,
    negative: 1,
    micro: MICRO,
    macro_f1: 0.6,
    accuracy: 0.67,
    per_class: PER_LABEL,
    confusion: CONFUSION,
    constant_f1: 0.5,
    constant_accuracy: 0.5,
  },
  similarity: { task: "similarity", n: 3, pearson: 0.87, spearman: 0.8, mse: 0.2, mae: 0.3, gold_variance: 1.1 },
  multilabel: {
    task: "multilabel",
    n: 60,
    threshold: 0.5,
    micro: MICRO,
    macro_f1: 0.6,
    exact_match: 0.4,
    hamming_loss: 0.1,
    per_label: PER_LABEL,
    average_precision: [0.81, null],
    constant_f1: 0.3,
    curve: CURVE,
  },
  qa: {
    task: "qa",
    n: 60,
    accuracy: 0.67,
    macro_precision: 0.6,
    macro_recall: 0.6,
    macro_f1: 0.6,
    micro_precision: 0.67,
    micro_recall: 0.67,
    micro_f1: 0.67,
    mcc: 0.3,
    per_class: PER_LABEL,
    confusion: CONFUSION,
    constant_accuracy: 0.5,
  },
};

const EXAMPLE: ReviewedExample = {
  id: "e-1",
  text: "@GENE$ is inhibited by @DRUG$.",
  pair: null,
  gold: "inhibits",
  predicted: "none",
  gold_labels: [],
  predicted_labels: [],
  gold_score: null,
  predicted_score: null,
  confidence: 0.8,
  probabilities: [0.2, 0.8],
  gold_spans: [],
  predicted_spans: [],
  right: false,
};

let task: keyof typeof SCORES = "relation";
let example: ReviewedExample = EXAMPLE;
let threshold: number | null = null;
let scores: Scores = SCORES.relation;
let asked: { command: string; args: Record<string, unknown> }[] = [];
const calls = (command: string) => asked.filter((call) => call.command === command).map(({ args }) => args);

const details = (): RunDetails => ({
  card: {
    study: null,
    members: 0,
    id: "a",
    started: "2026-11-23T20:14:05Z",
    ended: "2026-11-23T20:41:55Z",
    state: "completed",
    task,
    encoder: "starter",
    presets: ["freeze"],
    seed: 3,
    device: "cpu",
    data: "letters.csv",
    dataset: "9f2c",
    train: 780,
    dev: 150,
    test: 60,
    pair: task === "qa" || task === "similarity",
    score: { dev: 0.646, test: scores.task === "similarity" ? scores.pearson : 0.646 },
    failed: false,
    problem: null,
  },
  recipe: { task, presets: ["freeze"], keep: "best" } as Recipe,
  labels: task === "similarity" ? [] : LABELS,
  drawn_split: true,
  results: { kept_epoch: 2, steps: 90, dev: scores, test: scores, notes: [] },
  threshold,
  curves: { steps: [], evaluations: [], warnings: [], collapses: [] },
  has_texts: true,
  has_model: true,
  study: null,
});

function shell(command: string, args: Record<string, unknown>): unknown {
  asked.push({ command, args });
  if (command === "run_details") return details();
  if (command === "run_examples") return { total: 1, counts: [], examples: [example] };
  if (command === "run_threshold") {
    threshold = args.threshold as number;
    return details();
  }
  if (command === "run_pairs")
    return [
      { id: "p-2", gold: 3, predicted: 2.5 },
      { id: "p-1", gold: 1, predicted: 1.25 },
      { id: "p-3", gold: 4, predicted: 4 },
    ];
  return null;
}

beforeEach(() => {
  [asked, example, threshold] = [[], EXAMPLE, null];
  follow({ jobs: [], curves: [] });
  mockIPC((command, args) => shell(command, args as Record<string, unknown>));
});

afterEach(() => {
  cleanup();
  clearMocks();
});

async function open(of: keyof typeof SCORES, heading: RegExp) {
  [task, scores] = [of, SCORES[of]];
  go("results", "a");
  const { container } = render(Results);
  await screen.findByRole("heading", { level: 1, name: heading });
  return container;
}

async function accessible(container: Element) {
  const { violations } = await axe.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

const tab = async (name: string) => userEvent.click(screen.getByRole("tab", { name }));
const tabs = () => screen.getAllByRole("tab").map((tab) => tab.textContent);

test("a relation says which label is not counted, and marks the two entities", async () => {
  const container = await open("relation", /Micro F1 64.6 on test/);
  expect(screen.getByText(/“none” says that there is none and is not counted/)).toBeTruthy();
  await waitFor(() =>
    expect([...container.querySelectorAll("mark.entity")].map((mark) => mark.getAttribute("title"))).toEqual([
      "first entity",
      "second entity",
    ]),
  );
  await accessible(container);
  await tab("Scores");
  const negative = screen.getByRole("rowheader", { name: /^none/ });
  expect(within(negative).getByText("not counted")).toBeTruthy();
  expect(screen.getAllByText("not counted")).toHaveLength(1);
  await accessible(container);
  await tab("Confusion");
  expect(screen.getByRole("button", { name: "12 with inhibits in the data, predicted none" })).toBeTruthy();
});

test("words of PICO are counted by word", async () => {
  const container = await open("pico", /Word macro F1 64.6 on test/);
  expect(screen.getByText(/Counted by word.*40 texts with 9,000 words/s)).toBeTruthy();
  expect(tabs()).not.toContain("Confusion");
  await tab("Scores");
  expect(screen.getByRole("table", { name: "Per type, on test, counted by word" })).toBeTruthy();
  await accessible(container);
});

test("questions and contexts are named, and answers have a confusion matrix", async () => {
  example = { ...EXAMPLE, text: "Does it help?", pair: "It helped.", gold: "inhibits" };
  const container = await open("qa", /Accuracy 64.6 on test/);
  expect(await screen.findByText("Question")).toBeTruthy();
  expect(screen.getByText("Context")).toBeTruthy();
  expect(tabs()).toContain("Confusion");
  await accessible(container);
});

test("pairs are shown as dots that keys go through, and as a table", async () => {
  example = { ...EXAMPLE, gold: null, predicted: null, gold_score: 3, predicted_score: 2.5, probabilities: [] };
  const container = await open("similarity", /Pearson 87.0 on test/);
  expect(await screen.findByText("off by 0.5")).toBeTruthy();
  expect(screen.queryByRole("radio", { name: /Wrong/ })).toBeNull();
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Order" }), "Largest error first");
  await waitFor(() => expect(calls("run_examples").at(-1)?.query).toMatchObject({ sort: "worst" }));
  await tab("Scores");
  const chart = await screen.findByRole("slider");
  expect(calls("run_pairs")).toEqual([{ id: "a" }]);
  expect(chart.getAttribute("aria-valuetext")).toContain("3 pairs. Pearson correlation 87.0");
  chart.focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(chart.getAttribute("aria-valuetext")).toBe("p-2: 3 in the data, predicted 2.5");
  const rows = within(screen.getByRole("table", { name: /All pairs/, hidden: true })).getAllByRole("rowheader", {
    hidden: true,
  });
  expect(rows.map((row) => row.textContent)).toEqual(["p-2", "p-1", "p-3"]);
  await accessible(container);
});

test("a correlation that cannot be computed is said to be undefined", () => {
  expect(mainScore({ task: "similarity", score: { dev: null, test: -0.1 } }, "dev")).toBe("undefined");
  expect(mainScore({ task: "similarity", score: { dev: null, test: -0.1 } }, "test")).toBe("-10.0");
  expect(mainScore({ task: "similarity", score: null }, "test")).toBe("–");
  expect(mainScore({ task: "ner", score: { dev: null, test: 0.5 } }, "dev")).toBe("–");
});

test("sets of labels tell in words what was missed and what is spurious", async () => {
  example = {
    ...EXAMPLE,
    gold: null,
    predicted: null,
    gold_labels: ["fever", "cough"],
    predicted_labels: ["cough", "rash"],
  };
  expect(judgedLabels(example).map(({ label, verdict }) => `${label} ${verdict}`)).toEqual([
    "fever missed",
    "cough right",
    "rash spurious",
  ]);
  const container = await open("multilabel", /Micro F1 64.6 on test/);
  const set = within(await screen.findByRole("list", { name: "Labels" }));
  expect(set.getByText("fever: missed, it is in the data")).toBeTruthy();
  expect(set.getByText("rash: spurious, not in the data")).toBeTruthy();
  expect(screen.getByText("1 missed")).toBeTruthy();
  expect(screen.queryByText("Confidence")).toBeNull();
  await accessible(container);
  await tab("Scores");
  const row = screen.getByRole("row", { name: /^inhibits/ });
  expect(within(row).getByText("81.0")).toBeTruthy();
  await accessible(container);
});

test("a threshold is chosen on dev and then used", async () => {
  const container = await open("multilabel", /Micro F1/);
  await tab("Scores");
  const slider = screen.getByRole<HTMLInputElement>("slider", { name: "Threshold" });
  expect(slider.value).toBe("50");
  expect(screen.getByText("Answers and exports of this run use 0.5.")).toBeTruthy();
  await accessible(container);
  await userEvent.click(screen.getByRole("button", { name: "Best F1 on dev" }));
  expect(slider.value).toBe("35");
  expect(screen.getByRole("row", { name: "dev 35.0 65.0 90.0" })).toBeTruthy();
  const field = screen.getByRole("spinbutton", { name: "Threshold" });
  await userEvent.clear(field);
  await userEvent.type(field, "0.4");
  expect(slider.value).toBe("40");
  await userEvent.click(screen.getByRole("button", { name: "Best F1 on dev" }));
  await userEvent.click(screen.getByRole("button", { name: "Use this threshold" }));
  expect(calls("run_threshold")).toEqual([{ id: "a", threshold: 0.35 }]);
  expect(await screen.findByText(/now use 0.35.*those at 0.5/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Use this threshold" }).disabled).toBe(true);
});

test("of equally good thresholds the one nearest to a half is the best", () => {
  const flat = CURVE.map((point) => ({ ...point, f1: 0.5 }));
  expect(bestOf(flat)?.threshold).toBe(0.5);
  expect(bestOf([])).toBeUndefined();
});
