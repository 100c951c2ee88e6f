// Names of places as HTML over the map: map fonts would have to come from a font server.
import type { Map } from "maplibre-gl";

import type { MapConfig } from "./config";

type Place = [name: string, longitude: number, latitude: number];
type Box = [west: number, south: number, east: number, north: number];

const MOST = 24;
const LONGEST = 24;
const LETTER_PX = 3.6;
const GAP_PX = 10;
const CLOSE_ZOOM = 11;

/** Shows names without overlap; lists come sorted by population, so large places win. */
export class Labels {
  private wide: Place[] = [];
  private close: Place[] = [];
  private request: AbortController | null = null;
  private readonly box: HTMLElement;
  private readonly shown = new globalThis.Map<Place, HTMLElement>();

  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
  ) {
    this.box = document.createElement("div");
    this.box.className = "em-labels";
    this.box.setAttribute("aria-hidden", "true");
    map.getCanvasContainer().append(this.box);
    map.on("move", () => this.follow());
    map.on("moveend", () => void this.rest());
  }

  async load(): Promise<void> {
    this.wide = await this.fetch("local_authority");
    await this.rest();
  }

  private async rest(): Promise<void> {
    this.request?.abort();
    this.place();
    if (this.map.getZoom() < CLOSE_ZOOM) return;
    const request = (this.request = new AbortController());
    const view = this.map.getBounds();
    const edges = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    const bbox = edges.map((edge) => edge.toFixed(3)).join(",");
    this.close = await this.fetch(`neighbourhood`, `?bbox=${bbox}`, request.signal);
    if (!request.signal.aborted) this.place();
  }

  /** Fetch names; none where they cannot be had, for the map is whole without them. */
  private async fetch(kind: string, query = "", signal: AbortSignal | null = null): Promise<Place[]> {
    try {
      const address = `/api/v1/editions/${this.config.edition}/labels/${kind}.json${query}`;
      const answer = await fetch(address, { signal });
      const places = answer.ok ? ((await answer.json()) as Place[]) : [];
      return places.filter(([name]) => name.length <= LONGEST);
    } catch {
      return [];
    }
  }

  private position(place: Place): { x: number; y: number } {
    return this.map.project([place[1], place[2]]);
  }

  private follow(): void {
    for (const [place, element] of this.shown) {
      const { x, y } = this.position(place);
      element.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    }
  }

  private place(): void {
    this.box.replaceChildren();
    this.shown.clear();
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const taken: Box[] = [];
    for (const place of this.map.getZoom() < CLOSE_ZOOM ? this.wide : this.close) {
      if (this.shown.size >= MOST) break;
      const { x, y } = this.position(place);
      if (x < 0 || y < 0 || x > clientWidth || y > clientHeight) continue;
      const half = place[0].length * LETTER_PX + GAP_PX;
      const box: Box = [x - half, y - 18, x + half, y + 18];
      const clear = taken.every((o) => box[2] < o[0] || box[0] > o[2] || box[3] < o[1] || box[1] > o[3]);
      if (!clear) continue;
      taken.push(box);
      const element = document.createElement("span");
      element.textContent = place[0];
      this.shown.set(place, element);
      this.box.append(element);
    }
    this.follow();
  }
}
