// The places that can help, on the map: which of them by the switches and filters, from tiles that follow every edit.
import type { Map } from "maplibre-gl";

import type { MapConfig } from "./config";
import { alertReader, calm, type Bounds } from "./page";
import type { ViewState } from "./state";
import { SUPPORT, SUPPORT_CLUSTERS, SUPPORT_HALO, supportLayers, supportSource } from "./style";
import { SupportList } from "./support-list";

const TILES = "/tiles/directory/now.json";
const CLUSTER = "cluster-";
const RATIO = 2;
/** So long the tiles are taken to be those of now. */
const OLD_MS = 60_000;

export interface SupportAround {
  /** Write the state into the address. */
  remember: () => void;
  /** Open the panel of a place. */
  open: (id: string) => void;
}

export class SupportPlaces {
  private readonly list: SupportList;
  private readonly filters: HTMLFormElement | null;
  private asked = "";
  /** What the places on the map were asked by, and where their tiles are. */
  private held = "";
  private address = "";
  private since = 0;

  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
    private readonly state: ViewState,
    private readonly around: SupportAround,
  ) {
    this.list = new SupportList(around.open, (id) => this.mark(id));
    this.filters = document.querySelector<HTMLFormElement>("[data-support-filters]");
    this.filters?.addEventListener("change", () => this.filtered());
    this.filters?.addEventListener("submit", (event) => event.preventDefault());
    map.setMissingStyleImageResolver((id) => this.drawCluster(id));
    map.on("click", SUPPORT_CLUSTERS, ({ lngLat }) => this.enter([lngLat.lng, lngLat.lat]));
    map.on("mouseenter", SUPPORT_CLUSTERS, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mousemove", SUPPORT, ({ features }) => this.list.point(`${features?.[0]?.properties["sid"] ?? ""}`));
    map.on("mouseleave", SUPPORT, () => this.list.point(""));
  }

  /** Have the filters say what the state says. */
  restore(): void {
    const said = new URLSearchParams(this.state.places);
    const [day, time] = (said.get("open") ?? "").split("-");
    if (day && time) {
      said.set("open", "at");
      said.set("day", day);
      said.set("time", time);
    }
    for (const field of this.fields()) {
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = said.has(field.name);
      else field.value = said.get(field.name) ?? "";
    }
  }

  /** Show the kinds that are switched on, by the filters. */
  apply(bounds: Bounds): void {
    if (!this.kinds().length) this.show(false);
    else if (this.query() !== this.asked) void this.load();
    else if (this.query() === this.held) this.show(true);
    this.list.follow(this.kinds().length ? this.query() : "", bounds);
  }

  /** Have the list say what is in view. */
  follow(bounds: Bounds): void {
    if (performance.now() - this.since > OLD_MS) this.asked = "";
    this.apply(bounds);
  }

  /** Ask where the tiles are: their address changes with every edit. */
  private async load(): Promise<void> {
    const query = (this.asked = this.query());
    this.since = performance.now();
    try {
      const answer = await fetch(`${TILES}?${query}`);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const { tiles } = (await answer.json()) as { tiles: string[] };
      if (query !== this.asked) return;
      const address = tiles.join();
      if (address !== this.address) this.replace(tiles);
      this.address = address;
      this.held = query;
      this.show(this.kinds().length > 0);
    } catch {
      this.asked = "";
      alertReader("The places did not arrive. Move the map to try again.");
    }
  }

  /** Read other tiles. A source told of others would still take a late answer of those before, so it is a new one. */
  private replace(tiles: string[]): void {
    const layers = supportLayers();
    for (const { id } of layers) this.map.removeLayer(id);
    this.map.removeSource(SUPPORT);
    this.map.addSource(SUPPORT, supportSource(tiles));
    for (const layer of layers) this.map.addLayer(layer);
  }

  private show(on: boolean): void {
    for (const id of [SUPPORT, SUPPORT_CLUSTERS, SUPPORT_HALO]) {
      this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    }
  }

  private kinds(): string[] {
    return this.config.support.map(({ id }) => id).filter((id) => this.state.layers.has(id));
  }

  private query(): string {
    const query = new URLSearchParams(this.state.places);
    for (const kind of this.kinds()) query.append("kind", kind);
    return query.toString();
  }

  private fields(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...(this.filters?.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select") ?? [])];
  }

  private filtered(): void {
    const said = new URLSearchParams();
    for (const field of this.fields()) {
      const off = field instanceof HTMLInputElement && field.type === "checkbox" && !field.checked;
      if (field.value && !off) said.append(field.name, field.value);
    }
    openAt(said);
    this.state.places = said.toString();
    this.around.remember();
    const box = this.map.getBounds();
    this.apply([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]);
  }

  private enter(center: [number, number]): void {
    this.map.easeTo({ center, zoom: Math.min(this.map.getZoom() + 2, 14), animate: !calm() });
  }

  private mark(id: string): void {
    this.map.setFilter(SUPPORT_HALO, ["==", ["get", "sid"], id]);
  }

  /** Draw the mark of a cluster when it is first needed: fonts for the map would have to be fetched. */
  private drawCluster(id: string): void {
    if (!id.startsWith(CLUSTER)) return;
    const count = Number(id.slice(CLUSTER.length));
    const text = count < 1000 ? `${count}` : `${(count / 1000).toFixed(count < 9950 ? 1 : 0)}k`;
    const size = 22 + 5 * text.length;
    const element = document.createElement("canvas");
    element.width = element.height = size * RATIO;
    const context = element.getContext("2d");
    if (!context) return;
    context.scale(RATIO, RATIO);
    context.beginPath();
    context.arc(size / 2, size / 2, size / 2 - 2, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    context.lineWidth = 2.5;
    context.strokeStyle = context.fillStyle = "#1d1a24";
    context.stroke();
    context.font = "bold 13px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, size / 2, size / 2 + 0.5);
    this.map.addImage(id, context.getImageData(0, 0, size * RATIO, size * RATIO), { pixelRatio: RATIO });
  }
}

/** A day and a time are asked as one, as addresses say it; one without the other asks nothing. */
function openAt(said: URLSearchParams): void {
  const [open, day, time] = ["open", "day", "time"].map((name) => said.get(name) ?? "");
  said.delete("day");
  said.delete("time");
  if (open !== "at") return;
  if (day && time) said.set("open", `${day}-${time}`);
  else said.delete("open");
}
