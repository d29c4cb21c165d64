import { expect, test } from "vitest";
import css from "../src/app.css?raw";

const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light, dark },
  ]),
);

/** Relative luminance of an sRGB colour, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Text or mark, ground, and the ratio that WCAG 2.2 AA asks of it: 4.5 for text (1.4.3), 3 for marks and borders (1.4.11). */
const PAIRS: [string, string, number][] = [
  ["ink", "paper", 4.5],
  ["ink", "card", 4.5],
  ["ink", "well", 4.5],
  ["ink", "rose-soft", 4.5],
  ["ink-2", "paper", 4.5],
  ["ink-2", "card", 4.5],
  ["ink-2", "well", 4.5],
  ["ink-3", "paper", 4.5],
  ["ink-3", "card", 4.5],
  ["accent-ink", "accent-soft", 4.5],
  ["green", "green-soft", 4.5],
  ["amber", "amber-soft", 4.5],
  ["amber", "card", 4.5],
  ["rose", "rose-soft", 4.5],
  ["accent-ink", "card", 4.5],
  ["accent-ink", "paper", 4.5],
  ["amber", "paper", 4.5],
  ["rose", "paper", 4.5],
  ["accent", "card", 3],
  ["accent", "well", 3],
  ["accent", "paper", 3],
  ["edge", "card", 3],
  ["edge", "paper", 3],
  ["ink", "accent-soft", 4.5],
  ["ink", "amber-soft", 4.5],
  ["ink", "violet-soft", 4.5],
  ["rose", "card", 4.5],
  ["violet", "card", 3],
  ["green", "card", 3],
];

for (const theme of ["light", "dark"] as const) {
  test.each(PAIRS)(`%s on %s reaches %d in ${theme}`, (front, ground, least) => {
    const a = tokens.get(front)?.[theme];
    const b = tokens.get(ground)?.[theme];
    if (!a || !b) throw new Error(`app.css lacks --${front} or --${ground}`);
    expect(contrast(a, b)).toBeGreaterThanOrEqual(least);
  });
}
