import type { Evidenced } from "../../lib/bindings";

/** A stretch of a text with its part of the answer: `share` from -1 (most against) to 1 (most for). */
export interface Shade {
  text: string;
  value: number;
  share: number;
}

/** The text in order, cut where pieces begin and end; what no piece covers has no share. */
export function shaded(text: string, pieces: Evidenced[]): Shade[] {
  const characters = Array.from(text);
  const most = Math.max(1e-12, ...pieces.map((piece) => Math.abs(piece.value ?? 0)));
  const shades: Shade[] = [];
  let at = 0;
  for (const piece of [...pieces].sort((a, b) => a.start - b.start)) {
    if (piece.end <= at) continue;
    if (piece.start > at) shades.push({ text: characters.slice(at, piece.start).join(""), value: 0, share: 0 });
    const value = piece.value ?? 0;
    shades.push({ text: characters.slice(Math.max(at, piece.start), piece.end).join(""), value, share: value / most });
    at = piece.end;
  }
  if (at < characters.length) shades.push({ text: characters.slice(at).join(""), value: 0, share: 0 });
  return shades;
}
