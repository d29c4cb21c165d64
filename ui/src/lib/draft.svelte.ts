import { commands, type DataReport, type DataRequest, type Options, type Wish } from "./bindings";
import { call } from "./shell";

export const OPTIONS: Options = {
  format: null,
  encoding: null,
  delimiter: null,
  task: null,
  text: null,
  pair: null,
  label: null,
  labels: [],
  group: null,
  id: null,
  document: null,
  whole_documents: false,
  separator: null,
  negative: null,
  marking: null,
  seed: 0,
  dev_share: 0.15,
  test_share: 0.15,
  strict: false,
};

export const WISH: Wish = { encoder: "starter", choices: { presets: [] }, device: null };

/** What the user has chosen so far. The shell keeps it, so that neither a reload nor a restart loses it. `report` is what
 * reading the data found, once it is read. `chosen` says which steps the user has been through. */
export const draft = $state<{ data: DataRequest | null; wish: Wish; report: DataReport | null; restored: boolean }>({
  data: null,
  wish: structuredClone(WISH),
  report: null,
  restored: false,
});

/** Takes up what the shell kept. */
export async function restore(): Promise<void> {
  const kept = await call(commands.draft());
  draft.data = kept.data;
  draft.wish = kept.wish ?? structuredClone(WISH);
  draft.restored = true;
}

/** Chooses data; what was found in other data is forgotten. */
export async function chooseData(data: DataRequest | null): Promise<void> {
  draft.data = data;
  draft.report = null;
  await keep();
}

/** Changes the wish (encoder, recipe, device). */
export async function wish(change: Partial<Wish>): Promise<void> {
  draft.wish = { ...draft.wish, ...change };
  await keep();
}

async function keep(): Promise<void> {
  await call(commands.keepDraft({ data: $state.snapshot(draft.data), wish: $state.snapshot(draft.wish) }));
}
