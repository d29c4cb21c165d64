import type { Task } from "./bindings";

export const TASKS: Task[] = ["classification", "ner", "pico", "relation", "similarity", "multilabel", "qa"];

/** The form of the right answer: one of the labels, any of them, a number, or labelled spans. */
export type AnswerForm = "class" | "labels" | "score" | "spans";

const FORMS: Record<Task, AnswerForm> = {
  classification: "class",
  ner: "spans",
  pico: "spans",
  relation: "class",
  similarity: "score",
  multilabel: "labels",
  qa: "class",
};

export const formOf = (task: Task): AnswerForm => FORMS[task];

/** What the two texts of a task are called, where they have names of their own. */
export const pairNames = (task: Task) => {
  if (task === "qa") return ["data.pair.question", "data.pair.context"] as const;
  return task === "similarity" ? (["data.pair.first", "data.pair.second"] as const) : null;
};
