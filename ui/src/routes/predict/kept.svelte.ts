import { Channel } from "@tauri-apps/api/core";
import { commands, type Done, type Failure, type Predicted, type Task } from "../../lib/bindings";
import { asFailure, call } from "../../lib/shell";
import { formOf } from "../../lib/tasks";

/** How answers are written. A brat folder has no ending. */
export type Form = "csv" | "xlsx" | "parquet" | "jsonl" | "conll" | "xml" | "json" | "pubtator" | "brat";

const TABLES: Form[] = ["csv", "xlsx", "parquet", "jsonl"];
const MARKED: Form[] = ["conll", "xml", "json", "pubtator", "brat"];

/** The forms that a task's answers can have. */
export const formsOf = (task: Task): Form[] => (formOf(task) === "spans" ? [...TABLES, ...MARKED] : TABLES);

/** A name with the ending that a form asks for, in place of that of another. */
export function endedAs(name: string, form: Form): string {
  const bare = name.trim();
  const ending = form === "brat" ? "" : `.${form}`;
  if (bare === "" || (ending && bare.toLowerCase().endsWith(ending))) return bare;
  return bare.replace(/\.(csv|xlsx|parquet|jsonl|conll|xml|json|pubtator)$/i, "") + ending;
}

/** What the user has typed; leaving the screen loses nothing of it. */
export const typed = $state({ text: "", pair: "", input: "", output: "", form: "csv" as Form, texts: true });

/** The labelling of a file; it goes on whatever screen is open. */
export const labelling = $state<{
  /** The run whose model labels, or has labelled last. */
  run: string;
  output: string;
  progress: Done | null;
  ended: Predicted | null;
  failure: Failure | null;
}>({ run: "", output: "", progress: null, ended: null, failure: null });

export async function label(run: string, input: string, output: string, texts: boolean): Promise<void> {
  Object.assign(labelling, { run, output, progress: { done: 0, of: 0 }, ended: null, failure: null });
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
}
