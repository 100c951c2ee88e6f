// The map island. The page is whole without it; the map library comes after the first paint.
import { readConfig } from "./map/config";

const afterPaint = (): Promise<void> =>
  new Promise((done) => requestAnimationFrame(() => window.setTimeout(done, 0)));

async function start(): Promise<void> {
  const frame = document.querySelector<HTMLElement>("[data-map]");
  if (!frame) return;
  frame.hidden = false;
  await afterPaint();
  try {
    const [{ MapView }, library] = await Promise.all([import("./map/view"), import("maplibre-gl")]);
    const config = readConfig();
    library.setWorkerUrl(new URL(config.worker, location.href).href);
    new MapView(library, frame, config);
  } catch (error) {
    frame.querySelector("[data-map-status]")?.replaceChildren(
      "The map could not be drawn in this browser. The table below shows the same areas.",
    );
    throw error;
  }
}

void start();
