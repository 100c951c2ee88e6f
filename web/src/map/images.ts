// Stripes for areas without data and marks for support places, drawn here so that no sprite is fetched.
import type { Map } from "maplibre-gl";

import type { MapConfig, SupportKind } from "./config";
import { HATCH } from "./style";

const RATIO = 2;

function canvas(size: number): [CanvasRenderingContext2D, number] {
  const element = document.createElement("canvas");
  element.width = element.height = size * RATIO;
  const context = element.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser has no 2D canvas.");
  context.scale(RATIO, RATIO);
  return [context, size * RATIO];
}

function stripes(background: string, line: string): ImageData {
  const size = 8;
  const [context, pixels] = canvas(size);
  context.fillStyle = background;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = line;
  context.lineWidth = 1.4;
  context.beginPath();
  for (const shift of [-size, 0, size]) {
    context.moveTo(shift - 1, size + 1);
    context.lineTo(shift + size + 1, -1);
  }
  context.stroke();
  return context.getImageData(0, 0, pixels, pixels);
}

function mark({ colour, letter, shape }: SupportKind): ImageData {
  const size = 26;
  const middle = size / 2;
  const [context, pixels] = canvas(size);
  const outline = new Path2D(shape);
  context.translate(1.3, 1.3);
  context.scale(0.9, 0.9);
  context.fillStyle = colour;
  context.lineWidth = 3;
  context.strokeStyle = "#ffffff";
  context.stroke(outline);
  context.fill(outline);
  context.fillStyle = "#ffffff";
  context.font = `bold ${size * 0.5}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(letter, middle, middle + 1);
  context.setTransform(RATIO, 0, 0, RATIO, 0, 0);
  return context.getImageData(0, 0, pixels, pixels);
}

export function addImages(map: Map, config: MapConfig): void {
  map.addImage(HATCH, stripes(config.colours.missing, config.colours.hatch), { pixelRatio: RATIO });
  for (const kind of config.support) {
    map.addImage(`support-${kind.id}`, mark(kind), { pixelRatio: RATIO });
  }
}
