export const STEPS = ["data", "model", "recipe", "train", "results", "predict", "export"] as const;
export const PLACES = ["home", ...STEPS, "label", "study", "devices", "settings"] as const;
export type Screen = (typeof PLACES)[number];

/** The screen, and what it shows there (a run's id), as the address says: `#/results/ID`. */
export const route = $state<{ screen: Screen; of: string | null }>(read());

function read(): { screen: Screen; of: string | null } {
  const [name, of] = location.hash.replace(/^#\//, "").split("/");
  const screen = PLACES.find((place) => place === name) ?? "home";
  return { screen, of: of ? decodeURIComponent(of) : null };
}

addEventListener("hashchange", () => Object.assign(route, read()));

export function address(screen: Screen, of?: string | null): string {
  return of ? `#/${screen}/${encodeURIComponent(of)}` : `#/${screen}`;
}

export function go(screen: Screen, of?: string | null): void {
  location.hash = address(screen, of);
  Object.assign(route, read());
}
