import type { Failure } from "./bindings";
import { type Catalogue, en, type Key, sentences, zh } from "./catalogue";
import { remember, remembered } from "./remembered";

export const LANGUAGES = ["system", "en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Written = Exclude<Language, "system">;

export const catalogues: Record<Written, Catalogue> = { en, zh };
export const TAGS: Record<Written, string> = { en: "en", zh: "zh-Hans" };

export const language = $state<{ choice: Language }>({ choice: remembered("language", LANGUAGES, "system") });

export function chooseLanguage(choice: Language): void {
  language.choice = choice;
  remember("language", choice);
}

/** The first of the system's languages that Ballast is written in; English where there is none. */
export function ofSystem(preferred: readonly string[]): Written {
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "zh" || primary === "en") return primary;
  }
  return "en";
}

/** The language on screen. */
export function written(): Written {
  return language.choice === "system" ? ofSystem(navigator.languages) : language.choice;
}

/** The catalogue's text for `key` in the language on screen, with `{name}` replaced from `values`; numbers are written as
 * the language writes them. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(catalogues[written()][key], values);
}

function fill(text: string, values: Record<string, string | number | undefined>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(TAGS[written()]) : value;
  });
}

/** What a failure says: in English the engine's own sentence, else the catalogue's where it knows the code. */
export function told(failure: Failure): string {
  const tongue = written();
  const own = tongue === "en" ? undefined : sentences[tongue][failure.code];
  return own === undefined ? failure.message : fill(own, failure.data);
}

/** Whether the catalogue knows `key`, for keys that are built from a code the shell sent. */
export function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}
