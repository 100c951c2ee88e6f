// The map itself: where it starts, how it may be moved, what it tells of its own state.
import type * as Library from "maplibre-gl";

import type { MapConfig } from "./config";
import { addImages } from "./images";
import { alertReader, one } from "./page";
import type { ViewState } from "./state";
import { buildStyle } from "./style";

export function makeMap(library: typeof Library, frame: HTMLElement, config: MapConfig, state: ViewState): Library.Map {
  const { longitude, latitude, zoom } = state;
  const [west, south, east, north] = config.bounds;
  const placed = longitude !== null && latitude !== null && zoom !== null;
  const map = new library.Map({
    container: one("[data-map-canvas]"),
    style: buildStyle(config, !state.layers.has("no-boundaries"), state.show),
    ...(placed
      ? { center: [longitude, latitude], zoom }
      : { bounds: config.bounds, fitBoundsOptions: { padding: 16 } }),
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
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", frame.dataset["mapLabel"] ?? "Map");
  tell(map, frame, config);
  return map;
}

function tell(map: Library.Map, frame: HTMLElement, config: MapConfig): void {
  map.on("load", () => addImages(map, config));
  map.on("error", () => alertReader("Parts of the map did not arrive. Check your connection."));
  map.on("dataloading", () => frame.removeAttribute("data-idle"));
  map.on("idle", () => frame.setAttribute("data-idle", ""));
}
