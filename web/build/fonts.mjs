// Ships two faces of DejaVu Sans beside the folium bundle: pictures made by the service are set in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FACES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];

export function pictureFonts(root) {
  return {
    name: "picture-fonts",
    apply: "build",
    generateBundle() {
      for (const face of FACES) {
        const source = readFileSync(join(root, "node_modules/dejavu-fonts-ttf/ttf", face));
        this.emitFile({ type: "asset", fileName: `fonts/${face}`, source });
      }
    },
  };
}
