import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type {
  DataReport,
  Estimate,
  Failure,
  GroupView,
  JobView,
  Preset,
  Proposal,
  Setting,
  Wish,
} from "../src/lib/bindings";
import { draft, OPTIONS, WISH } from "../src/lib/draft.svelte";
import { follow } from "../src/lib/jobs.svelte";
import { route } from "../src/lib/route.svelte";
import { advised, changed, read, samePresets, switched, typedAs } from "../src/routes/recipe/choices";
import Recipe from "../src/routes/recipe/Recipe.svelte";

const DATA = { data: "/home/mei/letters.csv", options: OPTIONS };
const REPORT = { sha256: "9f", task: "classification", labels: ["no", "yes"] } as DataReport;
const LAYERS = 6;

const setting = (key: string, usual: string, change: Partial<Setting> = {}): Setting => ({
  key,
  kind: "integer",
  value: usual,
  default: usual,
  min: 1,
  max: 1000,
  min_allowed: true,
  max_allowed: true,
  active: true,
  ...change,
});
const RATE = setting("learning-rate", "0.00002", { kind: "number", min: 0, min_allowed: false, max: 0.1 });
const NO_LIMITS = { min: null, max: null };

/** What the engine would answer, as far as the screen shows it. */
function proposal({ choices, device }: Wish): Proposal {
  const recommended: Preset[] = ["freeze", "long"];
  const presets = choices.presets?.length ? choices.presets : recommended;
  const frozen = presets.includes("freeze") ? (choices["freeze.k"] ?? LAYERS / 2) : 0;
  const rate = choices["learning-rate"] ?? 2e-5;
  const layer = (_: unknown, index: number): GroupView => ({
    part: { layer: index + 1 },
    learning_rate: index < frozen ? null : rate,
    reinitialized: presets.includes("reinit-top") && index + 1 === LAYERS,
    parameters: 1_774_464,
  });
  return {
    recommended,
    evidence: null,
    reasons: ["freeze", "long"],
    recipe: { presets } as Proposal["recipe"],
    groups: [
      { part: "embeddings", learning_rate: frozen > 0 ? null : rate, reinitialized: false, parameters: 11_900_000 },
      ...Array.from({ length: LAYERS }, layer),
      { part: "head", learning_rate: rate, reinitialized: true, parameters: 770 },
    ],
    settings: [
      setting("seed", "1", { min: 0, max: null }),
      setting("epochs", presets.includes("long") ? "20" : "10"),
      setting("batch-size", "16", { max: 1024 }),
      setting("accumulate", "1", { max: choices["batch-size"] ?? 16 }),
      RATE,
      setting("patience", "", { max: null }),
      setting("keep", "best", { kind: "keep", ...NO_LIMITS }),
      setting("class-weights", "false", { kind: "switch", ...NO_LIMITS }),
      setting("freeze.k", "3", { min: 0, max: LAYERS, active: presets.includes("freeze") }),
    ],
    device: device ?? "RTX A4000",
    family: "bert",
    layers: LAYERS,
    examples: 612,
    steps: 780,
    command: `ballast train --preset ${presets.join("+")}`,
  };
}

const FITS: Estimate = { seconds: 734, memory: 1.2e9, available: 9e9, fit: "fits", advice: [] };
const TOO_LARGE: Estimate = {
  ...FITS,
  memory: 12.4e9,
  fit: "too-large",
  advice: [
    { key: "accumulate", value: "4", memory: 3.1e9 },
    { key: "presets", value: "freeze+long", memory: 5e9 },
    { key: "encoder", value: "starter", memory: 1e9 },
  ],
};
const device = (name: string, trainable: boolean) => ({ name, trainable, kind: "gpu", check: "passed" });

type Answers = Record<string, (args: Record<string, unknown>) => unknown>;
let calls: { command: string; args: Record<string, unknown> }[] = [];

function answer(own: Answers = {}): void {
  const usual: Answers = {
    keep_draft: () => null,
    data_read: () => REPORT,
    devices: () => [device("RTX A4000", true), device("cpu", true), device("UHD 770", false)],
    propose: ({ wish }) => proposal(wish as Wish),
    estimate: () => FITS,
    start: () => "run-7",
  };
  mockIPC((command, args) => {
    calls.push({ command, args: args as Record<string, unknown> });
    return { ...usual, ...own }[command]?.(args as Record<string, unknown>) ?? null;
  });
}

const fails =
  (code: string, data: Failure["data"] = {}) =>
  () => {
    throw { code, message: `it says ${code}`, data } satisfies Failure;
  };
const preset = (name: string) => screen.findByRole<HTMLInputElement>("checkbox", { name });
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const start = () => screen.getByRole<HTMLButtonElement>("button", { name: /^(Start|Add to the queue)$/ });
const asked = (command: string) => calls.filter((call) => call.command === command).length;

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

beforeEach(() => {
  calls = [];
  draft.data = DATA;
  draft.report = REPORT;
  draft.wish = structuredClone(WISH);
  follow({ jobs: [], curves: [] });
});
afterEach(() => {
  cleanup();
  clearMocks();
});

test("without data the screen leads to Data", async () => {
  answer();
  draft.data = null;
  draft.report = null;
  render(Recipe);
  await userEvent.click(screen.getByRole("button", { name: "Choose data" }));
  expect(route.screen).toBe("data");
  expect(asked("propose")).toBe(0);
});

test("data that was chosen before a restart is read again, and reading can be cancelled", async () => {
  let give = (_: unknown) => {};
  let fail = (_: unknown) => {};
  answer({
    data_read: () =>
      new Promise((done, failed) => {
        give = done;
        fail = failed;
      }),
    data_cancel: () => fail({ code: "cancelled", message: "reading was cancelled", data: {} }),
  });
  draft.report = null;
  render(Recipe);
  await screen.findByRole("progressbar");
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await userEvent.click(await screen.findByRole("button", { name: "Read the data" }));
  give(REPORT);
  await preset("Freeze lower layers");
  expect(draft.report).toEqual(REPORT);
});

test("what is recommended is chosen, with its reasons, and stays so until something else is", async () => {
  answer();
  render(Recipe);
  expect((await preset("Freeze lower layers")).checked).toBe(true);
  expect((await preset("Train longer")).checked).toBe(true);
  expect((await preset("Standard")).checked).toBe(false);
  expect(screen.getAllByText("recommended")).toHaveLength(2);
  expect(screen.getByText(/BERT encoders of base size \(Tinn et al\. 2023\)/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Back to the recommended" })).toBeNull();
  await userEvent.click(await preset("Re-initialize the top"));
  expect(draft.wish.choices.presets).toEqual(["freeze", "reinit-top", "long"]);
  await userEvent.click(await preset("Standard"));
  expect(draft.wish.choices.presets).toEqual(["standard", "long"]);
  await userEvent.click(await preset("Standard"));
  expect((await preset("Standard")).checked).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Back to the recommended" }));
  expect(draft.wish.choices.presets).toEqual([]);
});

test("the picture has a table that says the same", async () => {
  answer();
  render(Recipe);
  const table = within(await screen.findByRole("table"));
  const rows = table.getAllByRole("row").map((row) => row.textContent);
  expect(rows[1]).toMatch(/Head.*2e-5.*random weights.*770/);
  expect(rows[7]).toMatch(/Layer 1.*frozen.*pretrained weights/);
  expect(rows).toHaveLength(LAYERS + 3);
  expect(await violations()).toEqual([]);
});

test("a value changes the proposal and can be reset", async () => {
  answer();
  render(Recipe);
  await preset("Standard");
  await userEvent.clear(field("Learning rate"));
  await userEvent.type(field("Learning rate"), "5e-5");
  await userEvent.tab();
  expect(draft.wish.choices["learning-rate"]).toBe(5e-5);
  expect(field("Learning rate").value).toBe("5e-5");
  await waitFor(() => expect(screen.getByRole("table").textContent).toContain("5e-5"));
  await userEvent.click(screen.getByRole("button", { name: "Reset Learning rate to the default, 2e-5" }));
  expect(draft.wish.choices).toEqual({ presets: [] });
  expect(field("Learning rate").value).toBe("2e-5");
});

test("a value out of its limits is refused at the field, and the proposal stays", async () => {
  answer();
  render(Recipe);
  await preset("Standard");
  await userEvent.clear(field("Epochs"));
  await userEvent.type(field("Epochs"), "1001");
  expect(field("Epochs").getAttribute("aria-invalid")).toBeNull();
  await userEvent.tab();
  expect(field("Epochs").getAttribute("aria-invalid")).toBe("true");
  expect(field("Epochs").value).toBe("1001");
  expect(draft.wish.choices.epochs).toBeUndefined();
  expect(screen.getByText("This value is not allowed. From 1 to 1000.")).toBeTruthy();
  expect(start().disabled).toBe(true);
  expect(screen.getByText("First correct the setting that shows an error.")).toBeTruthy();
  expect(screen.getByRole("table")).toBeTruthy();
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: /^Reset Epochs/ }));
  await waitFor(() => expect(start().disabled).toBe(false));
});

test("what the engine refuses is said at its field, in sight", async () => {
  const refuse = fails("recipe", { key: "accumulate", value: "8", allowed: "from 1 to the batch size, 4" });
  answer({ propose: ({ wish }) => ((wish as Wish).choices.accumulate === 8 ? refuse() : proposal(wish as Wish)) });
  render(Recipe);
  await preset("Standard");
  draft.wish.choices.accumulate = 8;
  await screen.findByText("This value is not allowed. From 1 to 16.");
  expect(field("Parts of a batch").getAttribute("aria-invalid")).toBe("true");
  expect(field("Parts of a batch").closest("details")?.open).toBe(true);
  expect(start().disabled).toBe(true);
});

test("settings that fit no longer can be reset when nothing was proposed yet", async () => {
  const refuse = fails("recipe", { key: "freeze.k" });
  answer({ propose: ({ wish }) => ((wish as Wish).choices["freeze.k"] ? refuse() : proposal(wish as Wish)) });
  draft.wish.choices["freeze.k"] = 24;
  render(Recipe);
  await userEvent.click(await screen.findByRole("button", { name: "Reset all settings" }));
  await preset("Standard");
  expect(draft.wish.choices).toEqual({ presets: [] });
});

test("an answer to an older question is ignored", async () => {
  const waiting: { wish: Wish; done: (answer: Proposal) => void }[] = [];
  answer({ propose: ({ wish }) => new Promise<Proposal>((done) => waiting.push({ wish: wish as Wish, done })) });
  render(Recipe);
  await waitFor(() => expect(waiting).toHaveLength(1));
  draft.wish.choices.presets = ["standard"];
  await waitFor(() => expect(waiting).toHaveLength(2));
  const [older, newer] = waiting;
  if (newer) newer.done(proposal(newer.wish));
  await waitFor(() => expect(document.querySelector("[data-test=command]")?.textContent).toContain("standard"));
  if (older) older.done(proposal(older.wish));
  await new Promise((done) => setTimeout(done, 20));
  expect(document.querySelector("[data-test=command]")?.textContent).toContain("standard");
});

test("what does not fit is said, with changes that help", async () => {
  answer({ estimate: () => TOO_LARGE });
  render(Recipe);
  expect((await screen.findAllByText("Too large")).length).toBe(2);
  expect(screen.getByText("About 12 GB of 8.4 GB free memory")).toBeTruthy();
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Split each batch into 4 parts: about 2.9 GB" }));
  expect(draft.wish.choices.accumulate).toBe(4);
  expect(start().disabled).toBe(false);
});

test("a device is chosen among those that may train", async () => {
  answer();
  render(Recipe);
  await preset("Standard");
  await screen.findByRole("option", { name: "Processor (CPU)" });
  expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(
    expect.arrayContaining(["Best available (RTX A4000)", "RTX A4000", "Processor (CPU)"]),
  );
  expect(screen.queryByRole("option", { name: "UHD 770" })).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText("Train on"), "cpu");
  expect(draft.wish.device).toBe("cpu");
});

test("starting puts the run in the queue and shows it", async () => {
  answer();
  render(Recipe);
  await screen.findAllByText("Fits");
  await userEvent.click(start());
  await waitFor(() => expect([route.screen, route.of]).toEqual(["train", "run-7"]));
  expect(calls.find(({ command }) => command === "start")?.args).toEqual({ data: DATA, wish: WISH });
});

test("with a run going on it is added to the queue; a failure is said above the bar", async () => {
  answer({ start: fails("data-changed") });
  follow({ jobs: [{ id: "run-1", state: "training" } as JobView], curves: [] });
  render(Recipe);
  await preset("Standard");
  await userEvent.click(screen.getByRole("button", { name: "Add to the queue" }));
  expect(await screen.findByText("It says data-changed")).toBeTruthy();
  expect(start().disabled).toBe(false);
});

test("a command that cannot be copied is selected", async () => {
  answer();
  const user = userEvent.setup();
  Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject() }, configurable: true });
  render(Recipe);
  await preset("Standard");
  await user.click(screen.getByText("Show the command that does the same"));
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await screen.findByText(/Copying was refused/)).toBeTruthy();
  expect(getSelection()?.toString()).toContain("ballast train --preset freeze+long");
});

test("numbers are read as people write them", () => {
  expect(read("3e-5", RATE)).toEqual({ value: 3e-5 });
  expect(read(" 0,01 ", RATE)).toEqual({ value: 0.01 });
  expect(read("０.０１", RATE)).toEqual({ value: 0.01 });
  expect(read("0", RATE)).toEqual({ problem: "limit" });
  expect(read("0.1", RATE)).toEqual({ value: 0.1 });
  expect(read("fast", RATE)).toEqual({ problem: "number" });
  expect(read("", RATE)).toEqual({ value: null });
  const epochs = setting("epochs", "10");
  expect(read("2.5", epochs)).toEqual({ problem: "whole" });
  expect(read("1,000", epochs)).toEqual({ problem: "whole" });
  expect(read("1e3", epochs)).toEqual({ value: 1000 });
  expect([2e-5, 1.25e-4, 0.01, 16].map(typedAs)).toEqual(["2e-5", "1.25e-4", "0.01", "16"]);
});

test("presets combine, and standard is none of the techniques", () => {
  expect(switched(["standard"], "freeze", true)).toEqual(["freeze"]);
  expect(switched(["freeze"], "reinit-top", true)).toEqual(["freeze", "reinit-top"]);
  expect(switched(["freeze", "long"], "freeze", false)).toEqual(["standard", "long"]);
  expect(switched(["freeze", "reinit-top", "long"], "standard", true)).toEqual(["standard", "long"]);
  expect(switched(["freeze"], "long", true)).toEqual(["freeze", "long"]);
  expect(samePresets(["long", "freeze"], ["freeze", "long"])).toBe(true);
  expect(samePresets(["long"], ["standard", "long"])).toBe(true);
  expect(samePresets(["freeze"], ["freeze", "long"])).toBe(false);
});

test("an advice changes what it speaks of", () => {
  const wish: Wish = { encoder: "big", choices: { presets: ["standard"], epochs: 3 }, device: "cpu" };
  const [accumulate, presets, encoder] = TOO_LARGE.advice.map((advice) => advised(wish, advice));
  expect(accumulate?.choices).toEqual({ presets: ["standard"], epochs: 3, accumulate: 4 });
  expect(presets?.choices).toEqual({ presets: ["freeze", "long"], epochs: 3 });
  expect(encoder).toEqual({ ...wish, encoder: "starter" });
  expect(changed(wish.choices, "epochs", null)).toEqual({ presets: ["standard"] });
});
