import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  // The oldest engines the window meets: WebKitGTK of Debian 12, Safari 17.5, and any current WebView2.
  build: { target: ["safari17.5", "chrome123"], assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { environment: "happy-dom", css: true, include: ["tests/**/*.test.ts"] },
});
