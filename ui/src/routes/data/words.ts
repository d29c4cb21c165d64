import type { Format, Task } from "../../lib/bindings";
import type { Key } from "../../lib/catalogue";
import { isKey, t } from "../../lib/language.svelte";

const SEPARATORS: Record<string, Key> = {
  ",": "data.separator.comma",
  ";": "data.separator.semicolon",
  "\t": "data.separator.tab",
  "|": "data.separator.pipe",
  "\n": "data.separator.newline",
  "/": "data.separator.slash",
};

/** What separates the columns of a table, or the labels in a cell, in words. */
export function separatorOf(delimiter: string): string {
  const known = SEPARATORS[delimiter];
  return known ? t(known) : delimiter;
}

export const formatName = (format: Format): string =>
  t(format === "csv" ? "data.written.table" : `data.written.${format}`);

/** Columns that a task reads, in the order in which they are asked for. */
export type Role = "text" | "pair" | "label" | "document" | "group" | "id";

const ROLES: Record<Task, Role[]> = {
  classification: ["text", "label", "pair", "group", "id"],
  ner: ["text", "label", "group", "id"],
  pico: ["text", "label", "group", "id"],
  relation: ["text", "label", "group", "id"],
  similarity: ["text", "pair", "label", "group", "id"],
  multilabel: ["text", "label", "document", "group", "id"],
  qa: ["text", "pair", "label", "group", "id"],
};

export const rolesOf = (task: Task): Role[] => ROLES[task];

/** Whether a task cannot do without a column. */
export const isNeeded = (role: Role, task: Task): boolean =>
  role === "text" || role === "label" || (role === "pair" && (task === "similarity" || task === "qa"));

/** What a column is called, by a name of the task's own where it has one. */
export function roleName(role: Role, task: Task): string {
  const own = `data.column.${role}.${task}`;
  return t(isKey(own) ? own : `data.column.${role}`);
}

/** What is asked where the names of the columns do not tell. */
export function unclearText(role: string, task: Task): string | null {
  const own = `data.unclear.${role}.${task}`;
  const general = `data.unclear.${role}`;
  if (isKey(own)) return t(own);
  return isKey(general) ? t(general) : null;
}
