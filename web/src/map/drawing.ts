// Drawing a shape by hand. Loaded when somebody draws: the first view stays light.
import type { Map } from "maplibre-gl";
import { TerraDraw, TerraDrawCircleMode, TerraDrawPolygonMode, TerraDrawRectangleMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import type { Shape } from "./several";

export type ShapeMode = "polygon" | "rectangle" | "circle";

const LOOK = {
  fillColor: "#1d1a24",
  fillOpacity: 0.15,
  outlineColor: "#0b0b0f",
  outlineWidth: 3,
} as const;

export class Drawing {
  private readonly draw: TerraDraw;

  constructor(map: Map, onShape: (shape: Shape) => void) {
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 7 }),
      modes: [
        new TerraDrawPolygonMode({ styles: LOOK }),
        new TerraDrawRectangleMode({ styles: LOOK }),
        new TerraDrawCircleMode({ styles: LOOK }),
      ],
    });
    this.draw.on("finish", (id) => {
      const shape = this.draw.getSnapshotFeature(id)?.geometry;
      if (shape?.type === "Polygon") onShape(shape as Shape);
    });
  }

  /** Begin a shape anew; a second one takes the place of the first. */
  start(mode: ShapeMode): void {
    if (!this.draw.enabled) this.draw.start();
    this.draw.clear();
    this.draw.setMode(mode);
  }

  stop(): void {
    if (this.draw.enabled) this.draw.stop();
  }
}
