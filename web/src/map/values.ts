// Classes reach the map two to a byte, in feature order; the newest wish counts.
import type { Map } from "maplibre-gl";

import type { Level, MapConfig } from "./config";
import { mark } from "./marks";
import { Newest } from "./newest";
import { Painter } from "./painter";
import { classColour, fillId, hatchId } from "./style";
import { TileValues } from "./tile-values";
import { addressOf, type Wanted } from "./wanted";

const OVERTAKEN = 204;

/** Return one class an area from two areas a byte, the area with the even id in the upper half. */
export function unpack(halves: Uint8Array, count: number): Uint8Array {
  const classes = new Uint8Array(count);
  for (let id = 0; id < count; id++) {
    const both = halves[id >> 1] ?? 0;
    classes[id] = id & 1 ? both & 15 : both >> 4;
  }
  return classes;
}

export class Values {
  private readonly newest = new Newest();
  private readonly painter: Painter;
  private readonly inView: TileValues;
  /** What each level shows now. */
  private readonly shown = new globalThis.Map<string, string>();
  private asked = "";

  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
  ) {
    this.painter = new Painter(map);
    this.inView = new TileValues(map);
  }

  /**
   * Fetch and paint a level, unless it shows what is wanted or that is on its way.
   * Says whether anything was painted; rejects when the service does not answer.
   */
  async show(level: Level, wanted: Wanted): Promise<boolean> {
    if (level.count > this.config.whole) return this.showView(level.kind, wanted);
    this.inView.stop();
    const address = addressOf(this.config, level.kind, wanted);
    const key = `${wanted.show} ${address}`;
    if (this.asked === key) return false;
    this.asked = key;
    if (this.shown.get(level.kind) === key) {
      this.newest.stop();
      return false;
    }
    const topic = key.replace(/[?&]weights=[^&]*/, "");
    try {
      return await this.newest.ask(
        topic,
        (signal) => this.fetch(address, level, signal),
        (classes) => this.paint(level.kind, key, classes, wanted.show),
      );
    } finally {
      if (this.asked === key && this.shown.get(level.kind) !== key) this.asked = "";
    }
  }

  /** The same for a level of so many areas that only those in view are asked for. */
  private async showView(kind: string, wanted: Wanted): Promise<boolean> {
    this.newest.stop();
    this.asked = "";
    const address = addressOf(this.config, kind, wanted, false);
    const key = `${wanted.show} ${address}`;
    const painted = await this.inView.show(kind, key, address);
    if (painted) this.colour(kind, wanted.show, this.inView.gaps(kind));
    return painted;
  }

  /** What the map holds of a level, one class an area in feature order. */
  classes(kind: string): Uint8Array | undefined {
    const level = this.config.levels.find((each) => each.kind === kind);
    if (level && level.count > this.config.whole) return this.inView.classes(kind, level.count);
    this.painter.finish();
    return this.painter.classes(kind);
  }

  private async fetch(address: string, { kind, count }: Level, signal: AbortSignal): Promise<Uint8Array | null> {
    mark("request");
    const answer = await fetch(address, { signal, headers: { "Exclusion-Map-View": this.newest.view } });
    if (answer.status === OVERTAKEN) return null;
    if (!answer.ok) throw new Error(`values of ${kind}: ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    mark("answer");
    return answer.headers.get("Exclusion-Map-Bits") === "4" ? unpack(bytes, count) : bytes;
  }

  private paint(kind: string, key: string, classes: Uint8Array, show: string): void {
    this.painter.paint(kind, classes);
    this.colour(kind, show, classes.includes(0));
    this.shown.set(kind, key);
  }

  private colour(kind: string, show: string, gaps: boolean): void {
    this.map.setPaintProperty(fillId(kind), "fill-color", classColour(this.config.layers[show] ?? []));
    this.map.setLayoutProperty(hatchId(kind), "visibility", gaps ? "visible" : "none");
  }
}
