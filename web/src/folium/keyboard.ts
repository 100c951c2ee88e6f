// One area of the map can be tabbed to; arrow keys go from it to its neighbours, Enter or space opens
// what there is to know of it, Escape closes that again. Without this, Leaflet's areas need a mouse.
import type { GeoJSON, Map as LeafletMap, Path, Polygon } from "leaflet";

interface Area {
  layer: Polygon;
  name: string;
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const NARROW = "(max-width: 40rem)";

/** Make the areas of a map reachable by keyboard, and its switches fit a narrow screen. */
export function reachable(map: LeafletMap, areas: GeoJSON): void {
  map.attributionControl?.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
  const switches = map.getContainer().querySelector(".leaflet-control-layers");
  if (switches && window.matchMedia(NARROW).matches) map.getContainer().after(switches);
  const all: Area[] = [];
  areas.eachLayer((layer) => {
    const polygon = layer as Polygon;
    all.push({ layer: polygon, name: String(polygon.feature?.properties?.said ?? "area") });
  });
  let current = all[0];
  const prepare = () => {
    for (const area of all) {
      const element = elementOf(area.layer);
      if (!element) continue;
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", area.name);
      element.setAttribute("tabindex", area === current ? "0" : "-1");
      element.onkeydown = (event) => pressed(event, area);
    }
  };
  const go = (area: Area) => {
    const last = current && elementOf(current.layer);
    last?.setAttribute("tabindex", "-1");
    current = area;
    const next = elementOf(area.layer);
    if (!next) return;
    area.layer.bringToFront();
    next.setAttribute("tabindex", "0");
    map.panInside(area.layer.getBounds().getCenter(), { padding: [60, 60], animate: false });
    next.focus({ preventScroll: true });
  };
  const pressed = (event: KeyboardEvent, area: Area) => {
    const step = STEPS[event.key];
    if (step) {
      const next = nearest(map, all, area, step);
      if (next) go(next);
    } else if (event.key === "Enter" || event.key === " ") {
      // The popup belongs to the whole layer of areas: it opens when one of them is clicked.
      area.layer.fire("click", { latlng: area.layer.getBounds().getCenter() }, true);
    } else if (event.key === "Escape") {
      map.closePopup();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // The map itself pans by arrow keys.
  };
  prepare();
  map.on("layeradd", (event) => event.layer === areas && prepare());
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    map.closePopup();
    if (current) elementOf(current.layer)?.focus({ preventScroll: true });
  });
}

/** Return the area whose middle is nearest in the direction of a step, leaning to straight on. */
function nearest(map: LeafletMap, all: Area[], from: Area, [dx, dy]: [number, number]) {
  const here = map.latLngToLayerPoint(from.layer.getBounds().getCenter());
  let best: Area | undefined;
  let least = Infinity;
  for (const area of all) {
    if (area === from) continue;
    const there = map.latLngToLayerPoint(area.layer.getBounds().getCenter());
    const [x, y] = [there.x - here.x, there.y - here.y];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 0 || aside > 2 * ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [area, cost];
  }
  return best;
}

function elementOf(layer: Path): SVGElement | undefined {
  return layer.getElement() as SVGElement | undefined;
}
