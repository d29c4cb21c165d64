import {
  type Action,
  commands,
  type DocumentView,
  type Facts,
  type Failure,
  type Label,
  type LabelKind,
} from "../../lib/bindings";
import { remember, remembered } from "../../lib/remembered";
import { asFailure, call } from "../../lib/shell";

/** The project on screen, who works on it, and the document that is open. */
export const work = $state<{
  id: string;
  facts: Facts | null;
  annotator: number;
  view: DocumentView | null;
  /** Whether all documents are done. */
  over: boolean;
  failure: Failure | null;
}>({ id: "", facts: null, annotator: 0, view: null, over: false, failure: null });

const NAME = "labelling.annotator";

/** Does what the user asked for. What went wrong stays on the screen until he asks for something else. */
export function attempt(what: () => Promise<void>): Promise<boolean> {
  work.failure = null;
  return load(what);
}

/** Gets what the screen shows. */
export async function load(what: () => Promise<void>): Promise<boolean> {
  try {
    await what();
    return true;
  } catch (error) {
    work.failure = asFailure(error);
    return false;
  }
}

export async function openProject(id: string): Promise<void> {
  Object.assign(work, { id, facts: null, view: null, over: false, failure: null, annotator: 0 });
  await attempt(async () => {
    const facts = await call(commands.projectFacts(id));
    const known = facts.annotators.map((annotator) => String(annotator.id));
    work.facts = facts;
    work.annotator = Number(remembered(`${NAME}.${id}`, known, known[0] ?? "0"));
  });
}

export function chooseAnnotator(id: number): void {
  work.annotator = id;
  work.view = null;
  work.over = false;
  remember(`${NAME}.${work.id}`, String(id));
}

export async function refresh(): Promise<void> {
  await load(async () => {
    work.facts = await call(commands.projectFacts(work.id));
  });
}

export async function show(document: number): Promise<void> {
  await attempt(async () => {
    work.view = await call(commands.projectDocument(work.id, work.annotator, document));
    work.over = false;
  });
}

/** The next document that is not done. */
export async function next(after: number | null): Promise<void> {
  await attempt(async () => {
    const found = await call(commands.projectNext(work.id, work.annotator, after));
    if (found === null) {
      work.over = true;
      work.view = null;
    } else {
      work.view = await call(commands.projectDocument(work.id, work.annotator, found));
      work.over = false;
    }
  });
}

/** Actions go one after the other, however fast keys are pressed. */
let last: Promise<unknown> = Promise.resolve();

export function act(action: Action): Promise<boolean> {
  const turn = last.then(() =>
    attempt(async () => {
      if (!work.view) return;
      work.view = await call(commands.projectAct(work.id, work.annotator, work.view.id, action));
    }),
  );
  last = turn;
  return turn;
}

export async function turnBack(again: boolean): Promise<void> {
  const turn = last.then(() =>
    attempt(async () => {
      const view = await call(commands.projectTurnBack(work.id, work.annotator, again));
      if (view) Object.assign(work, { view, over: false });
    }),
  );
  last = turn;
  await turn;
}

export async function finish(): Promise<void> {
  const document = work.view?.id;
  if (document === undefined || !(await act({ kind: "done", done: true }))) return;
  await next(document);
  await refresh();
}

export function labelsOf(kind: LabelKind): Label[] {
  return work.facts?.labels.filter((label) => label.kind === kind) ?? [];
}

export function labelOf(id: number | null): Label | undefined {
  return work.facts?.labels.find((label) => label.id === id);
}
