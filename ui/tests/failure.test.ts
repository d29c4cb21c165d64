import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Failure } from "../src/lib/bindings";
import { sentences } from "../src/lib/catalogue";
import { chooseLanguage, told } from "../src/lib/language.svelte";

const CRATES = join(import.meta.dirname, "../../crates");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "tests" ? [] : sources(path);
    return entry.name.endsWith(".rs") ? [readFileSync(path, "utf8")] : [];
  });
}

const rust = sources(CRATES).join("\n");

/** What the first group of an expression holds, wherever it fits. */
function groups(text: string, expression: RegExp): string[] {
  return [...text.matchAll(expression)].map((found) => found[1] ?? "");
}

/** Every code the engine can send: the arms of `fn code`, and failures made by hand. */
function codes(): string[] {
  const bodies = groups(rust, /fn code\(&self\) -> &'static str \{([\s\S]*?)\n {4}\}/g);
  const found = bodies.flatMap((body) => groups(body, /"([a-z-]+)"/g));
  const byHand = groups(rust, /Failure::new\(\s*"([a-z-]+)"/g);
  return [...new Set([...found, ...byHand])].sort();
}

test("every error of the engine has a sentence in Chinese, and no sentence is left over", () => {
  expect(codes().length).toBeGreaterThan(50);
  expect(Object.keys(sentences.zh).sort()).toEqual(codes());
});

test("what a sentence speaks of is something that errors carry", () => {
  const carried = groups(rust, /json!\(\{(.*?)\}\)/gs).flatMap((fields) => groups(fields, /"(\w+)":/g));
  for (const [code, sentence] of Object.entries(sentences.zh))
    for (const name of groups(sentence, /\{(\w+)\}/g)) expect(carried, `${code}: {${name}}`).toContain(name);
});

test("a failure is told in the language on screen, and in English where the code is unknown", () => {
  const failure: Failure = {
    code: "data-missing",
    message: "there is no file or folder /a/b.csv; check the path",
    data: { path: "/a/b.csv" },
  };
  chooseLanguage("zh");
  expect(told(failure).text).toBe("找不到文件或文件夹 /a/b.csv。请检查路径。");
  expect(told({ ...failure, code: "of-tomorrow" }).text).toBe("There is no file or folder /a/b.csv; check the path");
  chooseLanguage("en");
  expect(told(failure).text).toBe("There is no file or folder /a/b.csv; check the path");
  expect(told({ ...failure, message: "/a/b.csv is empty" }).text).toBe("/a/b.csv is empty");
});
