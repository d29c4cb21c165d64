import type { ReviewedExample } from "../../lib/bindings";

export interface JudgedLabel {
  label: string;
  verdict: "right" | "missed" | "spurious";
}

/** What became of each label of a text that may have several: those in the data first, then those that were only predicted. */
export function judgedLabels({ gold_labels, predicted_labels }: ReviewedExample): JudgedLabel[] {
  return [
    ...gold_labels.map(
      (label): JudgedLabel => ({
        label,
        verdict: predicted_labels.includes(label) ? "right" : "missed",
      }),
    ),
    ...predicted_labels
      .filter((label) => !gold_labels.includes(label))
      .map((label): JudgedLabel => ({ label, verdict: "spurious" })),
  ];
}
