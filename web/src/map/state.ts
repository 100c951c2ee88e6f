// The state of the view lives in the address, so that a link brings another person to the same view.

export interface Lens {
  index: string;
  weights: string;
  base: string;
  /** With the base "selection": codes of the places compared with each other. */
  where: string;
}

export const INDEX = "index";
export const ROBUSTNESS = "robustness";
/** The base of places that a reader named. */
export const SELECTION = "selection";

export interface ViewState {
  longitude: number | null;
  latitude: number | null;
  zoom: number | null;
  area: string;
  layers: Set<string>;
  /** Filters of the places that can help, as an address says them. */
  places: string;
  /** Index, weights and base, where they are not those of the plain view. */
  lens: Lens;
  /** What the areas are coloured by. */
  show: string;
  /** Codes of the areas selected together, in the order of choice. */
  selected: string[];
  /** Whether the list of the areas in view is open. */
  list: boolean;
}

/** Areas that an address can still hold. */
export const MOST_PICKED = 200;
const CODE = /^[A-Z0-9]{1,12}$/;

const number = (text: string | null | undefined, low: number, high: number): number | null => {
  const value = Number.parseFloat(text ?? "");
  return value >= low && value <= high ? value : null;
};

function codes(text: string | null): string[] {
  const named = (text ?? "").split(",").map((each) => each.trim().toUpperCase());
  return [...new Set(named)].filter((each) => CODE.test(each)).slice(0, MOST_PICKED);
}

export function readState(search: string = location.search): ViewState {
  const query = new URLSearchParams(search);
  const [latitude, longitude] = (query.get("at") ?? "").split(",");
  return {
    latitude: number(latitude, -90, 90),
    longitude: number(longitude, -180, 180),
    zoom: number(query.get("z"), 0, 24),
    area: (query.get("area") ?? "").trim(),
    layers: new Set((query.get("layers") ?? "").split(",").filter(Boolean)),
    places: placesQuery(query),
    lens: {
      index: query.get("index") ?? "",
      weights: query.get("weights") ?? "",
      base: query.get("base") ?? "",
      where: query.get("where") ?? "",
    },
    show: query.get("show") ?? INDEX,
    selected: codes(query.get("select")),
    list: query.get("list") === "1",
  };
}

const PLACES = ["support", "open", "language", "access", "free", "stated"];

/** What an address says of the filters of places, without anything else. */
function placesQuery(query: URLSearchParams): string {
  return new URLSearchParams([...query].filter(([name, value]) => PLACES.includes(name) && value)).toString();
}

/** What an address needs to say of the lens, without what is empty. */
export function lensQuery({ index, weights, base, where }: Lens): string {
  const parts: string[] = [];
  if (index) parts.push(`index=${encodeURIComponent(index)}`);
  if (weights) parts.push(`weights=${weights}`);
  if (base) parts.push(`base=${encodeURIComponent(base)}`);
  if (base === SELECTION) parts.push(`where=${encodeURIComponent(where).replaceAll("%2C", ",")}`);
  return parts.join("&");
}

/** Write the state into the address: as a step one can go back from, or in place of what it says. */
export function writeState(state: ViewState, step = false): void {
  const parts: string[] = [];
  if (state.latitude !== null && state.longitude !== null && state.zoom !== null) {
    parts.push(`at=${state.latitude.toFixed(4)},${state.longitude.toFixed(4)}`);
    parts.push(`z=${state.zoom.toFixed(2)}`);
  }
  if (state.area) parts.push(`area=${encodeURIComponent(state.area)}`);
  if (state.selected.length) parts.push(`select=${state.selected.join(",")}`);
  if (state.list) parts.push("list=1");
  if (state.layers.size) parts.push(`layers=${[...state.layers].sort().join(",")}`);
  if (state.places) parts.push(state.places);
  const lens = lensQuery(state.lens);
  if (lens) parts.push(lens);
  if (state.show !== INDEX) parts.push(`show=${state.show}`);
  const address = parts.length ? `?${parts.join("&")}` : location.pathname;
  if (step && address !== location.search) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
