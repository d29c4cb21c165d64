import type { ClassificationScores, ClassScores, Scores } from "../../lib/bindings";
import { correlation, score, small } from "../../lib/format";
import { t } from "../../lib/language.svelte";

/** A measure with its value on one split, as it is written. */
export interface Measure {
  label: string;
  value: string;
}

export interface Group {
  heading: string;
  measures: Measure[];
}

type Of<T extends Scores["task"]> = Extract<Scores, { task: T }>;

const measure = (label: string, value: number | null, write: (value: number | null) => string = score): Measure => ({
  label,
  value: write(value),
});

interface Matched {
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

const matched = ({ precision, recall, f1 }: Matched): Measure[] => [
  measure(t("results.scores.precision"), precision),
  measure(t("results.scores.recall"), recall),
  measure(t("results.scores.f1"), f1),
];

/** The few numbers that stand in sight whatever part is open; the first is the one by which the run is judged. */
export function headline(of: Scores): Measure[] {
  switch (of.task) {
    case "ner":
      return [
        measure(t("results.scores.exactF1"), of.exact.f1),
        measure(t("results.scores.precision"), of.exact.precision),
        measure(t("results.scores.recall"), of.exact.recall),
        measure(t("results.scores.partialF1"), of.partial.f1),
      ];
    case "pico":
      return [measure(t("results.scores.wordF1"), of.macro_f1), measure(t("results.scores.wordAccuracy"), of.accuracy)];
    case "relation":
      return [
        measure(t("results.scores.microF1"), of.micro.f1),
        measure(t("results.scores.precision"), of.micro.precision),
        measure(t("results.scores.recall"), of.micro.recall),
        measure(t("results.scores.baselineF1"), of.constant_f1),
      ];
    case "similarity":
      return [
        measure(t("results.scores.pearson"), of.pearson, correlation),
        measure(t("results.scores.spearman"), of.spearman, correlation),
        measure(t("results.scores.mae"), of.mae, small),
      ];
    case "multilabel":
      return [
        measure(t("results.scores.microF1"), of.micro.f1),
        measure(t("results.scores.macroF1"), of.macro_f1),
        measure(t("results.scores.exactMatch"), of.exact_match),
        measure(t("results.scores.baselineF1"), of.constant_f1),
      ];
    case "qa":
      return [
        measure(t("results.scores.accuracy"), of.accuracy),
        measure(t("results.scores.baseline"), of.constant_accuracy),
        measure(t("results.scores.macroF1"), of.macro_f1),
        measure(t("results.scores.mcc"), of.mcc),
      ];
    case "classification":
      return [
        measure(t("results.scores.macroF1"), of.macro_f1),
        measure(t("results.scores.accuracy"), of.accuracy),
        measure(t("results.scores.baseline"), of.constant_accuracy),
        measure(t("results.scores.mcc"), of.mcc),
      ];
  }
}

/** All that was measured over a split as a whole. */
export function overall(of: Scores): Group[] {
  switch (of.task) {
    case "ner":
      return ofEntities(of);
    case "pico":
      return [
        { heading: t("results.scores.macroAll"), measures: [measure(t("results.scores.wordF1"), of.macro_f1)] },
        { heading: t("results.scores.words"), measures: [measure(t("results.scores.accuracy"), of.accuracy)] },
      ];
    case "relation":
      return ofRelations(of);
    case "similarity":
      return ofSimilarity(of);
    case "multilabel":
      return ofSets(of);
    case "qa":
      return ofClasses(of).toReversed();
    case "classification":
      return ofClasses(of);
  }
}

const ofEntities = (of: Of<"ner">): Group[] => [
  { heading: t("results.scores.exact"), measures: matched(of.exact) },
  { heading: t("results.scores.partial"), measures: matched(of.partial) },
  { heading: t("results.scores.macroAll"), measures: [measure(t("results.scores.macroF1"), of.macro_f1)] },
];

const ofClasses = (of: ClassificationScores): Group[] => [
  {
    heading: t("results.scores.macroAll"),
    measures: [
      measure(t("results.scores.macroF1"), of.macro_f1),
      measure(t("results.scores.precision"), of.macro_precision),
      measure(t("results.scores.recall"), of.macro_recall),
    ],
  },
  {
    heading: t("results.scores.all"),
    measures: [
      measure(t("results.scores.accuracy"), of.accuracy),
      measure(t("results.scores.constant"), of.constant_accuracy),
      measure(t("results.scores.microF1"), of.micro_f1),
      measure(t("results.scores.mcc"), of.mcc),
    ],
  },
];

const ofRelations = (of: Of<"relation">): Group[] => [
  {
    heading: t("results.scores.relations"),
    measures: [
      ...matched(of.micro),
      measure(t("results.scores.constantF1"), of.constant_f1),
      measure(t("results.scores.macroF1"), of.macro_f1),
    ],
  },
  {
    heading: t("results.scores.all"),
    measures: [
      measure(t("results.scores.accuracy"), of.accuracy),
      measure(t("results.scores.constant"), of.constant_accuracy),
    ],
  },
];

const ofSimilarity = (of: Of<"similarity">): Group[] => [
  {
    heading: t("results.scores.correlation"),
    measures: [
      measure(t("results.scores.pearson"), of.pearson, correlation),
      measure(t("results.scores.spearman"), of.spearman, correlation),
    ],
  },
  {
    heading: t("results.scores.errors"),
    measures: [
      measure(t("results.scores.mae"), of.mae, small),
      measure(t("results.scores.mse"), of.mse, small),
      measure(t("results.scores.variance"), of.gold_variance, small),
    ],
  },
];

const ofSets = (of: Of<"multilabel">): Group[] => [
  {
    heading: t("results.scores.decisions"),
    measures: [
      ...matched(of.micro),
      measure(t("results.scores.constantSet"), of.constant_f1),
      measure(t("results.scores.hamming"), of.hamming_loss),
    ],
  },
  { heading: t("results.scores.macroAll"), measures: [measure(t("results.scores.macroF1"), of.macro_f1)] },
  { heading: t("results.scores.all"), measures: [measure(t("results.scores.exactMatch"), of.exact_match)] },
];

/** The scores of each label; none where answers are numbers. */
export function perLabel(of: Scores): ClassScores[] {
  switch (of.task) {
    case "ner":
    case "pico":
      return of.per_type;
    case "similarity":
      return [];
    case "multilabel":
      return of.per_label;
    default:
      return of.per_class;
  }
}

/** How often each label got each, where a text has one. */
export const confusionOf = (of: Scores): number[][] | null => ("confusion" in of ? of.confusion : null);

/** The label that says that there is no relation. */
export function negativeOf(of: Scores): string | null {
  if (of.task !== "relation" || of.negative === null) return null;
  return of.per_class[of.negative]?.label ?? null;
}
