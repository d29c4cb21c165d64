import { Channel } from "@tauri-apps/api/core";
import { type Bulletin, type Curves, commands, type JobState, type JobView, type Notice } from "./bindings";
import { call } from "./shell";

let all = $state.raw<JobView[]>([]);
/** Thousands of points: none is watched by itself. */
let curves = $state.raw<Record<string, Curves>>({});

/** Every job of this session, and the curves of those that have begun. It follows the shell's notices. */
export const jobs = {
  get all(): JobView[] {
    return all;
  },
  get curves(): Record<string, Curves> {
    return curves;
  },
};

/** What happens around the window. */
export const around = $state<{ over: boolean; closing: boolean }>({ over: false, closing: false });

type Dropped = (paths: string[]) => void;
let receiver = $state.raw<Dropped | null>(null);

/** Hands dropped files to `take` for as long as a screen that wants them is open; returns how to end that. */
export function receiveDrops(take: Dropped): () => void {
  receiver = take;
  return () => {
    if (receiver === take) receiver = null;
  };
}

/** Whether the screen that is open takes what is dropped. */
export const takesDrops = (): boolean => receiver !== null;

/** Begins to listen. The first notice tells the present state, so that reloading the page loses nothing. */
export async function listen(): Promise<void> {
  const notices = new Channel<Notice>();
  notices.onmessage = hear;
  await call(commands.watch(notices));
}

function hear(notice: Notice): void {
  if (notice.notice === "jobs") follow(notice.bulletin);
  else if (notice.notice === "closing") around.closing = true;
  else if (notice.notice === "hovering") around.over = notice.over;
  else {
    around.over = false;
    receiver?.(notice.paths);
  }
}

export function follow(bulletin: Bulletin): void {
  all = bulletin.jobs;
  if (bulletin.curves.length === 0) return;
  const next = { ...curves };
  for (const { id, fresh, points } of bulletin.curves) {
    const known = fresh ? undefined : next[id];
    known?.steps.push(...points.steps);
    known?.evaluations.push(...points.evaluations);
    known?.warnings.push(...points.warnings);
    known?.collapses.push(...points.collapses);
    next[id] = { ...(known ?? points) };
  }
  curves = next;
}

const WORKING: JobState[] = ["preparing", "freezing", "training", "evaluating", "pausing", "stopping"];
const ENDED: JobState[] = ["completed", "stopped-early", "given-up", "stopped", "failed"];

export const isWorking = (job: JobView) => WORKING.includes(job.state);
export const hasEnded = (job: JobView) => ENDED.includes(job.state);

/** The job that is being worked on, if any. */
export const working = () => jobs.all.find(isWorking);
