import { remember, remembered } from "./remembered";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The appearance as chosen. The colours follow through `data-theme` on the root element (app.css). */
export const theme = $state<{ choice: Theme }>({ choice: remembered("theme", THEMES, "system") });

export function chooseTheme(choice: Theme): void {
  theme.choice = choice;
  remember("theme", choice);
}
