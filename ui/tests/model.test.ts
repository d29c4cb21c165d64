import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EncoderCard, Failure } from "../src/lib/bindings";
import { draft, WISH } from "../src/lib/draft.svelte";
import { listen } from "../src/lib/jobs.svelte";
import { go, route } from "../src/lib/route.svelte";
import Model from "../src/routes/model/Model.svelte";
import { millions } from "../src/routes/model/words";

const STARTER: EncoderCard = {
  name: "starter",
  title: "minilm-l6 (starter)",
  starter: true,
  family: "bert",
  layers: 6,
  hidden: 384,
  vocabulary: 30522,
  parameters: 22713216,
  positions: 512,
  bytes: 91e6,
  licence: "apache-2.0",
  cased: false,
  domain: "general",
  notes: [],
  problem: null,
};
const BIOMED: EncoderCard = {
  ...STARTER,
  name: "BiomedBERT",
  title: "BiomedBERT",
  starter: false,
  layers: 12,
  parameters: 109482240,
  licence: null,
  domain: "biomedical",
  notes: ["it has no pooler; a BERT classifier draws one anew"],
};
const EXISTS: Failure = {
  code: "encoder-exists",
  message: "It is already in the library",
  data: { name: "BiomedBERT" },
};

type Answers = Record<string, (args: Record<string, unknown>) => unknown>;
let calls: { command: string; args: Record<string, unknown> }[] = [];
let drop: (paths: string[]) => void = () => {};

function answer(own: Answers = {}): void {
  const usual: Answers = {
    watch: ({ notices }) => {
      drop = (paths) => (notices as { onmessage: (notice: unknown) => void }).onmessage({ notice: "dropped", paths });
      return null;
    },
    encoders: () => [STARTER, BIOMED],
    add_encoder: ({ path }) => ({
      ...BIOMED,
      name: String(path).split("/").pop(),
      title: String(path).split("/").pop(),
    }),
    remove_encoder: () => null,
    keep_draft: () => null,
    pick: () => "/stick/SciBERT",
  };
  mockIPC((command, args) => {
    calls.push({ command, args: args as Record<string, unknown> });
    return { ...usual, ...own }[command]?.(args as Record<string, unknown>) ?? null;
  });
}

const fails = (failure: Failure) => () => {
  throw failure;
};
const radio = (name: string) => screen.findByRole<HTMLInputElement>("radio", { name });
const added = () => calls.filter(({ command }) => command === "add_encoder").map(({ args }) => args.path);

beforeEach(() => {
  calls = [];
  draft.wish = structuredClone(WISH);
  go("model");
});
afterEach(() => {
  cleanup();
  clearMocks();
});

async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

test("the cards say what each encoder is, and choosing one keeps it", async () => {
  answer();
  render(Model);
  expect((await radio("minilm-l6 (starter)")).checked).toBe(true);
  expect(screen.getByText("22.7 M")).toBeTruthy();
  expect(screen.getByText("not stated")).toBeTruthy();
  await userEvent.click(await radio("BiomedBERT"));
  expect(draft.wish.encoder).toBe("BiomedBERT");
  expect(calls.at(-1)?.command).toBe("keep_draft");
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Choose a recipe" }));
  expect(route.screen).toBe("recipe");
});

test("random weights are warned about", async () => {
  answer({ encoders: () => [{ ...STARTER, domain: "none" }] });
  render(Model);
  expect(await screen.findByText(/knows nothing of language/)).toBeTruthy();
});

test("a list that cannot be read can be asked for again", async () => {
  let broken = true;
  answer({ encoders: () => (broken ? fails({ code: "file", message: "permission denied", data: {} })() : [STARTER]) });
  render(Model);
  await screen.findByText("Permission denied");
  broken = false;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await radio("minilm-l6 (starter)");
});

test("an added folder is reported on and becomes the chosen one", async () => {
  answer();
  render(Model);
  await userEvent.click(await screen.findByRole("button", { name: "Add a folder" }));
  expect((await radio("SciBERT")).checked).toBe(true);
  expect(draft.wish.encoder).toBe("SciBERT");
  expect(screen.getByText("SciBERT was added and is now chosen")).toBeTruthy();
  expect(screen.getByText("Weights complete: 109 M parameters")).toBeTruthy();
  expect(await violations()).toEqual([]);
});

test("while one is checked the window says so, and what is dropped waits its turn", async () => {
  const waiting: (() => void)[] = [];
  answer({
    add_encoder: ({ path }) =>
      new Promise((done) =>
        waiting.push(() => done({ ...BIOMED, name: String(path).slice(1), title: String(path).slice(1) })),
      ),
  });
  await listen();
  render(Model);
  await radio("BiomedBERT");
  drop(["/one", "/two"]);
  expect(await screen.findByText(/Checking and copying one/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Add a folder" }).disabled).toBe(true);
  waiting[0]?.();
  expect(await screen.findByText(/Checking and copying two/)).toBeTruthy();
  waiting[1]?.();
  await radio("two");
  expect(added()).toEqual(["/one", "/two"]);
  expect(draft.wish.encoder).toBe("two");
});

test("one that is there already can be chosen instead", async () => {
  answer({ add_encoder: fails(EXISTS) });
  render(Model);
  await userEvent.type(await screen.findByLabelText("Or type where it is"), "/stick/BiomedBERT{Enter}");
  await screen.findByText("It is already in the library");
  expect(screen.getByText(/rename its folder/)).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Or type where it is").value).toBe("/stick/BiomedBERT");
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Choose the one in the library" }));
  expect(draft.wish.encoder).toBe("BiomedBERT");
  expect(screen.queryByText("It is already in the library")).toBeNull();
});

test("removing is asked about first; without the chosen one the starter is chosen", async () => {
  answer();
  draft.wish.encoder = "BiomedBERT";
  render(Model);
  await userEvent.click(await screen.findByRole("button", { name: "Remove BiomedBERT" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(calls.some(({ command }) => command === "remove_encoder")).toBe(false);
  await userEvent.click(dialog.getByRole("button", { name: "Remove the encoder" }));
  await waitFor(() => expect(draft.wish.encoder).toBe("starter"));
  expect(screen.queryByRole("radio", { name: "BiomedBERT" })).toBeNull();
  expect(screen.queryByRole("button", { name: /^Remove minilm/ })).toBeNull();
});

test("a choice that is no longer there has to be made again", async () => {
  answer();
  draft.wish.encoder = "gone";
  render(Model);
  expect(await screen.findByText(/The encoder chosen before, gone,/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Choose a recipe" }).disabled).toBe(true);
});

test("parameters are written as papers do", () => {
  expect([22713216, 109482240, 145000].map(millions)).toEqual(["22.7 M", "109 M", "0.1 M"]);
});
