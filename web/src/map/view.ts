// The map and everything around it, put together: what is in view, what it is coloured by, what the address says.
import type * as Library from "maplibre-gl";

import { makeMap } from "./canvas";
import { levelAt, type Level, type MapConfig } from "./config";
import { Labels } from "./labels";
import { Legend } from "./legend";
import { LensPanel } from "./lens";
import { alertReader, one, upperFirst, type Bounds } from "./page";
import { Hover } from "./hover";
import { addOutlineLayers, Outlines } from "./outlines";
import { printAsSeen } from "./print";
import { Selection } from "./selection";
import { Several } from "./several";
import { INDEX, lensQuery, readState, writeState, type Lens, type ViewState } from "./state";
import { SupportPlaces } from "./support";
import { Switches } from "./switches";
import { AreaTables } from "./table";
import { Tools } from "./tools";
import { Values } from "./values";
import type { Wanted } from "./wanted";

const REST_MS = 250;

export class MapView {
  readonly map: Library.Map;
  readonly values: Values;
  readonly state: ViewState = readState();
  private readonly legend: Legend;
  private readonly selection: Selection;
  private readonly switches: Switches;
  private readonly support: SupportPlaces;
  private readonly lens: LensPanel;
  private readonly several: Several;
  private readonly tables: AreaTables;
  private readonly hover: Hover;
  private readonly tools: Tools;
  private level: Level;
  private rest = 0;

  constructor(
    library: typeof Library,
    private readonly frame: HTMLElement,
    private readonly config: MapConfig,
  ) {
    if (!(this.state.show in config.layers)) this.state.show = INDEX;
    this.map = makeMap(library, frame, config, this.state);
    this.level = levelAt(config, this.map.getZoom());
    this.values = new Values(this.map, config);
    this.legend = new Legend(one("[data-legend]"), config);
    this.lens = new LensPanel(one("[data-lens-box]"), config.index, (lens) => this.look(lens));
    const outlines = new Outlines(this.map, config.edition);
    const kind = () => this.level.kind;
    const said = () => lensQuery(this.state.lens);
    this.several = new Several(this.state, outlines, {
      lens: said,
      remember: () => this.remember(true),
      changed: () => this.tables.selectionChanged(),
    });
    this.tools = new Tools(this.map, this.several, kind);
    this.hover = new Hover(frame, outlines, (code) => this.tables.mark(code));
    this.tables = new AreaTables(this.state, {
      lens: said,
      remember: () => this.remember(true),
      toggle: (code) => void this.several.toggle(code),
      open: (code) => void this.selection.select({ code }, true, false),
      mark: (spot) => this.hover.show(spot),
    });
    this.selection = new Selection(this.map, this.state, {
      edition: config.edition,
      kind,
      lens: () => Object.fromEntries(new URLSearchParams(said())),
      remember: () => this.remember(true),
      busy: () => this.tools.drawing,
      collecting: () => this.several.collecting,
      toggle: (kind, feature) => void this.several.toggleFeature(kind, feature),
      over: (spot, point) => this.hover.show(spot, point),
      amid: (spot, point) => this.hover.show(spot, point, one("[data-map-announce]")),
    });
    this.support = new SupportPlaces(this.map, config, this.state, {
      remember: () => this.remember(),
      open: (id) => void this.selection.select({ support: id }, true, false),
    });
    this.switches = new Switches(
      this.map,
      config,
      this.state,
      this.legend,
      () => this.remember(),
      (show) => this.shade(show),
      () => this.support.apply(this.bounds()),
    );
    this.map.on("moveend", () => this.moved());
    void this.map.once("load", () => this.loaded());
    window.addEventListener("popstate", () => this.restore());
    printAsSeen(this.map);
  }

  /** Go back, or on, to what the address says. Other weights change the whole page: it is loaded anew. */
  private restore(): void {
    const { lens, show } = this.state;
    const state = readState();
    if (lensQuery(lens) !== lensQuery(state.lens)) {
      location.reload();
      return;
    }
    Object.assign(this.state, state, { show: state.show in this.config.layers ? state.show : INDEX });
    const { longitude, latitude, zoom } = this.state;
    this.switches.restore();
    this.support.restore();
    this.switches.apply();
    this.selection.restore();
    this.tables.restore();
    void this.several.show();
    if (longitude !== null && latitude !== null && zoom !== null) {
      this.map.jumpTo({ center: [longitude, latitude], zoom });
    }
    if (show !== this.state.show) this.paint();
  }

  private loaded(): void {
    this.frame.classList.add("em-map-frame--ready");
    this.frame.querySelector("[data-map-status]")?.remove();
    const placed = readState().zoom !== null;
    this.switches.restore();
    this.support.restore();
    this.switches.apply();
    addOutlineLayers(this.map);
    this.moved();
    this.tables.restore();
    if (this.state.selected.length) void this.showSelected(!placed);
    if (lensQuery(this.state.lens)) this.lens.tell(this.state.lens);
    if (this.state.area) void this.selection.select({ code: this.state.area }, false, !placed);
    window.setTimeout(() => void new Labels(this.map, this.config).load(), 0);
  }

  /** Show the areas selected together; go there where the address names no place. */
  private async showSelected(fly: boolean): Promise<void> {
    const found = await this.several.show();
    if (fly && found?.bounds && !this.state.area) this.map.fitBounds(found.bounds, { padding: 60, maxZoom: 14, animate: false });
  }

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
    this.tables.follow(this.level, this.bounds());
    this.support.follow(this.bounds());
  }

  /** Ask for the classes of what is in view, and repaint when they arrive. */
  private paint(): void {
    const wanted: Wanted = { show: this.state.show, lens: this.state.lens };
    this.values
      .show(this.level, wanted)
      .then(() => alertReader(""))
      .catch(() => alertReader("The risk figures did not arrive. Move the map to try again."));
    this.legend.update(this.level, this.bounds(), wanted);
  }

  /** Look at the areas by another index, other weights or another base: the map now, all else once this rests. */
  private look(lens: Lens): void {
    this.state.lens = lens;
    if (this.state.show !== INDEX) this.shade(INDEX);
    this.paint();
    this.lens.tell(lens);
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => this.settle(), REST_MS);
  }

  private settle(): void {
    this.remember();
    this.linkTable();
    this.selection.refresh();
    this.tables.restore();
    void this.several.show();
  }

  /** Colour the areas by another layer. */
  private shade(show: string): void {
    this.state.show = show;
    this.switches.choose(show);
    this.remember();
    this.paint();
  }

  private remember(step = false): void {
    writeState(this.state, step);
  }

  private linkTable(): void {
    const box = this.bounds().map((each) => each.toFixed(3));
    const link = document.querySelector<HTMLAnchorElement>("[data-table-link]");
    const lens = lensQuery(this.state.lens);
    if (link) link.href = `/areas?kind=${this.level.kind}&bbox=${box.join(",")}${lens && `&${lens}`}`;
  }
}
