// What the map uses of MapLibre GL JS, taken from its sources; types come from the package itself.
import { config } from "maplibre-source/util/config.ts";

export { Map } from "maplibre-source/ui/map.ts";
export { NavigationControl } from "maplibre-source/ui/control/navigation_control.ts";
export { ScaleControl } from "maplibre-source/ui/control/scale_control.ts";

export function setWorkerUrl(address) {
  config.WORKER_URL = address;
}
