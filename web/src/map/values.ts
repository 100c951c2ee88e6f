// Deciles reach the map as one byte an area, in feature order, and are painted through feature state.
import type { Map } from "maplibre-gl";

import type { Level, MapConfig } from "./config";
import { hatchId } from "./style";

export class Values {
  private readonly asked = new Set<string>();

  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
  ) {}

  /** Fetch and paint a level, once. Rejects when the service does not answer. */
  async show(level: Level): Promise<void> {
    if (this.asked.has(level.kind)) return;
    this.asked.add(level.kind);
    try {
      this.paint(level.kind, await this.fetch(level.kind));
    } catch (error) {
      this.asked.delete(level.kind);
      throw error;
    }
  }

  private async fetch(kind: string): Promise<Uint8Array> {
    const { edition, index } = this.config;
    const answer = await fetch(`/api/v1/editions/${edition}/values/${kind}/${index}.bin`);
    if (!answer.ok) throw new Error(`values of ${kind}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  private paint(kind: string, deciles: Uint8Array): void {
    let missing = false;
    deciles.forEach((decile, id) => {
      if (decile === 0) missing = true;
      else this.map.setFeatureState({ source: "areas", sourceLayer: kind, id }, { decile });
    });
    if (missing) this.map.setLayoutProperty(hatchId(kind), "visibility", "visible");
  }
}
