import { resolve } from "node:path";
import { defineConfig } from "vite";

// Relative base: workers and lazy chunks are found beside the file that asks for them,
// wherever the platform's static files are served from.
export default defineConfig({
  base: "./",
  publicDir: false,
  worker: { format: "es" },
  build: {
    outDir: resolve(import.meta.dirname, "../src/wangge/console/static/console/dist"),
    emptyOutDir: true,
    // Not the default .vite/manifest.json: static file collectors skip names that start with a dot.
    manifest: "manifest.json",
    // An inlined asset becomes a data: address, which the pages' security policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome100", "safari15.4", "firefox100"],
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      // htmx can evaluate text; the pages forbid it twice (allowEval false, and the policy), so it never runs.
      checks: { eval: false },
      input: {
        app: resolve(import.meta.dirname, "src/app.ts"),
        field: resolve(import.meta.dirname, "src/field.ts"),
      },
    },
  },
  test: { environment: "node", include: ["test/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
