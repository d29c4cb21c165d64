import { untrack } from "svelte";
import type { Failure } from "../../lib/bindings";
import { asFailure } from "../../lib/shell";

export interface Latest<Q, A> {
  /** The last good answer; it stays while a new question is under way, and when that fails. */
  readonly answer: A | null;
  /** Why the latest question has no answer. */
  readonly failure: Failure | null;
  readonly asking: boolean;
  ask: (question: Q) => void;
  stop: () => void;
}

/** Puts questions to the shell that change as fast as a user types: of those within `wait` ms only the last, and an answer
 * counts only as long as no newer question was asked. */
export function latest<Q, A>(put: (question: Q) => Promise<A>, wait: number): Latest<Q, A> {
  let answer = $state.raw<A | null>(null);
  let failure = $state.raw<Failure | null>(null);
  let asking = $state(false);
  let turn = 0;
  let timer = 0;

  async function answered(question: Q, mine: number) {
    try {
      const found = await put(question);
      if (mine !== turn) return;
      answer = found;
      failure = null;
    } catch (error) {
      if (mine !== turn) return;
      failure = asFailure(error);
    }
    asking = false;
  }

  function stop() {
    turn += 1;
    clearTimeout(timer);
  }

  return {
    get answer() {
      return answer;
    },
    get failure() {
      return failure;
    },
    get asking() {
      return asking;
    },
    ask(question) {
      stop();
      const mine = turn;
      asking = true;
      // The first question has nobody to wait for.
      timer = window.setTimeout(() => answered(question, mine), untrack(() => answer) === null ? 0 : wait);
    },
    stop,
  };
}
