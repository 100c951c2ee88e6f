// Classes reach the map as one byte an area, in feature order, and are painted through feature state.
import type { Map } from "maplibre-gl";

import type { Level, MapConfig } from "./config";
import { INDEX, type Lens } from "./state";
import { classColour, fillId, hatchId } from "./style";

export interface Wanted {
  show: string;
  lens: Lens;
}

export class Values {
  /** What each level shows now, and which bytes it was painted with. */
  private readonly painted = new globalThis.Map<string, { key: string; bytes: Uint8Array }>();
  private request: AbortController | null = null;
  private asked = "";

  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
  ) {}

  /**
   * Fetch and paint a level. Only the newest wish counts: one that it overtakes is broken off.
   * Says whether anything was painted; rejects when the service does not answer.
   */
  async show(level: Level, wanted: Wanted): Promise<boolean> {
    const address = this.address(level.kind, wanted);
    const key = `${wanted.show} ${address}`;
    if (this.asked === key && this.request) return false;
    this.request?.abort();
    this.request = null;
    if (this.painted.get(level.kind)?.key === key) return false;
    const request = (this.request = new AbortController());
    this.asked = key;
    try {
      const answer = await fetch(address, { signal: request.signal });
      if (!answer.ok) throw new Error(`values of ${level.kind}: ${answer.status}`);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (request.signal.aborted) return false;
      this.paint(level.kind, key, bytes, wanted.show);
      return true;
    } catch (error) {
      if (request.signal.aborted) return false;
      throw error;
    } finally {
      if (this.request === request) this.request = null;
    }
  }

  private address(kind: string, { show, lens }: Wanted): string {
    const start = `/api/v1/editions/${this.config.edition}`;
    if (show !== INDEX) return `${start}/layers/${kind}/${show}.bin`;
    const changes = new URLSearchParams();
    if (lens.weights) changes.set("weights", lens.weights);
    if (lens.base) changes.set("base", lens.base);
    const query = changes.size ? `?${changes}` : "";
    return `${start}/values/${kind}/${encodeURIComponent(lens.index || this.config.index)}.bin${query}`;
  }

  /** Only areas whose class differs from what is shown are told so. */
  private paint(kind: string, key: string, bytes: Uint8Array, show: string): void {
    const before = this.painted.get(kind)?.bytes;
    let missing = false;
    bytes.forEach((each, id) => {
      if (each === 0) missing = true;
      if (each === (before?.[id] ?? 0)) return;
      this.map.setFeatureState({ source: "areas", sourceLayer: kind, id }, { class: each });
    });
    this.map.setPaintProperty(fillId(kind), "fill-color", classColour(this.config.layers[show] ?? []));
    this.map.setLayoutProperty(hatchId(kind), "visibility", missing ? "visible" : "none");
    this.painted.set(kind, { key, bytes });
  }
}
