import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type {
  ClassScores,
  Difference,
  ExampleQuery,
  Failure,
  JobView,
  Recipe,
  ReviewedExample,
  RunCard,
  RunDetails,
  Scores,
} from "../src/lib/bindings";
import Curves from "../src/lib/charts/Curves.svelte";
import { smoothed } from "../src/lib/charts/lines";
import { draft } from "../src/lib/draft.svelte";
import { follow } from "../src/lib/jobs.svelte";
import { go, route } from "../src/lib/route.svelte";
import { compared, comparison } from "../src/routes/results/compared.svelte";
import Results from "../src/routes/results/Results.svelte";
import { drawnSpans } from "../src/routes/results/spans";
import { points, settingValue } from "../src/routes/results/words";

const LABELS = ["change", "other", "reaction"];
const RECIPE: Recipe = {
  task: "ner",
  presets: ["freeze"],
  seed: 3,
  epochs: 12,
  "batch-size": 16,
  accumulate: 1,
  "learning-rate": 2e-5,
  warmup: 0.1,
  "weight-decay": 0.01,
  "clip-norm": 1,
  dropout: 0.1,
  "max-length": 256,
  keep: "best",
  patience: null,
  "class-weights": false,
  "keep-head": false,
  "frozen-layers": 6,
  "frozen-dropout": false,
  decay: 1,
  "reinit-layers": 0,
  truncate: false,
};

const card = (id: string, change: Partial<RunCard> = {}): RunCard => ({
  id,
  started: "2026-11-23T20:14:05Z",
  ended: "2026-11-23T20:41:55Z",
  state: "completed",
  task: "ner",
  encoder: "starter",
  presets: ["freeze"],
  seed: 3,
  device: "cpu",
  data: "letters.csv",
  dataset: "9f2c",
  train: 780,
  dev: 150,
  test: 160,
  pair: false,
  score: { dev: 0.831, test: 0.819 },
  failed: false,
  problem: null,
  study: null,
  members: 0,
  ...change,
});

const label = (name: string, f1: number, support: number): ClassScores => ({
  label: name,
  precision: f1,
  recall: f1,
  f1,
  support,
  predicted: support,
});

const MATCHED = { precision: 0.83, recall: 0.8, f1: 0.819, gold: 412, predicted: 398, correct: 330 };
const ENTITIES: Scores = {
  task: "ner",
  sentences: 160,
  exact: MATCHED,
  macro_f1: 0.77,
  partial: { ...MATCHED, f1: 0.879 },
  per_type: [label("Anatomy", 0.61, 12), label("Drug", 0.88, 140), label("Disease", 0.83, 260)],
};
const CLASSES: Scores = {
  task: "classification",
  n: 60,
  accuracy: 0.8,
  macro_precision: 0.7,
  macro_recall: 0.7,
  macro_f1: 0.69,
  micro_precision: 0.8,
  micro_recall: 0.8,
  micro_f1: 0.8,
  mcc: 0.6,
  per_class: LABELS.map((name) => label(name, 0.7, 20)),
  confusion: [
    [15, 5, 0],
    [2, 17, 1],
    [0, 3, 17],
  ],
  constant_accuracy: 0.33,
};

const details = (of: RunCard): RunDetails => {
  const scores = of.task === "ner" ? ENTITIES : CLASSES;
  return {
    card: of,
    recipe: { ...RECIPE, task: of.task },
    labels: of.task === "ner" ? ["Anatomy", "Disease", "Drug"] : LABELS,
    drawn_split: true,
    threshold: null,
    results: of.score ? { kept_epoch: 7, steps: 490, dev: scores, test: scores, notes: ["12 texts are long."] } : null,
    curves: {
      steps: [1, 2, 3].map((step) => ({ step, loss: 1 / step, learning_rate: 2e-5, gradient_norm: 1 })),
      evaluations: [{ step: 3, epoch: 7, loss: 0.5, score: 0.831, best: true, gradients: [] }],
      warnings: [{ step: 2, message: "This step was skipped." }],
      collapses: [],
    },
    has_texts: true,
    has_model: of.score !== null,
    study: null,
  };
};

const TEXT = "😀 Aspirin helped the ataxia of the hand.";
const ENTITY: ReviewedExample = {
  id: "17",
  text: TEXT,
  pair: null,
  gold: null,
  predicted: null,
  gold_labels: [],
  predicted_labels: [],
  gold_score: null,
  predicted_score: null,
  confidence: 0.42,
  probabilities: [],
  gold_spans: [
    { start: 2, end: 9, label: "Drug", confidence: null, verdict: "right" },
    { start: 21, end: 27, label: "Disease", confidence: null, verdict: "missed" },
  ],
  predicted_spans: [{ start: 2, end: 9, label: "Drug", confidence: 0.42, verdict: "right" }],
  right: false,
};
const CLASS: ReviewedExample = {
  ...ENTITY,
  text: "Stop warfarin.",
  gold: "change",
  predicted: "other",
  probabilities: [0.3, 0.6, 0.1],
  gold_spans: [],
  predicted_spans: [],
};

const MISSING: Failure = { code: "run-missing", message: "runs/nope is no run folder", data: {} };

let cards: RunCard[] = [];
let texts = true;
let asked: { command: string; args: Record<string, unknown> }[] = [];
const calls = (command: string) => asked.filter((call) => call.command === command).map(({ args }) => args);
const queries = () => calls("run_examples").map(({ query }) => query as ExampleQuery);

function shell(command: string, args: Record<string, unknown>): unknown {
  asked.push({ command, args });
  if (command === "runs") return cards;
  if (command === "delete_run") cards = cards.filter(({ id }) => id !== args.id);
  if (command === "forget_texts") texts = false;
  if (command === "propose") throw { code: "no-data", message: "no data is open", data: {} };
  if (command === "compare_runs")
    return [{ key: "learning-rate", values: ["0.00003", "0.00002"] }] satisfies Difference[];
  if (command === "run_details") {
    const found = cards.find(({ id }) => id === args.id);
    if (!found) throw MISSING;
    return { ...details(found), has_texts: texts };
  }
  if (command === "run_examples") {
    const { from, count } = args.query as ExampleQuery;
    const of = cards.find(({ id }) => id === args.id)?.task === "ner" ? ENTITY : CLASS;
    const examples = Array.from({ length: Math.min(count, 120 - from) }, (_, place) => {
      const example = { ...of, id: String(17 + from + place) };
      return texts ? example : { ...example, text: null };
    });
    return {
      total: 120,
      counts: [
        { filter: "all", count: 120 },
        { filter: "missed", count: 31 },
      ],
      examples,
    };
  }
  return null;
}

beforeEach(() => {
  cards = [card("a"), card("b", { seed: 4, score: { dev: 0.8, test: 0.802 } })];
  [texts, asked, compared.ids] = [true, [], []];
  follow({ jobs: [], curves: [] });
  go("results");
  mockIPC((command, args) => shell(command, args as Record<string, unknown>));
});

afterEach(() => {
  cleanup();
  clearMocks();
});

async function open(of: string | null, heading: RegExp) {
  go("results", of);
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

test("without runs a link leads to the sample", async () => {
  cards = [];
  const container = await open(null, /Results/);
  expect((await screen.findByText("Try it with the sample")).getAttribute("href")).toBe("#/home");
  await accessible(container);
});

test("the list says in words how each run ended", async () => {
  cards = [
    card("a", { failed: true }),
    card("b", { state: "interrupted", score: null }),
    card("c", {
      state: "failed",
      score: null,
      problem: { code: "of-tomorrow", message: "the loss is not a number", data: {} },
    }),
  ];
  const container = await open(null, /Results/);
  expect(await screen.findByText("no better than guessing")).toBeTruthy();
  expect(screen.getByText("The loss is not a number")).toBeTruthy();
  await accessible(container);
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  expect(calls("resume")).toEqual([{ id: "b", device: null }]);
  expect(route).toMatchObject({ screen: "train", of: "b" });
});

test("two ticked runs are compared, one is not enough", async () => {
  await open(null, /Results/);
  const boxes = await screen.findAllByRole("checkbox");
  const compare = screen.getByRole<HTMLButtonElement>("button", { name: "Compare" });
  await userEvent.click(boxes[0] as Element);
  expect(compare.disabled).toBe(true);
  await userEvent.click(boxes[1] as Element);
  await userEvent.click(compare);
  expect(route.of).toBe(comparison(["a", "b"]));
});

test("a run is deleted only after it was confirmed", async () => {
  await open(null, /Results/);
  const remove = await screen.findAllByRole("button", { name: /^Delete the run letters/ });
  await userEvent.click(remove[0] as Element);
  await userEvent.click(await screen.findByRole("button", { name: "Keep it" }));
  expect(calls("delete_run")).toEqual([]);
  await userEvent.click(remove[0] as Element);
  await userEvent.click(await screen.findByRole("button", { name: "Delete the run" }));
  expect(calls("delete_run")).toEqual([{ id: "a" }]);
  await waitFor(() => expect(screen.getAllByRole("checkbox")).toHaveLength(1));
});

test("the heading tells the score, and below it what it means", async () => {
  const container = await open("a", /Entity F1 81.9 on test/);
  expect(
    screen.getByText(/borders and its type are exactly right.*160 texts with 412 entities.*epoch 7/s),
  ).toBeTruthy();
  expect(screen.getByText(/one run with one seed/)).toBeTruthy();
  expect(screen.queryByRole("tab", { name: "Confusion" })).toBeNull();
  await screen.findByText("Missed 31");
  expect(screen.getAllByText("Disease", { selector: ".label" }).length).toBeGreaterThan(0);
  await accessible(container);
});

test("a run no better than guessing carries a warning", async () => {
  cards = [card("a", { failed: true })];
  await open("a", /Entity F1/);
  expect(within(screen.getByRole("note")).getByText(/Do not use this model/)).toBeTruthy();
});

test("filter, order and search ask anew, more goes on from where the list ends", async () => {
  await open("a", /Entity F1/);
  await userEvent.click(await screen.findByRole("button", { name: "Show 50 more" }));
  await screen.findByText("100 of 120");
  expect(queries().at(-1)).toMatchObject({ filter: "all", sort: "order", from: 50, count: 50 });
  await userEvent.click(screen.getByRole("radio", { name: /Missed/ }));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Order" }), "worst");
  await waitFor(() => expect(queries().at(-1)).toMatchObject({ filter: "missed", sort: "worst", from: 0 }));
  const before = queries().length;
  await userEvent.type(screen.getByRole("searchbox"), "ataxia");
  await waitFor(() => expect(queries().at(-1)).toMatchObject({ search: "ataxia" }));
  expect(queries().length).toBe(before + 1);
});

test("a cell of the confusion matrix opens its examples", async () => {
  cards = [card("a", { task: "classification" })];
  const container = await open("a", /Macro F1/);
  await tab("Confusion");
  await accessible(container);
  await userEvent.click(screen.getByRole("button", { name: "5 with change in the data, predicted other" }));
  await waitFor(() => expect(queries().at(-1)).toMatchObject({ gold: "change", predicted: "other" }));
  await waitFor(() => expect(screen.getAllByText("Stop warfarin.")).toHaveLength(50));
  await userEvent.click(screen.getByRole("button", { name: "Show all examples" }));
  await waitFor(() => expect(queries().at(-1)).toMatchObject({ gold: null, predicted: null }));
});

test("labels sort by their scores, and rare ones are marked", async () => {
  const container = await open("a", /Entity F1/);
  await tab("Scores");
  const table = screen.getByRole("table", { name: "Per label, on test" });
  const names = () =>
    within(table)
      .getAllByRole("rowheader")
      .map((cell) => cell.textContent?.trim());
  expect(names()).toEqual(["Anatomy", "Disease", "Drug"]);
  await userEvent.click(within(table).getByRole("button", { name: "F1" }));
  expect(names()).toEqual(["Drug", "Disease", "Anatomy"]);
  expect(within(table).getAllByText("few")).toHaveLength(1);
  await accessible(container);
});

test("curves, recipe and notes stand in their parts", async () => {
  const container = await open("a", /Entity F1/);
  await tab("Curves");
  expect(screen.getAllByText("kept: epoch 7: step 3")).toHaveLength(2);
  await accessible(container);
  await tab("Recipe");
  expect(screen.getByRole("row", { name: "Learning rate 2e-5" })).toBeTruthy();
  await accessible(container);
  await tab("Notes");
  expect(screen.getByText("12 texts are long.")).toBeTruthy();
  expect(screen.getByText("This step was skipped.")).toBeTruthy();
  await accessible(container);
});

test("a recipe used again is put into the draft", async () => {
  await open("a", /Entity F1/);
  await tab("Recipe");
  await userEvent.click(screen.getByRole("button", { name: "Use this recipe again" }));
  await waitFor(() => expect(route.screen).toBe("recipe"));
  expect(draft.wish.choices).toMatchObject({ presets: ["freeze"], seed: 3, epochs: 12, "freeze.k": 6 });
  expect(draft.wish.choices).not.toHaveProperty("frozen-layers");
  expect(draft.wish.choices).not.toHaveProperty("truncate");
});

test("texts that were deleted are shown as ids", async () => {
  await open("a", /Entity F1/);
  await userEvent.click(await screen.findByRole("button", { name: "Delete the texts" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete the texts" }));
  expect(calls("forget_texts")).toEqual([{ id: "a" }]);
  await waitFor(() => expect(screen.getAllByText("Text deleted from this computer")).toHaveLength(50));
});

test("the next step is the export", async () => {
  await open("a", /Entity F1/);
  await userEvent.click(screen.getByRole("button", { name: "Export model" }));
  expect(route).toMatchObject({ screen: "export", of: "a" });
});

test("a run that is missing is said, with a way back", async () => {
  const container = await open("nope", /Results/);
  expect((await screen.findByRole("alert")).textContent).toContain("no run folder");
  await accessible(container);
});

test("an interrupted run shows its curves and goes on", async () => {
  cards = [card("a", { state: "interrupted", score: null, failed: null })];
  await open("a", /No results yet/);
  expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(["Curves", "Recipe", "Notes"]);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Export model" }).disabled).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  expect(route).toMatchObject({ screen: "train", of: "a" });
});

test("a run that is going on leads to its training, and is read anew when it ends", async () => {
  cards = [card("a", { state: "running", score: null, failed: null })];
  const job: JobView = {
    ...{ id: "a", data: "letters.csv", task: "ner", encoder: "starter", presets: ["freeze"], seed: 3, device: "cpu" },
    study: null,
    state: "training",
    problem: null,
    progress: {} as JobView["progress"],
  };
  follow({ jobs: [job], curves: [] });
  await open("a", /No results yet/);
  expect(screen.getByRole("link", { name: "Watch it train" }).getAttribute("href")).toBe("#/train/a");
  expect(screen.queryByRole("button", { name: "Delete" })).toBeNull();
  cards = [card("a")];
  follow({ jobs: [{ ...job, state: "completed" }], curves: [] });
  expect(await screen.findByRole("heading", { level: 1, name: /Entity F1 81.9/ })).toBeTruthy();
});

test("a comparison gives differences in points and names the settings", async () => {
  const container = await open(comparison(["a", "b"]), /2 runs compared/);
  expect(await screen.findByText("−1.7")).toBeTruthy();
  expect(screen.getByText(/smaller than what another seed makes/)).toBeTruthy();
  expect(screen.getByRole("row", { name: "Learning rate 3e-5 2e-5" })).toBeTruthy();
  await accessible(container);
});

test("runs on different data are not subtracted", async () => {
  cards[1] = card("b", { dataset: "other" });
  await open(comparison(["a", "b"]), /2 runs compared/);
  expect(await screen.findByText(/cannot be compared/)).toBeTruthy();
  expect(screen.queryByText("±0.0")).toBeNull();
});

test("curves tell their course in words and by keys", async () => {
  const at = (values: number[]) => values.map((value, place) => ({ step: 10 * place, value }));
  const series = [{ label: "train", points: at([2, 0.5, 1]), colour: "var(--accent)" }];
  render(Curves, { title: "Loss", series });
  expect(
    screen.getByText(
      "train: begins with 2 at step 0, ends with 1 at step 20; lowest 0.5 at step 10, highest 2 at step 0.",
    ),
  ).toBeTruthy();
  const slider = screen.getByRole("slider");
  slider.focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(slider.getAttribute("aria-valuetext")).toBe("train 0.5, step 10");
});

test("spans are drawn once where data and model agree on the borders", () => {
  const example: ReviewedExample = {
    ...ENTITY,
    gold_spans: [
      { start: 0, end: 4, label: "Drug", confidence: null, verdict: "wrong-type" },
      { start: 5, end: 9, label: "Drug", confidence: null, verdict: "wrong-borders" },
    ],
    predicted_spans: [
      { start: 0, end: 4, label: "Disease", confidence: 0.5, verdict: "wrong-type" },
      { start: 6, end: 9, label: "Drug", confidence: 0.5, verdict: "wrong-borders" },
    ],
  };
  expect(drawnSpans(example).map(({ label, look }) => [label, look])).toEqual([
    ["Drug", "gold"],
    ["Drug → Disease", "wrong"],
    ["Drug", "wrong"],
  ]);
});

test("numbers and settings are written for people", () => {
  expect([0.0171, -0.0171, 0.0001, null].map(points)).toEqual(["+1.7", "−1.7", "±0.0", "–"]);
  expect(settingValue({ key: "presets", value: "freeze + long" })).toBe("Freeze lower layers + Train longer");
  expect(settingValue({ key: "patience", value: "" })).toBe("never stops early");
  expect(smoothed([1, null, 3].map((value, step) => ({ step, value }))).map(({ value }) => value)).toEqual([1, 2, 3]);
});
