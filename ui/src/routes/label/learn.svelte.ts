import { Channel } from "@tauri-apps/api/core";
import { commands, type Done, type EncoderCard, type Learning, type Strategy } from "../../lib/bindings";
import { WISH } from "../../lib/draft.svelte";
import { hasEnded, jobs } from "../../lib/jobs.svelte";
import { remember, remembered } from "../../lib/remembered";
import { call } from "../../lib/shell";
import { attempt, load, show, work } from "./work.svelte";

/** How the model of the project on screen is trained and what it looks at, and how far that has come. */
export const learn = $state<{
  project: string;
  encoders: EncoderCard[];
  encoder: string;
  /** Whether training goes on from the last model. */
  fromLast: boolean;
  /** Of several seeds an ensemble is made. */
  seeds: number;
  strategy: Strategy;
  /** How many texts the model looks at. */
  most: number;
  learning: Learning | null;
  /** The run that was begun last, until its model has been asked. */
  run: string | null;
  progress: Done | null;
  /** Whether the queue has been put in order, or that was cut off. */
  ordered: "no" | "yes" | "cut-off";
}>({
  project: "",
  encoders: [],
  encoder: "starter",
  fromLast: false,
  seeds: 1,
  strategy: "entropy-and-diversity",
  most: 1000,
  learning: null,
  run: null,
  progress: null,
  ordered: "no",
});

/** Under which name the encoder of a project's last training is remembered. */
const key = () => `labelling.encoder.${work.id}`;

export const chooseEncoder = (name: string): void => remember(key(), name);

/** Begins with the project on screen. Where it is the one from before, what is under way goes on. */
export async function openLearning(): Promise<void> {
  const fresh = { project: work.id, fromLast: false, learning: null, run: null, progress: null, ordered: "no" };
  if (learn.project !== work.id) Object.assign(learn, fresh);
  void refreshLearning();
  await load(async () => {
    learn.encoders = await call(commands.encoders());
    const names = learn.encoders.map((card) => card.name);
    learn.encoder = remembered(key(), names, names[0] ?? "starter");
  });
}

export async function refreshLearning(): Promise<void> {
  const id = work.id;
  await load(async () => {
    const found = await call(commands.projectLearning(id));
    if (id === work.id) learn.learning = found;
  });
}

/** Whether a training that was begun here goes on. */
export const training = (): boolean => jobs.all.some((own) => own.id === learn.run && !hasEnded(own));

/** Trains a model on what is labelled, in the background. */
export async function train(): Promise<void> {
  if (training()) return;
  await attempt(async () => {
    const retrain = {
      encoder: learn.encoder,
      from_last: learn.fromLast,
      seeds: learn.seeds,
      choices: WISH.choices,
      device: null,
    };
    learn.run = await call(commands.projectRetrain(work.id, work.annotator, retrain));
    learn.ordered = "no";
  });
}

/** Has the model look at what is not done, and puts the queue in order. */
export async function order(): Promise<void> {
  const id = work.id;
  const channel = new Channel<Done>();
  channel.onmessage = (done) => {
    if (id === work.id) learn.progress = done;
  };
  learn.progress = { done: 0, of: 0 };
  learn.ordered = "no";
  let whole = true;
  const done = await attempt(async () => {
    const wish = { strategy: learn.strategy, seed: 1 };
    if (wish.strategy === "random" || wish.strategy === "given") await call(commands.projectReorder(id, wish));
    else if ((learn.learning?.rounds.length ?? 0) > 0)
      whole = await call(commands.projectSuggest(id, learn.most, wish, channel));
    else whole = await call(commands.projectColdStart(id, learn.encoder, 1, channel));
  });
  if (id !== work.id) return;
  learn.progress = null;
  if (done) learn.ordered = whole ? "yes" : "cut-off";
  await refreshLearning();
  if (work.view) await show(work.view.id);
}

/** What follows the end of a training: its model is asked at once. */
export async function ended(): Promise<void> {
  learn.run = null;
  await refreshLearning();
  if (learn.progress === null) await order();
}
