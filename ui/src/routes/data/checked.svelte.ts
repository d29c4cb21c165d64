import { commands, type DataReport, type DomainFit, type Failure, type Hygiene } from "../../lib/bindings";
import { asFailure, call } from "../../lib/shell";

let of = $state.raw<DataReport | null>(null);
let stage = $state<"hygiene" | "fit" | null>(null);
let hygiene = $state.raw<Hygiene | null>(null);
let fits = $state.raw<DomainFit[] | null>(null);
let failure = $state.raw<Failure | null>(null);
/** What was found in other data is not shown. */
let turn = 0;

/** The check of the data that are open; it goes on, and what it found stays, whatever screen is open. */
export const checked = {
  get stage() {
    return stage;
  },
  get hygiene() {
    return hygiene;
  },
  get fits() {
    return fits;
  },
  get failure() {
    return failure;
  },
};

/** Forgets what was found where it was found in other data. */
export function checkedIn(report: DataReport): void {
  if (of?.sha256 === report.sha256) return;
  turn += 1;
  [of, stage, hygiene, fits, failure] = [report, null, null, null, null];
}

export async function check(): Promise<void> {
  const own = ++turn;
  [stage, hygiene, fits, failure] = ["hygiene", null, null, null];
  try {
    const found = await call(commands.dataHygiene());
    if (own !== turn) return;
    [hygiene, stage] = [found, "fit"];
    const fitting = await call(commands.dataFit());
    if (own === turn) fits = fitting;
  } catch (error) {
    if (own === turn) failure = asFailure(error);
  }
  if (own === turn) stage = null;
}

/** Ends the check; what it has found so far stays. */
export async function endCheck(): Promise<void> {
  try {
    await call(commands.dataCancel());
  } catch (error) {
    failure = asFailure(error);
  }
}
