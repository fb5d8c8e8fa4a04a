import { resolve } from "node:path";
import { defineConfig } from "vite";
import { oneFile } from "./one-file.ts";

// The verifier is one file that opens from a disk: script and style inside, and a policy that forbids all else.
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [oneFile()],
  build: {
    outDir: resolve(import.meta.dirname, "../src/wangge/console/static/console/dist"),
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    target: ["chrome103", "safari16.4", "firefox113"],
    rolldownOptions: { input: resolve(import.meta.dirname, "verifier.html") },
  },
});
