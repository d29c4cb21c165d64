import type { Failure } from "./bindings";

type Answered<T> = { status: "ok"; data: T } | { status: "error"; error: Failure };

/** The answer of a command. Throws its `Failure`; a shell that broke off is made one too. */
export async function call<T>(answer: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await answer;
  } catch (error) {
    throw asFailure(error);
  }
  if (answered.status === "ok") return answered.data;
  throw asFailure(answered.error);
}

/** Whatever was thrown, as a `Failure`. */
export function asFailure(error: unknown): Failure {
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) return error as Failure;
  return { code: "broken-off", message: error instanceof Error ? error.message : String(error), data: {} };
}
