import type { Choices, Difference, Recipe, RunCard, Setting } from "../../lib/bindings";
import { deviceName, moment, small } from "../../lib/format";
import { isKey, t } from "../../lib/language.svelte";

export const nameOf = (card: RunCard): string => t("results.name", { data: card.data, when: moment(card.started) });

export const presetsOf = (card: RunCard): string => card.presets.map((preset) => t(`preset.${preset}`)).join(" + ");

export const howOf = (card: RunCard): string =>
  t("results.how", { encoder: card.encoder, presets: presetsOf(card), seed: String(card.seed) });

/** The letter by which a compared run is called. */
export const letter = (place: number): string =>
  String.fromCharCode(65 + (place % 26)).repeat(Math.floor(place / 26) + 1);

/** A difference of two scores in points, with its sign. */
export function points(difference: number | null): string {
  if (difference === null) return "–";
  const written = Math.abs(100 * difference).toFixed(1);
  if (Number(written) === 0) return "±0.0";
  return `${difference > 0 ? "+" : "−"}${written}`;
}

/** The settings of a recipe as `compareRuns` writes them. */
export function settingsOf(recipe: Recipe): { key: string; value: string }[] {
  return Object.entries(recipe).map(([key, value]) => ({
    key,
    value: Array.isArray(value) ? value.join(" + ") : String(value ?? ""),
  }));
}

/** A setting's name; the key itself where the catalogue does not know it. */
export function settingName(key: string): string {
  const known = `results.setting.${key}`;
  return isKey(known) ? t(known) : key;
}

/** A setting's value as `compareRuns` writes it, in words. */
export function settingValue({ key, value }: { key: string; value: string }): string {
  if (value === "true") return t("results.value.yes");
  if (value === "false") return t("results.value.no");
  if (value === "") return t(key === "patience" ? "results.value.never" : "results.value.none");
  if (key === "device") return deviceName(value);
  if (key === "keep") return t(value === "best" ? "results.value.best" : "results.value.last");
  if (key === "presets" || key === "task") {
    const words = value.split(" + ").map((name) => {
      const known = `${key === "task" ? "task" : "preset"}.${name}`;
      return isKey(known) ? t(known) : name;
    });
    return words.join(" + ");
  }
  if ((key === "decay" && value === "1") || (key === "reinit-layers" && value === "0")) return t("results.value.none");
  return key === "learning-rate" || key === "weight-decay" ? small(Number(value)) : value;
}

/** Whether runs differ in nothing but chance. */
export const onlySeeds = (differences: Difference[]): boolean =>
  differences.length > 0 &&
  differences.every(({ key }) => key === "seed" || key === "device") &&
  differences.some(({ key }) => key === "seed");

/** A recipe as a user would ask for it, every setting that does something in it named. */
export function choicesOf(recipe: Recipe): Choices {
  const {
    task: _,
    truncate: _cut,
    "frozen-layers": frozen,
    "frozen-dropout": noisy,
    decay,
    "reinit-layers": drawn,
    mixout,
    "pretrained-decay": _towards,
    "bias-correction": _corrected,
    ...shared
  } = recipe;
  return {
    ...shared,
    ...(recipe.presets.includes("freeze") ? { "freeze.k": frozen, "freeze.dropout": noisy } : {}),
    ...(recipe.presets.includes("layerwise-decay") ? { "layerwise-decay.d": decay } : {}),
    ...(recipe.presets.includes("reinit-top") ? { "reinit-top.l": drawn } : {}),
    ...(recipe.presets.includes("mixout") ? { "mixout.p": mixout } : {}),
  };
}

/** The choices without those that come to the same as leaving them open, so that another preset still changes them. */
export function withoutDefaults(choices: Choices, settings: Setting[]): Choices {
  const usual = settings.filter((setting) => setting.value === setting.default && setting.key !== "seed");
  const keys = new Set(usual.map((setting) => setting.key));
  return Object.fromEntries(Object.entries(choices).filter(([key]) => !keys.has(key)));
}
