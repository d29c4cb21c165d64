import type { JobView, RunCard } from "../../lib/bindings";
import { hasEnded, jobs } from "../../lib/jobs.svelte";

export interface Standing {
  /** Its place in the queue, while it has not ended. */
  job: JobView | undefined;
  /** Whether it is worked on or waits its turn. */
  active: boolean;
  /** Whether it can be gone on with. */
  resumable: boolean;
}

/** How a run stands: its card was read from disk, the queue knows more of those of this session. */
export function standing(card: RunCard): Standing {
  const job = jobs.all.find((job) => job.id === card.id && !hasEnded(job));
  const active = job ? job.state !== "paused" : card.state === "running";
  return { job, active, resumable: !active && (job !== undefined || ["interrupted", "stopped"].includes(card.state)) };
}
