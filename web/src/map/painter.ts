// Paints classes through feature state: no new geometry, no new tiles. What is in view changes at once; the rest of
// the country follows when nothing else is going on, so that it is right before anyone moves there.
import type { Map } from "maplibre-gl";

import { mark } from "./marks";

const REST_MS = 400;
const SOURCE = "areas";

/** The classes of one level's areas, as painted: in view now, the others soon. */
class Level {
  /** What the map holds, by feature id. */
  held: Uint8Array;
  wanted: Uint8Array;

  constructor(count: number) {
    this.held = new Uint8Array(count);
    this.wanted = this.held;
  }
}

export class Painter {
  private readonly levels = new globalThis.Map<string, Level>();
  private readonly inView = new globalThis.Map<string, Uint32Array>();
  private timer = 0;

  constructor(private readonly map: Map) {
    const stale = () => this.inView.clear();
    map.on("sourcedata", (event) => {
      if (event.sourceId === SOURCE && event.tile) stale();
    });
    map.on("movestart", () => this.finish());
    map.on("moveend", stale);
  }

  /** Paint a level: those areas in view whose class differs from what is shown are told so at once. */
  paint(kind: string, wanted: Uint8Array): void {
    const level = this.levels.get(kind) ?? new Level(wanted.length);
    const first = !this.levels.has(kind);
    this.levels.set(kind, level);
    level.wanted = wanted;
    if (first) this.paintAll(kind, level);
    else {
      for (const id of this.seen(kind)) this.set(kind, level, id);
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.finish(), REST_MS);
    }
    mark("state");
    void this.map.once("render", () => mark("frame"));
    this.map.triggerRepaint();
  }

  /** What the map holds of a level. */
  classes(kind: string): Uint8Array | undefined {
    return this.levels.get(kind)?.held;
  }

  /** Bring areas out of view up to date. */
  finish(): void {
    window.clearTimeout(this.timer);
    for (const [kind, level] of this.levels) if (level.held !== level.wanted) this.paintAll(kind, level);
  }

  private paintAll(kind: string, level: Level): void {
    for (let id = 0; id < level.wanted.length; id++) this.set(kind, level, id);
  }

  private set(kind: string, { held, wanted }: Level, id: number): void {
    const value = wanted[id] ?? 0;
    if (held[id] === value) return;
    held[id] = value;
    this.map.setFeatureState({ source: SOURCE, sourceLayer: kind, id }, { class: value });
  }

  /** Feature ids in the tiles at hand; looked up anew only after the view or its tiles have changed. */
  private seen(kind: string): Uint32Array {
    let ids = this.inView.get(kind);
    if (!ids) {
      const features = this.map.querySourceFeatures(SOURCE, { sourceLayer: kind });
      ids = new Uint32Array(new Set(features.map(({ id }) => Number(id))));
      this.inView.set(kind, ids);
    }
    return ids;
  }
}
