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
  /** Whether only texts are gone through that somebody else has done. */
  shared: boolean;
  /** The step that was taken back or done again last; no step where there was none. */
  turned: { step: string | null; again: boolean } | null;
  failure: Failure | null;
}>({ id: "", facts: null, annotator: 0, view: null, over: false, shared: false, turned: null, failure: null });

const NAME = "labelling.annotator";

/** Does what the user asked for. What went wrong stays on the screen until he asks for something else. */
export function attempt(what: () => Promise<void>): Promise<boolean> {
  work.failure = null;
  work.turned = null;
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
  Object.assign(work, {
    id,
    facts: null,
    view: null,
    over: false,
    shared: false,
    turned: null,
    failure: null,
    annotator: 0,
  });
  await attempt(async () => {
    const facts = await call(commands.projectFacts(id));
    const known = facts.annotators.map((annotator) => String(annotator.id));
    work.facts = facts;
    work.annotator = Number(remembered(`${NAME}.${id}`, known, known[0] ?? "0"));
  });
}

export function chooseAnnotator(id: number): void {
  work.annotator = id;
  Object.assign(work, { view: null, over: false, shared: false });
  remember(`${NAME}.${work.id}`, String(id));
}

export async function refresh(): Promise<void> {
  await load(async () => {
    work.facts = await call(commands.projectFacts(work.id));
  });
}

export function show(document: number): Promise<boolean> {
  return inTurn(() =>
    attempt(async () => {
      work.view = await call(commands.projectDocument(work.id, work.annotator, document));
      work.over = false;
    }),
  );
}

/** The next document that is not done. */
export function next(after: number | null): Promise<boolean> {
  return inTurn(() => attempt(() => step(after)));
}

async function step(after: number | null): Promise<void> {
  const found = await call(commands.projectNext(work.id, work.annotator, after, work.shared));
  if (found === null) {
    work.over = true;
    work.view = null;
  } else {
    work.view = await call(commands.projectDocument(work.id, work.annotator, found));
    work.over = false;
  }
}

/** Actions go one after the other, however fast keys are pressed. */
let last: Promise<unknown> = Promise.resolve();

export function inTurn<T>(what: () => Promise<T>): Promise<T> {
  const turn = last.then(what);
  last = turn.catch(() => undefined);
  return turn;
}

/** An action, or how it follows from the document as it is when its turn has come. */
type Wish = Action | ((view: DocumentView) => Action | null);

/** Does something to the document on screen. Where another is on screen by its turn, it is dropped. */
export function act(wish: Wish): Promise<boolean> {
  const [document, annotator] = [work.view?.id, work.annotator];
  return inTurn(async () => {
    const view = work.view;
    if (!view || view.id !== document || work.annotator !== annotator) return false;
    const action = typeof wish === "function" ? wish(view) : wish;
    if (action === null) return true;
    return attempt(async () => {
      const changed = await call(commands.projectAct(work.id, annotator, view.id, action));
      if (work.view?.id === changed.id) work.view = changed;
    });
  });
}

export function turnBack(again: boolean): Promise<boolean> {
  return inTurn(() =>
    attempt(async () => {
      const turned = await call(commands.projectTurnBack(work.id, work.annotator, again));
      work.turned = { step: turned?.action ?? null, again };
      if (turned) work.facts = turned.facts;
      if (turned?.view) Object.assign(work, { view: turned.view, over: false });
      else if (turned && work.view)
        work.view = await call(commands.projectDocument(work.id, work.annotator, work.view.id));
    }),
  );
}

/** Goes through the texts that somebody else has done, or through all again. */
export function share(shared: boolean): Promise<boolean> {
  work.shared = shared;
  return next(null);
}

/** Has the last model look at the document on screen as it is now. What it says of a document that has changed since is not shown. */
export function suggestHere(): Promise<boolean> {
  const view = work.view;
  if (!view) return Promise.resolve(false);
  const [id, annotator] = [work.id, work.annotator];
  return load(async () => {
    const asked = await call(commands.projectSuggestFor(id, annotator, view.id));
    if (work.id === id && work.annotator === annotator && work.view === view) work.view = asked;
  });
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
