import type { Advice, Failure, Preset, Setting } from "../../lib/bindings";
import { memory } from "../../lib/format";
import { isKey, t } from "../../lib/language.svelte";
import { type Problem, typedAs, usual } from "./choices";

export function labelOf(key: string): string {
  const known = `recipe.setting.${key}`;
  return isKey(known) ? t(known) : key;
}

export function hintOf(key: string): string {
  const known = `recipe.hint.${key}`;
  return isKey(known) ? t(known) : "";
}

/** The values that a setting may have, in words; nothing where it has no limits. */
export function limitsOf({ min, max, min_allowed, max_allowed }: Setting): string {
  const values = { min: typedAs(min ?? 0), max: typedAs(max ?? 0) };
  if (min !== null && max !== null && min_allowed && max_allowed) return t("recipe.limit.both", values);
  const lower = min === null ? [] : [t(min_allowed ? "recipe.limit.from" : "recipe.limit.above", values)];
  const upper = max === null ? [] : [t(max_allowed ? "recipe.limit.to" : "recipe.limit.below", values)];
  return [...lower, ...upper].join(t("recipe.limit.and"));
}

/** A setting's default as a user reads it. */
export function defaultOf(setting: Setting): string {
  const value = usual(setting);
  if (value === null) {
    const open = `recipe.open.${setting.key}`;
    return t(isKey(open) ? open : "recipe.never");
  }
  if (typeof value === "boolean") return t(value ? "recipe.on" : "recipe.off");
  return typeof value === "number" ? typedAs(value) : t(`recipe.keep.${value}`);
}

export function problemOf(problem: Problem, setting: Setting): string {
  if (problem === "limit") return t("recipe.problem.limit", { limit: limitsOf(setting) });
  return t(problem === "whole" ? "recipe.problem.whole" : "recipe.problem.number");
}

/** Why the engine refused a setting's value. */
export function refusalOf(failure: Failure, setting: Setting): string {
  const { frozen, reinit, layers } = failure.data;
  if (frozen && reinit && layers) return t("recipe.problem.meet", { frozen, reinit, layers });
  return t("recipe.problem.limit", { limit: limitsOf(setting) });
}

export const presetsOf = (presets: Preset[]): string => presets.map((preset) => t(`preset.${preset}`)).join(" + ");

export const encoderOf = (name: string): string => (name === "starter" ? t("recipe.starter") : name);

/** An advice as a button says it. */
export function adviceOf({ key, value, memory: needed }: Advice): string {
  const about = memory(needed);
  if (key === "encoder") return t("recipe.advice.encoder", { value: encoderOf(value), memory: about });
  if (key === "presets")
    return t("recipe.advice.presets", { value: presetsOf(value.split("+") as Preset[]), memory: about });
  const known = `recipe.advice.${key}`;
  if (isKey(known)) return t(known, { value, memory: about });
  return t("recipe.advice.other", { key: labelOf(key), value, memory: about });
}
