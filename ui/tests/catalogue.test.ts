import { expect, test } from "vitest";
import { en } from "../src/lib/catalogue";
import { catalogues, ofSystem } from "../src/lib/language.svelte";

const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

for (const [name, catalogue] of Object.entries(catalogues)) {
  test(`${name} has every text, with the same slots as English`, () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(catalogue[key].trim(), key).not.toBe("");
      expect(slots(catalogue[key]), key).toEqual(slots(en[key]));
    }
  });
}

test("the system's first language that Ballast is written in wins", () => {
  expect(ofSystem(["fr-FR", "zh-CN", "en"])).toBe("zh");
  expect(ofSystem(["en-GB", "zh"])).toBe("en");
  expect(ofSystem(["zh-Hant-TW"])).toBe("zh");
  expect(ofSystem(["fr"])).toBe("en");
  expect(ofSystem([])).toBe("en");
});
