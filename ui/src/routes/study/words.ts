import type { StudyReport, StudyVerdict } from "../../lib/bindings";
import { score } from "../../lib/format";
import { t, written } from "../../lib/language.svelte";

/** What stands between two sentences. */
const between = () => (written() === "zh" ? "" : " ");

/** Mean ± standard deviation, in points. */
export function meanOf(mean: number | null | undefined, sd: number | null | undefined): string {
  return sd == null ? score(mean) : `${score(mean)} ± ${score(sd)}`;
}

/** A p-value as papers give it. */
export function pOf(p: number | null | undefined): string {
  if (p == null) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

const failures = (failed: number) =>
  failed === 0 ? t("study.verdict.noneFailed") : t("study.verdict.failed", { n: failed });

/** The answer in words. */
export function sentenceOf(report: StudyReport): string {
  const verdict = report.verdict;
  if (!verdict) return t("study.verdict.nothing");
  const parts = [t("study.verdict.chosen", { arm: nameOf(report, verdict.chosen) })];
  const found = {
    score: t(`score.${report.task}`),
    mean: meanOf(verdict.mean, verdict.sd),
    runs: verdict.runs,
    failed: failures(verdict.failed),
  };
  const interval = verdict.interval;
  parts.push(
    interval
      ? t("study.verdict.test.interval", { ...found, low: score(interval.low), high: score(interval.high) })
      : t("study.verdict.test", found),
  );
  if (verdict.reference_mean !== null) parts.push(compared(report, verdict));
  return parts.join(between());
}

function compared(report: StudyReport, verdict: StudyVerdict): string {
  const reference = t("study.verdict.reference", {
    arm: nameOf(report, verdict.reference),
    mean: meanOf(verdict.reference_mean, verdict.reference_sd),
    runs: verdict.reference_runs,
    failed: failures(verdict.reference_failed),
  });
  if (verdict.p === null) return reference;
  const p = pOf(verdict.p);
  const parts = [
    reference,
    t(verdict.p < 0.05 ? "study.verdict.differs" : verdict.too_few ? "study.verdict.few" : "study.verdict.chance", {
      p,
    }),
  ];
  if (verdict.variance_p !== null) {
    const spread = verdict.variance_p < 0.05 ? "study.verdict.spread.differs" : "study.verdict.spread.chance";
    parts.push(t(spread, { p: pOf(verdict.variance_p) }));
  }
  return parts.join(between());
}

const nameOf = (report: StudyReport, arm: number) => report.arms[arm]?.name ?? "";

/** The id of a run among all runs of the workspace. */
export const runId = (study: string, run: string) => `${study}.${run}`;
