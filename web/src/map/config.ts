// What the server tells the map, in a JSON block of the page: nothing about data is written down here.

export interface Level {
  kind: string;
  plural: string;
  minzoom: number;
  maxzoom: number;
  count: number;
}

export interface SupportKind {
  id: string;
  plural: string;
  colour: string;
  letter: string;
  /** Outline of its mark: a path in a square of 26. */
  shape: string;
}

export interface Basemap {
  tiles: string;
  attribution: string;
}

export interface MapConfig {
  edition: string;
  index: string;
  bounds: [number, number, number, number];
  levels: Level[];
  /** Most areas of a level whose classes are fetched all at once. */
  whole: number;
  layers: Record<string, string[]>;
  colours: { missing: string; hatch: string; sea: string; land: string };
  support: SupportKind[];
  basemap: Basemap | null;
  worker: string;
}

export function readConfig(id = "map-config"): MapConfig {
  const block = document.getElementById(id);
  if (!block?.textContent) throw new Error(`The page has no #${id}.`);
  return JSON.parse(block.textContent) as MapConfig;
}

export function levelAt(config: MapConfig, zoom: number): Level {
  const found = config.levels.find((level) => zoom >= level.minzoom && zoom < level.maxzoom);
  const level = found ?? config.levels[0];
  if (!level) throw new Error("The edition has no levels.");
  return level;
}
