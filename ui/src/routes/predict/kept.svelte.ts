import type { Task } from "../../lib/bindings";
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
