// The map island. The page is whole without it; the map library comes after the first paint.
import { levelAt, readConfig, type MapConfig } from "./map/config";
import { readState } from "./map/state";
import { addressOf } from "./map/wanted";
import type { MapView } from "./map/view";

/** Scripts on the page, tests and benchmarks find the map on its frame. */
export interface MapFrame extends HTMLElement {
  mapView?: MapView;
}

const afterPaint = (): Promise<void> =>
  new Promise((done) => requestAnimationFrame(() => window.setTimeout(done, 0)));

/** Ask early for what the library asks for once it is here: on a slow line each turn costs half a second. */
function warm(config: MapConfig): void {
  const { show, lens, zoom } = readState();
  const level = levelAt(config, zoom ?? 0);
  const addresses = ["/tiles/areas.json", "/tiles/support.json"];
  if (level.count <= config.whole) addresses.push(addressOf(config, level.kind, { show, lens }));
  for (const address of addresses) void fetch(address).catch(() => undefined);
}

async function start(): Promise<void> {
  const frame = document.querySelector<HTMLElement>("[data-map]");
  if (!frame) return;
  frame.hidden = false;
  await afterPaint();
  try {
    const config = readConfig();
    const parts = Promise.all([import("./map/view"), import("maplibre-gl")]);
    warm(config);
    const [{ MapView }, library] = await parts;
    library.setWorkerUrl(new URL(config.worker, location.href).href);
    (frame as MapFrame).mapView = new MapView(library, frame, config);
  } catch (error) {
    frame.querySelector("[data-map-status]")?.replaceChildren(
      "The map could not be drawn in this browser. The table below shows the same areas.",
    );
    throw error;
  }
}

void start();
