import type { JudgedSpan, ReviewedExample, Verdict } from "../../lib/bindings";
import { t } from "../../lib/language.svelte";
import type { Look } from "../../lib/parts/Marked.svelte";

export interface Drawn {
  start: number;
  end: number;
  label: string;
  look: Look;
  title: string;
}

const MISTAKES = ["missed", "spurious", "wrong-type", "wrong-borders"] as const;

/** Gold and predicted entities as they are drawn over the text: once where both agree on the borders. */
export function drawnSpans({ gold_spans, predicted_spans }: ReviewedExample): Drawn[] {
  return [
    ...gold_spans.flatMap((span) => drawnGold(span)),
    ...predicted_spans.flatMap((span) => drawnPredicted(span, gold_spans)),
  ];
}

function drawnGold({ start, end, label, verdict }: JudgedSpan): Drawn[] {
  if (verdict === "right") return [{ start, end, label, look: "right", title: t("results.span.right", { label }) }];
  if (verdict === "missed") return [{ start, end, label, look: "missed", title: t("results.span.missed", { label }) }];
  if (verdict === "wrong-borders")
    return [{ start, end, label, look: "gold", title: t("results.span.gold", { label }) }];
  return [];
}

function drawnPredicted({ start, end, label, verdict }: JudgedSpan, golds: JudgedSpan[]): Drawn[] {
  if (verdict === "right") return [];
  if (verdict === "spurious")
    return [{ start, end, label, look: "spurious", title: t("results.span.spurious", { label }) }];
  if (verdict === "wrong-borders")
    return [{ start, end, label, look: "wrong", title: t("results.span.borders", { label }) }];
  const gold = golds.find((span) => span.start === start && span.end === end)?.label ?? "";
  const title = t("results.span.type", { gold, predicted: label });
  return [{ start, end, label: `${gold} → ${label}`, look: "wrong", title }];
}

/** What went wrong in a text, by kind. One wrong type or wrong border concerns a gold and a predicted entity; it counts by
 * the predicted ones. */
export function mistakes({
  gold_spans,
  predicted_spans,
}: ReviewedExample): { verdict: (typeof MISTAKES)[number]; n: number }[] {
  const of = (spans: JudgedSpan[], verdict: Verdict) => spans.filter((span) => span.verdict === verdict).length;
  return MISTAKES.map((verdict) => ({
    verdict,
    n: of(verdict === "missed" ? gold_spans : predicted_spans, verdict),
  })).filter(({ n }) => n > 0);
}
