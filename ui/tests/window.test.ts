import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import App from "../src/App.svelte";
import type { Device } from "../src/lib/bindings";
import { zh } from "../src/lib/catalogue/zh";
import { chooseLanguage } from "../src/lib/language.svelte";
import { chooseTheme } from "../src/lib/theme.svelte";

const CPU: Device = { name: "cpu", kind: "cpu", backend: "Flex", trainable: true, check: "reference", measured: "" };
const GPU: Device = {
  name: "Radeon 780M",
  kind: "gpu",
  backend: "Vulkan",
  trainable: false,
  check: "failed",
  measured: "Gradients differ from the processor's by 3 %.",
};

/** Opens the window on a shell that answers `devices` with what `answer` returns or throws. */
function open(answer: () => unknown) {
  mockIPC((command) => (command === "about" ? { version: "1.2.3" } : answer()));
  return render(App);
}

beforeEach(() => {
  localStorage.clear();
  chooseLanguage("en");
  chooseTheme("system");
});

afterEach(clearMocks);

async function accessible(page: HTMLElement) {
  const found = await axe.run(page, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`)).toEqual([]);
}

test("shows the version and every device with its verdict", async () => {
  const { container } = open(() => [CPU, GPU]);
  const [cpu, gpu] = await screen.findAllByRole("listitem");
  expect(screen.getByText("Version 1.2.3")).toBeTruthy();
  if (!cpu || !gpu) throw new Error("two devices are expected");
  expect(within(cpu).getByText("Ready to train")).toBeTruthy();
  expect(within(gpu).getByText("Radeon 780M")).toBeTruthy();
  expect(within(gpu).getByText("Not offered for training")).toBeTruthy();
  expect(within(gpu).getByText(GPU.measured)).toBeTruthy();
  await accessible(container);
});

test("does not pass a driver without a card off as a graphics card", async () => {
  open(() => [{ ...GPU, name: "llvmpipe", kind: "software-gpu" }]);
  const device = await screen.findByRole("listitem");
  expect(device.textContent).toContain("Graphics driver without a card");
  expect(device.textContent).not.toContain("Graphics card");
});

test("says that it is looking until the shell has answered", async () => {
  let answer: (devices: Device[]) => void = () => {};
  const { container } = open(() => new Promise((resolve) => (answer = resolve)));
  expect(screen.getByText("Looking for devices…")).toBeTruthy();
  expect((screen.getByRole("button", { name: "Look again" }) as HTMLButtonElement).disabled).toBe(true);
  await accessible(container);
  await waitFor(() => {
    answer([CPU]);
    expect(screen.getAllByRole("listitem")).toHaveLength(1);
  });
  expect(screen.queryByText("Looking for devices…")).toBeNull();
});

test("says so when no device was found", async () => {
  const { container } = open(() => []);
  expect(await screen.findByText("No device was found")).toBeTruthy();
  await accessible(container);
});

test("shows a failure with what to do, and looks again on request", async () => {
  let broken = true;
  const { container } = open(() => {
    if (!broken) return [CPU];
    throw { code: "devices-unreadable", message: "It stopped.", data: { cause: "driver lost" } };
  });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("because of a graphics driver");
  expect(alert.textContent).toContain("It stopped. driver lost");
  await accessible(container);
  broken = false;
  await userEvent.click(screen.getByRole("button", { name: "Look again" }));
  expect(await screen.findAllByRole("listitem")).toHaveLength(1);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("tells an answer it does not know in its own words", async () => {
  open(() => {
    throw "command devices not found";
  });
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Looking for devices did not work.");
  expect(alert.textContent).toContain("command devices not found");
});

test("switches to Chinese and remembers it", async () => {
  open(() => [CPU]);
  await userEvent.click(screen.getByRole("radio", { name: "简体中文" }));
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(zh["home.heading"]);
  expect(screen.getByText("版本 1.2.3")).toBeTruthy();
  expect(document.documentElement.lang).toBe("zh-Hans");
  expect(localStorage.getItem("language")).toBe("zh");
});

test("switches the appearance and remembers it", async () => {
  open(() => [CPU]);
  expect(document.documentElement.dataset.theme).toBe("system");
  await userEvent.click(screen.getByRole("radio", { name: "Dark" }));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("theme")).toBe("dark");
});

test("copies the command, and selects it where copying is refused", async () => {
  const user = userEvent.setup();
  open(() => [CPU]);
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
  const command = await navigator.clipboard.readText();
  expect(command).toMatch(/^ballast train --data sample:notes /);
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValueOnce(new Error("refused"));
  await user.click(screen.getByRole("button", { name: "Copied" }));
  expect(await screen.findByText(/Copying was refused/)).toBeTruthy();
  expect(getSelection()?.toString()).toBe(command);
});
