// Choosing a place: by pointer, by keyboard, by search, by the address; its panel and its outline.
import type { GeoJSONSource, Map, MapGeoJSONFeature } from "maplibre-gl";

import type { SearchResult } from "../search";
import { calm, one, type Bounds } from "./page";
import { Panel, type Shown } from "./panel";
import type { ViewState } from "./state";
import type { Spot } from "./hover";
import { fillId, OUTLINE, SUPPORT, SUPPORT_CLUSTERS } from "./style";

type Point = { x: number; y: number };
type Query = Record<string, string>;

const REACH_PX = 6;
const MODIFIERS = new Set(["Control", "Shift", "Meta", "Alt"]);

export interface Around {
  edition: string;
  /** Kind of the areas painted now. */
  kind: () => string;
  /** Index, weights and base, as an address needs them. */
  lens: () => Query;
  /** Write the state into the address, as a step one can go back from. */
  remember: () => void;
  /** Whether pointer and keys belong to something else now, such as a shape that is being drawn. */
  busy: () => boolean;
  /** Whether a plain choice adds to the areas selected together. */
  collecting: () => boolean;
  /** Add an area to those selected together, or take it out. */
  toggle: (kind: string, feature: number) => void;
  /** Told what the pointer is on. */
  over: (spot: Spot | null, point: Point) => void;
  /** Told what lies in the middle, where keys choose; null where they are used elsewhere. */
  amid: (spot: Spot | null, point: Point) => void;
}

export class Selection {
  private readonly panel: Panel;
  private chosen: Query | null = null;
  /** Whether the pointer was used last, rather than the keyboard. */
  private pointed = false;

  constructor(
    private readonly map: Map,
    private readonly state: ViewState,
    private readonly around: Around,
  ) {
    this.panel = new Panel(one("[data-panel-box]"), one("[data-map-announce]"), () => this.clear());
    map.on("click", ({ point, originalEvent: { ctrlKey, metaKey, shiftKey } }) =>
      this.pick(point, false, ctrlKey || metaKey || shiftKey),
    );
    // Shift belongs to the selection; a zoom box would take the click away.
    map.boxZoom.disable();
    map.on("mousemove", (event) => this.point(event.point));
    document.addEventListener("pointerdown", () => (this.pointed = true), { capture: true });
    document.addEventListener("keydown", ({ key }) => (this.pointed &&= MODIFIERS.has(key)), { capture: true });
    map.on("idle", () => this.middle());
    map.getCanvas().addEventListener("focus", () => this.middle());
    map.getCanvas().addEventListener("blur", () => this.around.amid(null, this.centre()));
    map.getCanvas().addEventListener("keydown", (event) => {
      if ((event.key !== "Enter" && event.key !== " ") || this.around.busy()) return;
      event.preventDefault();
      this.pick(this.centre(), true, event.key === " " || event.shiftKey);
    });
    document.addEventListener("place-chosen", (event) => {
      event.preventDefault();
      const { code } = (event as CustomEvent<SearchResult>).detail;
      void this.select({ code }, true, true);
    });
  }

  /** Open the panel of a place, draw its outline, and go there where asked to. */
  async select(query: Query, focus: boolean, fly: boolean): Promise<void> {
    const shown = await this.panel.open({ ...query, ...this.around.lens() }, focus);
    if (!shown) return;
    this.chosen = query;
    this.state.area = shown.support ? "" : shown.code;
    this.around.remember();
    if (fly && shown.bounds) this.fly(shown.bounds);
    await this.outline(shown);
  }

  /** Have the panel say what the state says. */
  restore(): void {
    if (this.state.area) void this.select({ code: this.state.area }, false, false);
    else this.panel.close();
  }

  /** Show the chosen place by other weights. */
  refresh(): void {
    if (!this.chosen || !this.state.area) return;
    void this.panel.open({ ...this.chosen, ...this.around.lens() }, false, false);
  }

  private at(point: Point): MapGeoJSONFeature | null {
    const near: [[number, number], [number, number]] = [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ];
    const layers = [SUPPORT, fillId(this.around.kind())].filter((id) => this.map.getLayer(id));
    if (!layers.length) return null;
    // A place before what lies beneath; a group of places is opened by who shows them.
    if (this.map.queryRenderedFeatures([point.x, point.y], { layers: [SUPPORT_CLUSTERS] }).length) return null;
    const support = this.map.queryRenderedFeatures(near, { layers: [SUPPORT] })[0];
    return support ?? this.map.queryRenderedFeatures([point.x, point.y], { layers })[0] ?? null;
  }

  private point(point: Point): void {
    if (this.around.busy()) {
      this.around.over(null, point);
      return;
    }
    const feature = this.at(point);
    this.map.getCanvas().style.cursor = feature ? "pointer" : "";
    this.around.over(this.spot(feature), point);
  }

  /** Say what Enter would choose, to those who move the map by keys. */
  private middle(): void {
    // A browser takes Ctrl with a click for use of the keyboard.
    if (this.pointed || !this.map.getCanvas().matches(":focus-visible") || this.around.busy()) return;
    const point = this.centre();
    this.around.amid(this.spot(this.at(point)), point);
  }

  private centre(): Point {
    return this.map.project(this.map.getCenter());
  }

  private spot(feature: MapGeoJSONFeature | null): Spot | null {
    if (!feature || feature.layer.id === SUPPORT) return null;
    return { kind: this.around.kind(), feature: Number(feature.id) };
  }

  private pick(point: Point, focus: boolean, add: boolean): void {
    const feature = this.around.busy() ? null : this.at(point);
    if (!feature) return;
    if (feature.layer.id === SUPPORT) {
      void this.select({ support: `${feature.properties["sid"]}` }, focus, false);
      return;
    }
    if (add || this.around.collecting()) {
      this.around.toggle(this.around.kind(), Number(feature.id));
      return;
    }
    const query = { kind: this.around.kind(), feature: `${feature.id}`, edition: this.around.edition };
    void this.select(query, focus, false);
  }

  private fly(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: 60, maxZoom: 14, animate: !calm(), duration: 1200 });
  }

  private async outline(shown: Shown): Promise<void> {
    const source = this.map.getSource(OUTLINE) as GeoJSONSource | undefined;
    if (!source || shown.support) return;
    const answer = await fetch(`/api/v1/areas/${encodeURIComponent(shown.code)}/outline`);
    if (answer.ok && this.state.area === shown.code) source.setData(await answer.json());
  }

  private clear(): void {
    this.state.area = "";
    this.around.remember();
    const source = this.map.getSource(OUTLINE) as GeoJSONSource | undefined;
    source?.setData({ type: "FeatureCollection", features: [] });
  }
}
