import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

import { pictureFonts } from "./build/fonts.mjs";
import { licenceNotices } from "./build/licences.mjs";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One script and one stylesheet that a saved folium map carries in itself; nothing is loaded later.
export default defineConfig({
  root: here("."),
  publicDir: false,
  build: {
    outDir: "../src/exclusion_map/maps/assets",
    emptyOutDir: true,
    target: "es2020",
    assetsInlineLimit: 1_000_000,
    cssCodeSplit: false,
    lib: {
      entry: here("src/folium/main.ts"),
      name: "exclusionMapFolium",
      formats: ["iife"],
      fileName: () => "folium.js",
      cssFileName: "folium",
    },
  },
  plugins: [
    // Fonts are copied, not bundled.
    licenceNotices(here("."), ["leaflet", "leaflet.heat", "dejavu-fonts-ttf"]),
    pictureFonts(here(".")),
  ],
});
