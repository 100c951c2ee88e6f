// Outlines of areas over the map: what is selected, and what the pointer or a row of the table is on.
import type { Feature, Geometry } from "geojson";
import type { GeoJSONSource, Map } from "maplibre-gl";

import { SUPPORT } from "./style";

export interface AreaNames {
  code: string;
  name: string;
  people: string;
}

export type Outline = Feature<Geometry, AreaNames>;

export const PICKED = "picked";
export const HOVERED = "hovered";

const AT_ONCE = 150;
const WIDTHS = { [PICKED]: [6, 2.5], [HOVERED]: [4, 1.5] } as const;

/** Add the lines that outlines are drawn with. */
export function addOutlineLayers(map: Map): void {
  for (const id of [PICKED, HOVERED] as const) {
    map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    WIDTHS[id].forEach((width, at) =>
      map.addLayer(
        {
          id: `${id}-${at}`,
          type: "line",
          source: id,
          layout: { "line-join": "round" },
          paint: { "line-color": at ? "#0b0b0f" : "#ffffff", "line-width": width },
        },
        SUPPORT,
      ),
    );
  }
}

/** Fetches outlines by their ids in the tiles, each once. */
export class Outlines {
  private readonly held = new globalThis.Map<string, Outline>();

  constructor(
    private readonly map: Map,
    private readonly edition: string,
  ) {}

  async get(kind: string, ids: number[]): Promise<Outline[]> {
    const wanted = ids.filter((id) => !this.held.has(`${kind} ${id}`));
    for (let from = 0; from < wanted.length; from += AT_ONCE) {
      const asked = wanted.slice(from, from + AT_ONCE).join(",");
      const answer = await fetch(`/api/v1/editions/${this.edition}/outlines/${kind}.json?features=${asked}`);
      if (!answer.ok) throw new Error(`outlines of ${kind}: ${answer.status}`);
      const { features } = (await answer.json()) as { features: Outline[] };
      for (const each of features) this.held.set(`${kind} ${each.id}`, each);
    }
    return ids.flatMap((id) => this.held.get(`${kind} ${id}`) ?? []);
  }

  draw(layer: typeof PICKED | typeof HOVERED, features: Outline[]): void {
    const source = this.map.getSource(layer) as GeoJSONSource | undefined;
    source?.setData({ type: "FeatureCollection", features });
  }
}
