// The map and everything around it: what is selected, which layers show, what the address says.
import type * as Library from "maplibre-gl";

import type { SearchResult } from "../search";
import { levelAt, type Level, type MapConfig } from "./config";
import { addImages } from "./images";
import { Labels } from "./labels";
import { Legend } from "./legend";
import { LensPanel } from "./lens";
import { Panel, type Shown } from "./panel";
import { INDEX, lensQuery, readState, writeState, type Lens, type ViewState } from "./state";
import { BASEMAP, buildStyle, fillId, OUTLINE, SUPPORT } from "./style";
import { Values, type Wanted } from "./values";

type Bounds = [number, number, number, number];

const BOUNDARIES = "boundaries";
const SUPPORT_MIN_ZOOM = 8;
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const one = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
};

export class MapView {
  private readonly map: Library.Map;
  private readonly state: ViewState = readState();
  private readonly values: Values;
  private readonly legend: Legend;
  private readonly panel: Panel;
  private readonly lens: LensPanel;
  private chosenQuery: Record<string, string> | null = null;
  private level: Level;

  constructor(
    private readonly library: typeof Library,
    private readonly frame: HTMLElement,
    private readonly config: MapConfig,
  ) {
    if (!(this.state.show in config.layers)) this.state.show = INDEX;
    this.map = this.makeMap();
    this.level = levelAt(config, this.map.getZoom());
    this.values = new Values(this.map, config);
    this.legend = new Legend(one("[data-legend]"), config);
    this.panel = new Panel(one("[data-panel-box]"), one("[data-map-announce]"), () => this.clear());
    this.lens = new LensPanel(one("[data-lens-box]"), config.index, (lens) => this.look(lens));
    this.listen();
    void this.map.once("load", () => this.loaded());
  }

  private makeMap(): Library.Map {
    const { longitude, latitude, zoom } = this.state;
    const [west, south, east, north] = this.config.bounds;
    const placed = longitude !== null && latitude !== null && zoom !== null;
    const map = new this.library.Map({
      container: one("[data-map-canvas]"),
      style: buildStyle(this.config, !this.state.layers.has("no-boundaries"), this.state.show),
      ...(placed
        ? { center: [longitude, latitude], zoom }
        : { bounds: this.config.bounds, fitBoundsOptions: { padding: 16 } }),
      maxBounds: [west - 4, south - 2, east + 4, north + 2],
      minZoom: 3.5,
      maxZoom: 16,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      attributionControl: false,
      cooperativeGestures: window.matchMedia("(pointer: coarse)").matches,
      transformRequest: (url) => ({ url: new URL(url, location.href).href }),
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new this.library.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new this.library.ScaleControl({ unit: "metric" }), "bottom-left");
    map.getCanvas().setAttribute("aria-label", this.frame.dataset["mapLabel"] ?? "Map");
    return map;
  }

  private listen(): void {
    const { map } = this;
    map.on("load", () => addImages(map, this.config));
    map.on("moveend", () => this.moved());
    map.on("error", () => this.alert("Parts of the map did not arrive. Check your connection."));
    map.on("dataloading", () => this.frame.removeAttribute("data-idle"));
    map.on("idle", () => this.frame.setAttribute("data-idle", ""));
    map.on("click", (event) => this.pick(event.point, false));
    map.on("mousemove", (event) => {
      const clickable = this.at(event.point) !== null;
      map.getCanvas().style.cursor = clickable ? "pointer" : "";
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.pick(map.project(map.getCenter()), true);
    });
    document.addEventListener("place-chosen", (event) => {
      event.preventDefault();
      this.chosen((event as CustomEvent<SearchResult>).detail);
    });
    document.addEventListener("change", (event) => this.switched(event.target as HTMLInputElement));
  }

  private loaded(): void {
    this.frame.classList.add("em-map-frame--ready");
    this.frame.querySelector("[data-map-status]")?.remove();
    const placed = readState().zoom !== null;
    this.restoreSwitches();
    this.applyLayers();
    this.moved();
    if (lensQuery(this.state.lens)) this.lens.tell(this.state.lens);
    if (this.state.area) void this.select({ code: this.state.area }, false, !placed);
    window.setTimeout(() => void new Labels(this.map, this.config).load(), 0);
  }

  // What is in view

  private bounds(): Bounds {
    const box = this.map.getBounds();
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
  }

  private moved(): void {
    const { lng, lat } = this.map.getCenter();
    this.state.longitude = lng;
    this.state.latitude = lat;
    this.state.zoom = this.map.getZoom();
    this.remember();
    this.level = levelAt(this.config, this.state.zoom);
    one("[data-map-level]").textContent = upperFirst(this.level.plural);
    this.paint();
    this.linkTable();
    this.hintSupport();
  }

  private wanted(): Wanted {
    return { show: this.state.show, lens: this.state.lens };
  }

  /** Ask for the classes of what is in view, and repaint when they arrive. */
  private paint(): void {
    this.values
      .show(this.level, this.wanted())
      .then(() => this.alert(""))
      .catch(() => this.alert("The risk figures did not arrive. Move the map to try again."));
    this.legend.update(this.level, this.bounds(), this.wanted());
  }

  /** Look at the areas by another index, other weights or another base. */
  private look(lens: Lens): void {
    this.state.lens = lens;
    if (this.state.show !== INDEX) this.shade(INDEX);
    this.remember();
    this.paint();
    this.linkTable();
    this.lens.tell(lens);
    if (this.chosenQuery && this.state.area) void this.panel.open({ ...this.chosenQuery, ...this.query() }, false, false);
  }

  /** Colour the areas by another layer. */
  private shade(show: string): void {
    this.state.show = show;
    this.legend.choose(show);
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-show]")) input.checked = input.value === show;
    this.remember();
    this.paint();
  }

  private query(): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(lensQuery(this.state.lens)));
  }

  private remember(): void {
    writeState(this.state);
  }

  private alert(text: string): void {
    const box = one("[data-map-alert]");
    box.textContent = text;
    box.hidden = !text;
  }

  private linkTable(): void {
    const box = this.bounds().map((each) => each.toFixed(3));
    const link = document.querySelector<HTMLAnchorElement>("[data-table-link]");
    const lens = lensQuery(this.state.lens);
    if (link) link.href = `/areas?kind=${this.level.kind}&bbox=${box.join(",")}${lens && `&${lens}`}`;
  }

  // Choosing a place

  private at(point: { x: number; y: number }): Library.MapGeoJSONFeature | null {
    const reach = 6;
    const around: [[number, number], [number, number]] = [
      [point.x - reach, point.y - reach],
      [point.x + reach, point.y + reach],
    ];
    const layers = [SUPPORT, fillId(this.level.kind)].filter((id) => this.map.getLayer(id));
    if (!layers.length) return null;
    const support = this.map.queryRenderedFeatures(around, { layers: [SUPPORT] })[0];
    return support ?? this.map.queryRenderedFeatures([point.x, point.y], { layers })[0] ?? null;
  }

  private pick(point: { x: number; y: number }, focus: boolean): void {
    const feature = this.at(point);
    if (!feature) return;
    if (feature.layer.id === SUPPORT) {
      void this.select({ support: `${feature.properties["sid"]}` }, focus, false);
      return;
    }
    const query = { kind: this.level.kind, feature: `${feature.id}`, edition: this.config.edition };
    void this.select(query, focus, false);
  }

  private chosen(result: SearchResult): void {
    void this.select({ code: result.code }, true, true);
  }

  private async select(query: Record<string, string>, focus: boolean, fly: boolean): Promise<void> {
    const shown = await this.panel.open({ ...query, ...this.query() }, focus);
    if (!shown) return;
    this.chosenQuery = query;
    this.state.area = shown.support ? "" : shown.code;
    this.remember();
    if (fly && shown.bounds) this.fly(shown.bounds);
    await this.outline(shown);
  }

  private fly(bounds: Bounds): void {
    const options = { padding: 60, maxZoom: 14, animate: !calm(), duration: 1200 };
    this.map.fitBounds(bounds, options);
  }

  private async outline(shown: Shown): Promise<void> {
    const source = this.map.getSource(OUTLINE) as Library.GeoJSONSource | undefined;
    if (!source || shown.support) return;
    const answer = await fetch(`/api/v1/areas/${encodeURIComponent(shown.code)}/outline`);
    if (answer.ok && this.state.area === shown.code) source.setData(await answer.json());
  }

  private clear(): void {
    this.state.area = "";
    this.remember();
    const source = this.map.getSource(OUTLINE) as Library.GeoJSONSource | undefined;
    source?.setData({ type: "FeatureCollection", features: [] });
  }

  // Layers

  private switches(): HTMLInputElement[] {
    return [...document.querySelectorAll<HTMLInputElement>("input[data-layer]")];
  }

  private restoreSwitches(): void {
    this.legend.choose(this.state.show);
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-show]")) {
      input.checked = input.value === this.state.show;
    }
    for (const input of this.switches()) {
      const name = input.dataset["layer"] ?? "";
      input.checked = name === BOUNDARIES ? !this.state.layers.has("no-boundaries") : this.state.layers.has(name);
    }
  }

  private switched(input: HTMLInputElement): void {
    if (input.matches("[data-show]")) {
      this.shade(input.value);
      return;
    }
    const name = input.dataset["layer"];
    if (!name) return;
    const inverted = name === BOUNDARIES;
    const key = inverted ? "no-boundaries" : name;
    if (input.checked !== inverted) this.state.layers.add(key);
    else this.state.layers.delete(key);
    this.applyLayers();
    this.remember();
    this.hintSupport();
  }

  private applyLayers(): void {
    const { layers } = this.state;
    const kinds = this.config.support.map(({ id }) => id).filter((id) => layers.has(id));
    this.map.setFilter(SUPPORT, ["in", ["get", "kind"], ["literal", kinds]]);
    const visibility = (on: boolean) => (on ? "visible" : "none");
    this.map.setLayoutProperty("boundaries", "visibility", visibility(!layers.has("no-boundaries")));
    if (!this.config.basemap) return;
    this.map.setLayoutProperty(BASEMAP, "visibility", visibility(layers.has(BASEMAP)));
    one("[data-basemap-credit]").hidden = !layers.has(BASEMAP);
    for (const { kind } of this.config.levels) {
      this.map.setPaintProperty(fillId(kind), "fill-opacity", layers.has(BASEMAP) ? 0.6 : 1);
    }
  }

  private hintSupport(): void {
    const any = this.config.support.some(({ id }) => this.state.layers.has(id));
    one("[data-support-hint]").hidden = !any || this.map.getZoom() >= SUPPORT_MIN_ZOOM;
  }
}
