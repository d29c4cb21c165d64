import { commands } from "./bindings";
import { remember, remembered } from "./remembered";
import { call } from "./shell";

export const ZOOMS = ["100", "125", "150", "200"] as const;
export type Zoom = (typeof ZOOMS)[number];

/** How large everything is shown, in per cent. */
export const zoom = $state<{ choice: Zoom }>({ choice: remembered("zoom", ZOOMS, "100") });

export async function chooseZoom(choice: Zoom): Promise<void> {
  zoom.choice = choice;
  remember("zoom", choice);
  await call(commands.setZoom(Number(choice) / 100));
}

/** One step larger (1) or smaller (-1). */
export async function stepZoom(by: number): Promise<void> {
  const next = ZOOMS[ZOOMS.indexOf(zoom.choice) + by];
  if (next) await chooseZoom(next);
}
