import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

import { compressAssets } from "./build/compress.mjs";
import { licenceNotices } from "./build/licences.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const source = here("node_modules/maplibre-gl/src");

// The map library is bundled from its own sources, so that page and worker share one chunk instead of
// carrying the same code twice, and what no layer of ours uses falls away: 316 KB gzip instead of 442.
export default defineConfig({
  root: here("."),
  base: "/static/",
  resolve: {
    alias: [
      { find: /^maplibre-gl$/, replacement: here("src/maplibre.js") },
      { find: /^maplibre-source/, replacement: source },
    ],
  },
  // The library declares fields anew in subclasses, which must not reset what their parent set.
  oxc: {
    typescript: { removeClassFieldsWithoutInitializer: true },
    assumptions: { setPublicClassFields: true },
  },
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // What a script will import is fetched beside it, not after it: a turn less on a slow line.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: {
        styles: here("src/styles/main.scss"),
        edit_styles: here("src/styles/edit.scss"),
        edit: here("src/edit.ts"),
        page: here("src/page.ts"),
        passkey: here("src/passkey.ts"),
        map: here("src/map.ts"),
        worker: here("src/worker.js"),
      },
      treeshake: {
        moduleSideEffects: (id) =>
          !id.startsWith(source) || id.endsWith("source/worker.ts") || id.endsWith(".css"),
      },
    },
  },
  plugins: [licenceNotices(here(".")), compressAssets()],
});
