import type { Advice, Choices, Keep, Preset, Setting, Wish } from "../../lib/bindings";

export type Value = number | boolean | Keep;

/** What studies compare with, and nobody is advised to use. */
export const COMPARED: Preset[] = ["mixout", "pretrained-decay", "no-bias-correction"];

/** Presets that change which layers learn and how; `standard` is none of them, and `long` goes with any. */
const TECHNIQUES: Preset[] = ["freeze", "layerwise-decay", "reinit-top", ...COMPARED];

/** What was chosen for a setting; nothing where it is left at its default. */
export function chosen(choices: Choices, key: string): Value | null {
  return (choices as Record<string, Value | null | undefined>)[key] ?? null;
}

/** A setting's default; nothing for "never". */
export function usual({ kind, default: text }: Setting): Value | null {
  if (kind === "switch") return text === "true";
  if (kind === "keep") return text === "last" ? "last" : "best";
  return text === "" ? null : Number(text);
}

/** The choices with one setting changed, or back at its default. */
export function changed(choices: Choices, key: string, value: Value | null): Choices {
  const { [key]: _, ...others } = choices as Record<string, unknown>;
  return value === null ? others : { ...others, [key]: value };
}

/** Whether a preset is among others; `standard` is wherever no technique is. */
export function isOn(presets: Preset[], preset: Preset): boolean {
  return preset === "standard" ? !presets.some((other) => TECHNIQUES.includes(other)) : presets.includes(preset);
}

/** Presets after one was switched. `standard` and the techniques exclude each other, and without a technique it is there. */
export function switched(presets: Preset[], preset: Preset, on: boolean): Preset[] {
  const after = on ? [...presets, preset] : presets.filter((other) => other !== preset);
  const techniques = preset === "standard" && on ? [] : TECHNIQUES.filter((technique) => after.includes(technique));
  const basis: Preset[] = techniques.length > 0 ? techniques : ["standard"];
  return after.includes("long") ? [...basis, "long"] : basis;
}

/** Whether two lists of presets come to the same. */
export function samePresets(a: Preset[], b: Preset[]): boolean {
  const all: Preset[] = ["standard", ...TECHNIQUES, "long"];
  return all.every((preset) => isOn(a, preset) === isOn(b, preset));
}

/** The wish after taking an advice. */
export function advised({ encoder, choices, device }: Wish, { key, value }: Advice): Wish {
  if (key === "encoder") return { encoder: value, choices, device };
  if (key === "presets") return { encoder, choices: { ...choices, presets: value.split("+") as Preset[] }, device };
  return { encoder, choices: changed(choices, key, Number(value)), device };
}

/** A number as one would type it: `3e-5`, `0.01`, `16`. */
export function typedAs(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value);
}

export type Problem = "number" | "whole" | "limit";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads what was typed for a setting; empty is the default. A decimal comma and full-width digits are understood. */
export function read(text: string, setting: Setting): { value: number | null } | { problem: Problem } {
  const plain = text.normalize("NFKC").trim().replace("−", "-");
  if (plain === "") return { value: null };
  const dotted = setting.kind === "number" ? plain.replace(",", ".") : plain;
  if (!NUMBER.test(dotted)) return { problem: setting.kind === "integer" ? "whole" : "number" };
  const value = Number(dotted);
  if (setting.kind === "integer" && !Number.isSafeInteger(value)) return { problem: "whole" };
  return allows(setting, value) ? { value } : { problem: "limit" };
}

function allows({ min, max, min_allowed, max_allowed }: Setting, value: number): boolean {
  const above = min === null || value > min || (min_allowed && value === min);
  const below = max === null || value < max || (max_allowed && value === max);
  return above && below && Number.isFinite(value);
}
