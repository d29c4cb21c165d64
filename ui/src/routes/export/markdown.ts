/** A block of the little Markdown that model cards are written in. */
export type Block =
  | { is: "heading"; level: number; text: string }
  | { is: "text"; text: string }
  | { is: "list"; items: string[] }
  | { is: "table"; head: string[]; rows: string[][] };

/** Text and bold text, in turn. */
export const pieces = (text: string): string[] => text.split("**");

const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The blocks of a card, its front matter left out. */
export function blocks(card: string): Block[] {
  const found: Block[] = [];
  for (const part of card.replace(/^---\n[\s\S]*?\n---\n/, "").split(/\n{2,}/)) {
    const lines = part.split("\n").filter((line) => line.trim() !== "");
    const [first] = lines;
    if (first === undefined) continue;
    const heading = /^(#+) (.*)$/.exec(first);
    if (heading) found.push({ is: "heading", level: (heading[1] ?? "").length, text: heading[2] ?? "" });
    else if (first.startsWith("|")) found.push({ is: "table", head: cells(first), rows: lines.slice(2).map(cells) });
    else if (first.startsWith("- ")) found.push({ is: "list", items: lines.map((line) => line.replace(/^- /, "")) });
    else found.push({ is: "text", text: lines.join(" ") });
  }
  return found;
}
