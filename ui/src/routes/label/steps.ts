import type { Key } from "../../lib/catalogue";

const STEPS = [
  "add-span",
  "change-span",
  "remove-span",
  "relate",
  "remove-relation",
  "set-labels",
  "set-score",
  "accept",
  "reject",
  "accept-above",
  "settle",
  "settle-all",
  "done",
  "open",
  "add-label",
  "change-label",
  "remove-label",
] as const;

/** What a step of the history is called. */
export function stepName(action: string): Key {
  const known = STEPS.find((step) => step === action);
  return known ? `label.step.${known}` : "label.step.other";
}
