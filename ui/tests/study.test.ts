import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";
import type { ArmReport, CollapsePoint, StudyReport, StudyVerdict } from "../src/lib/bindings";
import { draft, OPTIONS } from "../src/lib/draft.svelte";
import { chooseLanguage } from "../src/lib/language.svelte";
import Collapse from "../src/lib/parts/Collapse.svelte";
import Report from "../src/routes/study/Report.svelte";
import { sentenceOf } from "../src/routes/study/words";

const arm = (name: string, mean: number): ArmReport => ({
  name,
  encoder: "starter",
  presets: ["standard"],
  learning_rate: 3e-5,
  batch_size: 16,
  epochs: 10,
  planned: 5,
  ended: 5,
  broken: 0,
  failed: 0,
  collapsed: 0,
  scores: [],
  dev: { n: 5, mean, sd: 0.01, median: mean, min: mean, max: mean },
  test: { n: 5, mean, sd: 0.02, median: mean, min: mean - 0.02, max: mean + 0.02 },
  intervals: { seeds: null, examples: null, both: { low: mean - 0.03, high: mean + 0.03, level: 0.95 } },
  expected: [],
  seconds: 12,
});

const verdict = (change: Partial<StudyVerdict> = {}): StudyVerdict => ({
  chosen: 1,
  steadiest: null,
  reference: 0,
  runs: 5,
  failed: 0,
  mean: 0.82,
  sd: 0.02,
  interval: { low: 0.79, high: 0.85, level: 0.95 },
  reference_mean: 0.75,
  reference_sd: 0.09,
  reference_runs: 5,
  reference_failed: 2,
  too_few: false,
  p: 0.0625,
  variance_p: 0.01,
  cautions: [],
  ...change,
});

const report = (change: Partial<StudyReport> = {}): StudyReport => ({
  id: "s",
  created: "2026-11-01T08:00:00Z",
  ended: null,
  data: "letters.csv",
  task: "classification",
  score: "macro F1",
  train: 300,
  dev: 60,
  test: 60,
  drawn_split: true,
  seeds: 5,
  order_seeds: 0,
  folds: null,
  give_up: null,
  arms: [arm("standard", 0.75), arm("freeze", 0.82)],
  runs: [],
  variances: [{ encoder: "starter", arms: 2, statistic: 8.2, p: 0.01 }],
  comparisons: [
    {
      ...{ arm: 1, reference: 0, pairs: 5, difference: 0.07, p: 0.0625, adjusted: 0.0625, smallest: 0.0625 },
      ...{ variance_p: 0.01, variance_adjusted: 0.01 },
    },
  ],
  verdict: verdict(),
  flips: [
    { id: "note-7", gold: "yes", disagreement: 0.4, right: 6, runs: 10, answers: [["no", 4]], run: "1-standard-seed1" },
  ],
  flipping: 1,
  tested: 60,
  methods: "MiniLM was fine-tuned.",
  references: ["Mosbach 2021"],
  sentence: "",
  figures: { dots: "<svg></svg>", curves: "<svg></svg>", expected: "<svg></svg>" },
  ...change,
});

afterEach(() => {
  cleanup();
  clearMocks();
  chooseLanguage("en");
});

test("the answer names the recipe, its spread, its failures, and whether chance can explain it", () => {
  chooseLanguage("en");
  const sentence = sentenceOf(report());
  expect(sentence).toContain("freeze has the best mean score on dev.");
  expect(sentence).toContain("Macro F1 82.0 ± 2.0 (95 % interval 79.0 to 85.0) over 5 runs; none of them failed.");
  expect(sentence).toContain("standard reaches 75.0 ± 9.0 over 5 runs; 2 of them failed.");
  expect(sentence).toContain("The difference is not shown to be larger than chance explains (p 0.063).");
  expect(sentence).toContain("How far the seeds spread differs as well (p 0.010).");
  const clear = sentenceOf(report({ verdict: verdict({ p: 0.0004, variance_p: null }) }));
  expect(clear).toContain("The difference is larger than chance explains (p < 0.001).");
});

test("where the reference itself is the best, nothing is compared with it", () => {
  const alone = verdict({ chosen: 0, reference_mean: null, reference_sd: null, p: null, variance_p: null });
  expect(sentenceOf(report({ verdict: alone }))).not.toContain("reaches 75");
  expect(sentenceOf(report({ verdict: null }))).toBe("No run has ended with scores yet.");
});

test("the answer is told in Chinese as well", () => {
  chooseLanguage("zh");
  const sentence = sentenceOf(report());
  expect(sentence).toContain("freeze 在开发集上的平均得分最高。");
  expect(sentence).toContain("其中 2 次失败");
  expect(sentence).not.toMatch(/\{\w+\}/);
});

test("the report shows cautions, small samples and what flips, and holds no barrier", async () => {
  mockIPC(() => null);
  const few = report({ verdict: verdict({ cautions: ["few-examples"] }) });
  const { container } = render(Report, { report: few, working: false });
  expect(screen.getByText(/the score itself is uncertain/)).toBeTruthy();
  expect(screen.getByText(/no difference can have a p below 0.063/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "note-7" })).toBeTruthy();
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((violation) => violation.id)).toEqual([]);
});

test("a collapse is told in words, and a run with what helps can be started", async () => {
  draft.data = { data: "/home/mei/letters.csv", options: OPTIONS };
  const collapse: CollapsePoint = {
    step: 20,
    epoch: 5,
    signs: ["one-answer", "vanishing-gradients"],
    remedy: { presets: ["freeze", "long"], learning_rate: 3e-5 },
  };
  let started: unknown = null;
  mockIPC((command, payload) => {
    if (command === "start") started = payload;
    return "run-9";
  });
  render(Collapse, { collapse });
  expect(screen.getByText("It gives every text the same answer.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Start a run with it" }));
  await waitFor(() => expect(started).not.toBeNull());
  const wish = (started as unknown as { wish: { choices: Record<string, unknown> } }).wish;
  expect(wish.choices).toMatchObject({ presets: ["freeze", "long"], "learning-rate": 3e-5 });
});
