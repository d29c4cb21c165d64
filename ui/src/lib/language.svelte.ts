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

/** What a failure says, and in which language: the catalogue's sentence where it knows the code, else the engine's own in
 * English. */
export function told(failure: Failure): { text: string; language: Written } {
  const language = written();
  const own = language === "en" ? undefined : sentences[language][failure.code];
  if (own === undefined) return { text: sentence(failure.message), language: "en" };
  return { text: fill(own, failure.data), language };
}

/** With a capital at its beginning, unless it begins with a name or a path. */
function sentence(message: string): string {
  return /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

/** Whether the catalogue knows `key`, for keys that are built from a code the shell sent. */
export function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}
