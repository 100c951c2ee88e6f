// The state of the view lives in the address, so that a link brings another person to the same view.

export interface ViewState {
  longitude: number | null;
  latitude: number | null;
  zoom: number | null;
  area: string;
  layers: Set<string>;
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
  };
}

export function writeState(state: ViewState): void {
  const parts: string[] = [];
  if (state.latitude !== null && state.longitude !== null && state.zoom !== null) {
    parts.push(`at=${state.latitude.toFixed(4)},${state.longitude.toFixed(4)}`);
    parts.push(`z=${state.zoom.toFixed(2)}`);
  }
  if (state.area) parts.push(`area=${encodeURIComponent(state.area)}`);
  if (state.layers.size) parts.push(`layers=${[...state.layers].sort().join(",")}`);
  history.replaceState(null, "", parts.length ? `?${parts.join("&")}` : location.pathname);
}
