import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobView } from "../src/lib/bindings";
import { follow } from "../src/lib/jobs.svelte";
import { chooseLanguage } from "../src/lib/language.svelte";
import { go } from "../src/lib/route.svelte";
import Train from "../src/routes/train/Train.svelte";

const BROKEN: JobView = {
  study: null,
  id: "run-1",
  data: "notes.csv",
  task: "classification",
  encoder: "starter",
  presets: ["standard"],
  seed: 1,
  device: "vulkan:0",
  state: "failed",
  problem: {
    code: "device-broke",
    message: "The device failed in the middle of training.",
    data: { cause: "device lost" },
  },
  progress: {
    step: 12,
    steps: 90,
    epoch: 2,
    epochs: 10,
    done: 0,
    of: 0,
    examples_per_second: null,
    elapsed: 8,
    remaining: null,
    best: 0.5,
    best_epoch: 1,
    memory: null,
  },
};

let calls: { command: string; args: unknown }[] = [];

beforeEach(() => {
  calls = [];
  mockIPC((command, args) => {
    calls.push({ command, args });
    return null;
  });
  go("train", "run-1");
  follow({ jobs: [BROKEN], curves: [] });
});

afterEach(() => {
  cleanup();
  clearMocks();
  chooseLanguage("en");
});

test("a device that fails in the middle is told, and the run goes on on the processor", async () => {
  render(Train);
  expect((await screen.findByRole("alert")).textContent).toContain("The device failed in the middle of training.");
  expect(await axe.run(document.body, { rules: { region: { enabled: false } } })).toMatchObject({ violations: [] });
  await userEvent.click(screen.getByRole("button", { name: "Go on, on the processor" }));
  await waitFor(() => expect(calls).toContainEqual({ command: "resume", args: { id: "run-1", device: "cpu" } }));
});

test("it is told in Chinese as well", async () => {
  chooseLanguage("zh");
  render(Train);
  expect((await screen.findByRole("alert")).textContent).toContain("训练中途设备出错");
});
