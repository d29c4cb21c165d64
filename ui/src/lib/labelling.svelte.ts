import { Channel } from "@tauri-apps/api/core";
import { commands, type Done, type Failure, type Labelling, type Predicted } from "./bindings";
import { asFailure, call } from "./shell";

/** The labelling of a file; it goes on whatever screen is open. */
export const labelling = $state<{
  /** The run whose model labels, or has labelled last. */
  run: string;
  output: string;
  progress: Done | null;
  ended: Predicted | null;
  failure: Failure | null;
}>({ run: "", output: "", progress: null, ended: null, failure: null });

/** Labellings that were begun and are not over, the one that is under way left out. */
export const waiting = $state<{ all: Labelling[] }>({ all: [] });

export async function refreshWaiting(): Promise<void> {
  const all = await call(commands.labellings());
  waiting.all = all.filter((own) => labelling.progress === null || own.output !== labelling.output);
}

/** Goes on with what the program was closed or killed over; what the user has ended waits for him. */
export async function goOn(): Promise<void> {
  await refreshWaiting();
  for (const own of waiting.all.filter((own) => own.goes_on)) await label(own.run, own.input, own.output, own.texts);
}

export async function label(run: string, input: string, output: string, texts: boolean): Promise<void> {
  Object.assign(labelling, { run, output, progress: { done: 0, of: 0 }, ended: null, failure: null });
  waiting.all = waiting.all.filter((own) => own.output !== output);
  const channel = new Channel<Done>();
  channel.onmessage = (done) => {
    if (labelling.progress) labelling.progress = done;
  };
  try {
    labelling.ended = await call(commands.predictFile(run, input, output, texts, channel));
  } catch (error) {
    labelling.failure = asFailure(error);
  }
  labelling.progress = null;
  await refreshWaiting();
}
