import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { go } from "../src/lib/route.svelte";
import Predict from "../src/routes/predict/Predict.svelte";

let calls: { command: string; args: unknown }[] = [];

function answer(pair: boolean): void {
  calls = [];
  go("predict");
  mockIPC((command, args) => {
    calls.push({ command, args });
    if (command === "runs")
      return [
        { id: "run-1", task: "classification", data: "a.csv", presets: [], seed: 1, score: { dev: 1, test: 1 }, pair },
      ];
    throw { code: "run-missing", message: "its folder is gone", data: {} };
  });
}

afterEach(() => {
  cleanup();
  clearMocks();
});

test("a model of pairs asks for both texts", async () => {
  answer(true);
  render(Predict);
  await userEvent.type(await screen.findByLabelText("Text"), "What helps?");
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Answer" });
  expect(button.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Second text"), "Rest helped.");
  await userEvent.click(button);
  const asked = { command: "predict_text", args: { id: "run-1", text: "What helps?", pair: "Rest helped." } };
  await waitFor(() => expect(calls).toContainEqual(asked));
});

test("other models ask for one text, and what fails is said beside it", async () => {
  answer(false);
  render(Predict);
  await userEvent.type(await screen.findByLabelText("Text"), "What helps?");
  expect(screen.queryByLabelText("Second text")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  const told = await screen.findByText("Its folder is gone");
  expect(told.closest(".card")?.contains(screen.getByLabelText("Text"))).toBe(true);
});
