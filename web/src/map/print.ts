// Printing: the picture of the map as it is now. A WebGL canvas is empty on paper unless it is copied in time.
import type { Map } from "maplibre-gl";

import { one } from "./page";

export function printAsSeen(map: Map): void {
  const paper = one<HTMLCanvasElement>("[data-print-map]");
  window.addEventListener("beforeprint", () => {
    const canvas = map.getCanvas();
    paper.width = canvas.width;
    paper.height = canvas.height;
    // What was drawn is gone when the browser rests: draw, and copy at once.
    map.redraw();
    const page = paper.getContext("2d");
    page?.drawImage(canvas, 0, 0);
    if (page) names(page, map, canvas.width / canvas.clientWidth);
    one("[data-print-address]").textContent = location.href;
  });
}

/** Names of places stand over the map as text, not in its picture. */
function names(page: CanvasRenderingContext2D, map: Map, scale: number): void {
  const frame = map.getCanvas().getBoundingClientRect();
  page.font = `600 ${13 * scale}px sans-serif`;
  page.textAlign = "center";
  page.textBaseline = "middle";
  page.lineWidth = 3 * scale;
  page.strokeStyle = "#fff";
  page.fillStyle = "#1d1a24";
  for (const label of map.getCanvasContainer().querySelectorAll(".em-labels span")) {
    const box = label.getBoundingClientRect();
    const x = (box.left + box.width / 2 - frame.left) * scale;
    const y = (box.top + box.height / 2 - frame.top) * scale;
    page.strokeText(label.textContent ?? "", x, y);
    page.fillText(label.textContent ?? "", x, y);
  }
}
