// The state of the view lives in the address, so that a link brings another person to the same view.

export interface Lens {
  index: string;
  weights: string;
  base: string;
}

export const INDEX = "index";

export interface ViewState {
  longitude: number | null;
  latitude: number | null;
  zoom: number | null;
  area: string;
  layers: Set<string>;
  /** Index, weights and base, where they are not those of the plain view. */
  lens: Lens;
  /** What the areas are coloured by. */
  show: string;
}

const number = (text: string | null | undefined): number | null => {
  const value = Number.parseFloat(text ?? "");
  return Number.isFinite(value) ? value : null;
};

export function readState(search: string = location.search): ViewState {
  const query = new URLSearchParams(search);
  const [latitude, longitude] = (query.get("at") ?? "").split(",");
  return {
    latitude: number(latitude),
    longitude: number(longitude),
    zoom: number(query.get("z")),
    area: (query.get("area") ?? "").trim(),
    layers: new Set((query.get("layers") ?? "").split(",").filter(Boolean)),
    lens: { index: query.get("index") ?? "", weights: query.get("weights") ?? "", base: query.get("base") ?? "" },
    show: query.get("show") ?? INDEX,
  };
}

/** What an address needs to say of the lens, without what is empty. */
export function lensQuery({ index, weights, base }: Lens): string {
  const parts: string[] = [];
  if (index) parts.push(`index=${encodeURIComponent(index)}`);
  if (weights) parts.push(`weights=${weights}`);
  if (base) parts.push(`base=${encodeURIComponent(base)}`);
  return parts.join("&");
}

export function writeState(state: ViewState): void {
  const parts: string[] = [];
  if (state.latitude !== null && state.longitude !== null && state.zoom !== null) {
    parts.push(`at=${state.latitude.toFixed(4)},${state.longitude.toFixed(4)}`);
    parts.push(`z=${state.zoom.toFixed(2)}`);
  }
  if (state.area) parts.push(`area=${encodeURIComponent(state.area)}`);
  if (state.layers.size) parts.push(`layers=${[...state.layers].sort().join(",")}`);
  const lens = lensQuery(state.lens);
  if (lens) parts.push(lens);
  if (state.show !== INDEX) parts.push(`show=${state.show}`);
  history.replaceState(null, "", parts.length ? `?${parts.join("&")}` : location.pathname);
}
