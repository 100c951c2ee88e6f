// Classes of a level with very many areas: asked for tile by tile, as far as the reader looks.
import type { Map, VectorTileSource } from "maplibre-gl";

import { mark } from "./marks";

const SOURCE = "areas";
/** Areas whose class the map keeps before those out of view are forgotten. */
const MOST_HELD = 60_000;
const ID_BYTES = 4;

/** What one level shows now. */
class Shown {
  readonly tiles = new Set<string>();
  readonly classes = new globalThis.Map<number, number>();

  constructor(readonly key: string) {}
}

/** Feature ids and classes of a tile: four bytes an id, then a byte a class. */
export function unlist(bytes: ArrayBuffer): [number, number][] {
  const count = bytes.byteLength / (ID_BYTES + 1);
  const ids = new DataView(bytes);
  const classes = new Uint8Array(bytes, count * ID_BYTES);
  return Array.from(classes, (each, at) => [ids.getUint32(at * ID_BYTES, true), each]);
}

export class TileValues {
  private readonly shown = new globalThis.Map<string, Shown>();
  private request = new AbortController();

  constructor(private readonly map: Map) {}

  /**
   * Fetch and paint what is in view of a level and does not show what is wanted yet.
   * Says whether anything was painted; rejects when the service does not answer.
   */
  async show(kind: string, key: string, address: string): Promise<boolean> {
    const { signal } = this.renew();
    const inView = this.tiles();
    const shown = this.shown.get(kind);
    const stale = shown?.key !== key || shown.classes.size > MOST_HELD;
    const wanted = stale ? inView : inView.filter((tile) => !shown.tiles.has(tile));
    if (!wanted.length) return false;
    mark("request");
    const found = await Promise.all(wanted.map((tile) => this.fetch(address, tile, signal))).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (!found || signal.aborted) return false;
    mark("answer");
    const next = stale ? new Shown(key) : shown;
    for (const tile of wanted) next.tiles.add(tile);
    this.paint(kind, found.flat(), next, shown);
    mark("state");
    void this.map.once("render", () => mark("frame"));
    this.map.triggerRepaint();
    return true;
  }

  /** Break off what is on its way: something else is shown. */
  stop(): void {
    this.request.abort();
  }

  /** Whether an area that is held has no data. */
  gaps(kind: string): boolean {
    return [...(this.shown.get(kind)?.classes.values() ?? [])].includes(0);
  }

  /** What the map holds of a level, by feature id; 0 for areas that were never in view. */
  classes(kind: string, count: number): Uint8Array {
    const classes = new Uint8Array(count);
    for (const [id, each] of this.shown.get(kind)?.classes ?? []) classes[id] = each;
    return classes;
  }

  private renew(): AbortController {
    this.request.abort();
    return (this.request = new AbortController());
  }

  /** The tiles that cover the view, as the map itself asks for them. */
  private tiles(): string[] {
    const { minzoom, maxzoom } = this.map.getSource(SOURCE) as VectorTileSource;
    const covering = this.map.coveringTiles({ tileSize: 512, minzoom, maxzoom });
    return [...new Set(covering.map(({ canonical: { z, x, y } }) => `${z}/${x}/${y}`))];
  }

  private async fetch(address: string, tile: string, signal: AbortSignal): Promise<[number, number][]> {
    const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}tile=${tile}`, { signal });
    if (!answer.ok) throw new Error(`values of ${tile}: ${answer.status}`);
    return unlist(await answer.arrayBuffer());
  }

  /** Tell the map the classes found; what it held of something else and is out of view now, it forgets. */
  private paint(kind: string, found: [number, number][], next: Shown, before: Shown | undefined): void {
    const common = { source: SOURCE, sourceLayer: kind };
    const told = before?.classes;
    for (const [id, each] of found) {
      if (told?.get(id) !== each) this.map.setFeatureState({ ...common, id }, { class: each });
      next.classes.set(id, each);
    }
    if (before && before !== next) {
      for (const id of before.classes.keys()) {
        if (!next.classes.has(id)) this.map.removeFeatureState({ ...common, id }, "class");
      }
    }
    this.shown.set(kind, next);
  }
}
