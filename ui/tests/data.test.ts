import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Columns, DataHead, DataReport, DomainFit, Hygiene, Options, RowView, Task } from "../src/lib/bindings";
import { ticks } from "../src/lib/charts/ticks";
import { differing } from "../src/lib/differing";
import { draft, OPTIONS, WISH } from "../src/lib/draft.svelte";
import { entitiesOf } from "../src/lib/relation";
import { go } from "../src/lib/route.svelte";
import { checked } from "../src/routes/data/checked.svelte";
import Data from "../src/routes/data/Data.svelte";

const NO_COLUMNS: Columns = {
  text: null,
  pair: null,
  label: null,
  labels: [],
  group: null,
  id: null,
  document: null,
};
const row = (change: Partial<RowView>): RowView => ({
  id: "r-1",
  line: 2,
  split: "train",
  group: null,
  text: "A text.",
  pair: null,
  label: null,
  entities: [],
  ...change,
});

let task: Task = "classification";
let columns: string[] = ["text", "label"];
let used: Columns = NO_COLUMNS;
let unclear: string | null = null;
let report: Partial<DataReport> = {};
let rows: RowView[] = [];
let asked: { command: string; args: Record<string, unknown> }[] = [];
let answers: Record<string, () => unknown> = {};

const calls = (command: string) => asked.filter((call) => call.command === command).map(({ args }) => args);
/** How the data were last asked to be read. */
const options = () => (calls("data_open").at(-1)?.request as { options: Options } | undefined)?.options;

let reports = 0;

function shell(command: string, args: Record<string, unknown>): unknown {
  asked.push({ command, args });
  if (answers[command]) return answers[command]();
  const files = [
    { name: "a.csv", split: null, format: "csv", encoding: "utf-8", delimiter: ",", columns, bytes: 1000 },
  ] as DataHead["files"];
  if (command === "data_open") {
    const { options } = args.request as { options: Options };
    return { files, task: options.task ?? task, columns: used, unclear, rows } satisfies DataHead;
  }
  if (command === "data_read") {
    const { options } = args.request as { options: Options };
    const quantiles = { min: 1, median: 2, p95: 3, max: 4 };
    return {
      // Other data each time: what was found in these is shown until others are read.
      sha256: String(++reports),
      files,
      task: options.task ?? task,
      columns: used,
      labels: ["no", "yes"],
      negative: null,
      markers: [],
      documents: 0,
      scores: null,
      splits: (["train", "dev", "test"] as const).map((split) => ({ split, examples: 40, labels: [20, 20] })),
      drawn_split: true,
      groups: 0,
      words: quantiles,
      characters: quantiles,
      rejected: 0,
      ...report,
    } satisfies DataReport;
  }
  if (command === "data_rows") return { total: rows.length, rows };
  if (command === "data_issues") return { kinds: [], total: 0, issues: [] };
  if (command === "data_lengths")
    return {
      counted: 10,
      of: 10,
      bins: [4, 6],
      width: 16,
      longest: 30,
      max_length: 256,
      windowed: 0,
      positions: 512,
      pieces_per_word: 1.2,
      unknown_share: 0,
    };
  return null;
}

beforeEach(() => {
  [asked, answers, rows, report, unclear] = [[], {}, [], {}, null];
  [task, columns, used] = ["classification", ["text", "label"], NO_COLUMNS];
  draft.data = { data: "/home/mei/a.csv", options: structuredClone(OPTIONS) };
  draft.wish = structuredClone(WISH);
  draft.report = null;
  go("data");
  mockIPC((command, args) => shell(command, args as Record<string, unknown>));
});

afterEach(() => {
  cleanup();
  clearMocks();
});

async function open() {
  const { container } = render(Data);
  await screen.findByRole("group", { name: "What it should learn" });
  if (unclear === null) await screen.findByRole("heading", { name: "Check the data" });
  return container;
}

async function accessible(container: Element) {
  const { violations } = await axe.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

test("each of the seven tasks is named and explained in a sentence", async () => {
  const container = await open();
  expect(screen.getAllByRole("radio", { name: /./ })).toHaveLength(7);
  const relation = screen.getByRole("radio", { name: "Relation of two entities" });
  const described = document.getElementById(relation.getAttribute("aria-describedby") ?? "");
  expect(described?.textContent).toContain("how they are related");
  await accessible(container);
  await userEvent.click(relation);
  await waitFor(() => expect(options()).toMatchObject({ task: "relation", pair: null, labels: [] }));
});

test("a similarity asks for two sentences and a score, and shows how scores are spread", async () => {
  [task, columns] = ["similarity", ["one", "two", "score"]];
  used = { ...NO_COLUMNS, text: "one", pair: "two", label: "score" };
  report = { labels: [], scores: { min: 0, median: 2.5, max: 4, bins: [1, 2, 3, 4, 5, 6, 5, 4, 3, 2] } };
  rows = [row({ text: "The pain eased.", pair: "The pain went away.", label: "3.5" })];
  const container = await open();
  expect(screen.getByLabelText<HTMLSelectElement>("Second sentence").value).toBe("two");
  expect(within(screen.getByLabelText("Second sentence")).queryByText("none")).toBeNull();
  expect(screen.getByLabelText<HTMLSelectElement>("Score").value).toBe("score");
  expect(screen.getByText("From 0 to 4; half of the pairs lie below 2.5.")).toBeTruthy();
  expect(screen.getByRole("img", { name: /^0 to 0.4: 1; 0.4 to 0.8: 2/ })).toBeTruthy();
  expect(screen.queryByRole("heading", { name: "Labels" })).toBeNull();
  await accessible(container);
});

test("a second text that the names do not tell is asked for by what it is", async () => {
  [task, unclear] = ["qa", "pair"];
  await open();
  expect(screen.getByText("Which column holds the context? The names do not tell.")).toBeTruthy();
  expect(screen.getByLabelText("Context").getAttribute("aria-invalid")).toBe("true");
  await userEvent.selectOptions(screen.getByLabelText("Context"), "label");
  await waitFor(() => expect(options()?.pair).toBe("label"));
});

test("a relation names the label that is none, and how entities are marked", async () => {
  task = "relation";
  used = { ...NO_COLUMNS, text: "text", label: "label" };
  report = { negative: 0 };
  const container = await open();
  const negative = screen.getByLabelText<HTMLSelectElement>("Label that says there is no relation");
  expect(negative.value).toBe("no");
  expect(screen.getByText("no relation")).toBeTruthy();
  await accessible(container);
  await userEvent.selectOptions(negative, "");
  await waitFor(() => expect(options()?.negative).toBe(""));
  await userEvent.selectOptions(screen.getByLabelText("The two entities appear as"), "markers");
  await waitFor(() => expect(options()?.marking).toBe("markers"));
});

test("labels may have a column each, or be divided in one", async () => {
  [task, columns] = ["multilabel", ["text", "id", "fever", "cough"]];
  used = { ...NO_COLUMNS, text: "text", labels: ["fever"], document: "id" };
  const container = await open();
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "fever" }).checked).toBe(true);
  expect(screen.queryByRole("combobox", { name: "Labels" })).toBeNull();
  await accessible(container);
  await userEvent.click(screen.getByRole("checkbox", { name: "cough" }));
  await waitFor(() => expect(options()).toMatchObject({ labels: ["fever", "cough"], label: null }));
  await userEvent.click(screen.getByRole("checkbox", { name: /Join the sentences/ }));
  await waitFor(() => expect(options()?.whole_documents).toBe(true));
  await userEvent.click(screen.getByRole("radio", { name: "one column" }));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Labels separated by" }), ";");
  await waitFor(() => expect(options()?.separator).toBe(";"));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Labels" }), "cough");
  await waitFor(() => expect(options()).toMatchObject({ labels: [], label: "cough" }));
});

const HYGIENE: Hygiene = {
  duplicates: 3,
  conflicts: 1,
  overlaps: 0,
  near: [
    {
      split: "test",
      id: "t-9",
      text: "Aspirin helped the pain.",
      pair: null,
      other_split: "train",
      other_id: "t-2",
      other_text: "Aspirin eased the pain.",
      similarity: 0.91,
      same_answer: false,
    },
  ],
  near_within: 4,
  near_across: 1,
  groups: [{ group: "patient 7", splits: ["train", "test"], texts: 3 }],
  groups_shared: 1,
  rare: [{ label: "rash", train: 4, dev: 0, test: 1 }],
  imbalance: 12.5,
};
const FITS: DomainFit[] = [
  {
    encoder: "starter",
    title: "minilm-l6",
    pieces_per_word: 1.61,
    split_words: 0.31,
    unknown: 0.0004,
    longer: 0,
    positions: 512,
  },
  {
    encoder: "BiomedBERT",
    title: "BiomedBERT",
    pieces_per_word: 1.18,
    split_words: 0.1,
    unknown: 0,
    longer: 0,
    positions: 512,
  },
];

test("the check tells in sentences what was found, and which encoder fits", async () => {
  answers = { data_hygiene: () => HYGIENE, data_fit: () => FITS };
  const container = await open();
  await userEvent.click(screen.getByRole("button", { name: "Check the data" }));
  expect(await screen.findByText(/same answer in the same part: 3/)).toBeTruthy();
  expect(screen.getByText(/with another answer: 1/)).toBeTruthy();
  expect(screen.queryByText(/occur in two parts/)).toBeNull();
  expect(screen.getByText("patient 7: 3 texts in train + test")).toBeTruthy();
  expect(screen.getByRole("row", { name: "rash 4 0 1" })).toBeTruthy();
  expect(screen.getByText(/12.5 times as frequent .*Weigh rare labels more/)).toBeTruthy();
  const pair = within(screen.getByRole("list", { name: /Pairs of texts/ }));
  expect(pair.getAllByText(/helped|eased/, { selector: "mark" }).map((mark) => mark.textContent?.trim())).toEqual([
    "helped",
    "eased",
  ]);
  expect(pair.getByText("another answer")).toBeTruthy();
  const table = await screen.findByRole("table", { name: /vocabulary fits/ });
  const names = within(table).getAllByRole("rowheader");
  expect(names.map((name) => name.textContent?.trim().split(" ")[0])).toEqual(["BiomedBERT", "minilm-l6"]);
  await accessible(container);
});

test("a check can be ended, and is said to be calmly", async () => {
  let end: (failure: unknown) => void = () => {};
  answers = {
    data_hygiene: () => new Promise((_, fail) => (end = fail)),
    data_cancel: () => end({ code: "cancelled", message: "it was ended", data: {} }),
  };
  await open();
  await userEvent.click(screen.getByRole("button", { name: "Check the data" }));
  expect(await screen.findByText("Comparing the texts…")).toBeTruthy();
  await userEvent.click(
    within(document.getElementById("check") as HTMLElement).getByRole("button", { name: "Cancel" }),
  );
  expect(await screen.findByText("Ended before it was done.")).toBeTruthy();
  expect(checked.stage).toBeNull();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("data without faults are said to be so", async () => {
  answers = {
    data_hygiene: () => ({
      ...HYGIENE,
      ...{ duplicates: 0, conflicts: 0, near: [], near_within: 0, near_across: 0, groups: [], groups_shared: 0 },
      ...{ rare: [], imbalance: 1.5 },
    }),
    data_fit: () => [],
  };
  await open();
  await userEvent.click(screen.getByRole("button", { name: "Check the data" }));
  expect(await screen.findByText("Nothing that would spoil a result was found.")).toBeTruthy();
  expect(screen.queryByText(/times as frequent/)).toBeNull();
});

test("the two entities of a relation are found by dummy tokens or markers", () => {
  const cut = (text: string) =>
    entitiesOf(text).map(({ start, end, label }) => [Array.from(text).slice(start, end).join(""), label]);
  expect(cut("𝛼 @GENE$ binds @CHEMICAL-X$ to @GENE$.")).toEqual([
    ["@GENE$", "1"],
    ["@CHEMICAL-X$", "2"],
  ]);
  expect(cut("[E2] warfarin [/E2] and 😀 [E1]aspirin[/E1]")).toEqual([
    ["aspirin", "1"],
    ["warfarin", "2"],
  ]);
  expect(cut("mail@host costs 5$")).toEqual([]);
});

test("only the words in which two texts differ are marked", () => {
  const marked = (one: string, other: string) =>
    differing(one, other).map((stretches) => stretches.filter(({ differs }) => differs).map(({ text }) => text.trim()));
  expect(marked("No fever, no cough today.", "No fever and cough today.")).toEqual([[", no"], ["and"]]);
  expect(marked("the same", "The same")).toEqual([[], []]);
  expect(marked("患者发热三天", "患者咳嗽三天")).toEqual([["发热"], ["咳嗽"]]);
  const [stretches] = differing("  Two  words\nhere", "Two words");
  expect(stretches.map(({ text }) => text).join("")).toBe("  Two  words\nhere");
});

test("axes have round numbers", () => {
  expect(ticks(0, 5)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(ticks(-0.13, 0.97)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  expect(ticks(2, 2)).toEqual([2]);
});
