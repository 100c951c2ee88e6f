// Layers on and off, and what the areas are coloured by.
import type { Map } from "maplibre-gl";

import type { MapConfig } from "./config";
import type { Legend } from "./legend";
import { one } from "./page";
import type { ViewState } from "./state";
import { BASEMAP, fillId } from "./style";

const BOUNDARIES = "boundaries";

export class Switches {
  constructor(
    private readonly map: Map,
    private readonly config: MapConfig,
    private readonly state: ViewState,
    private readonly legend: Legend,
    private readonly onChange: () => void,
    onShade: (show: string) => void,
    private readonly onSupport: () => void,
  ) {
    document.addEventListener("change", (event) => {
      const input = event.target as HTMLInputElement;
      if (input.matches("[data-show]")) onShade(input.value);
      else if (input.dataset["layer"]) this.switched(input, input.dataset["layer"]);
    });
  }

  /** Have the controls say what the state says. */
  restore(): void {
    this.choose(this.state.show);
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-layer]")) {
      const name = input.dataset["layer"] ?? "";
      input.checked = name === BOUNDARIES ? !this.state.layers.has("no-boundaries") : this.state.layers.has(name);
    }
  }

  /** Have legend and controls follow what the areas are coloured by. */
  choose(show: string): void {
    this.legend.choose(show);
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-show]")) {
      input.checked = input.value === show;
    }
  }

  apply(): void {
    const { layers } = this.state;
    this.onSupport();
    const visibility = (on: boolean) => (on ? "visible" : "none");
    this.map.setLayoutProperty(BOUNDARIES, "visibility", visibility(!layers.has("no-boundaries")));
    if (!this.config.basemap) return;
    this.map.setLayoutProperty(BASEMAP, "visibility", visibility(layers.has(BASEMAP)));
    one("[data-basemap-credit]").hidden = !layers.has(BASEMAP);
    for (const { kind } of this.config.levels) {
      this.map.setPaintProperty(fillId(kind), "fill-opacity", layers.has(BASEMAP) ? 0.6 : 1);
    }
  }

  private switched(input: HTMLInputElement, name: string): void {
    const inverted = name === BOUNDARIES;
    const key = inverted ? "no-boundaries" : name;
    if (input.checked !== inverted) this.state.layers.add(key);
    else this.state.layers.delete(key);
    this.apply();
    this.onChange();
  }
}
