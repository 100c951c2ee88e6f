// The style: our own tiles and nothing else. No fonts, no sprites, no other host.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification, VectorSourceSpecification } from "maplibre-gl";

import type { MapConfig } from "./config";

export const HATCH = "missing";
export const OUTLINE = "selected";
export const BASEMAP = "basemap";
export const SUPPORT = "support";
export const SUPPORT_CLUSTERS = "support-clusters";
export const SUPPORT_HALO = "support-halo";

export const fillId = (kind: string): string => `fill-${kind}`;
export const hatchId = (kind: string): string => `hatch-${kind}`;
const BOUNDARY = "local_authority";

/** Colour of an area by its class; areas without one show the stripes beneath. */
export function classColour(colours: string[]): ExpressionSpecification {
  const classes = colours.flatMap((colour, index) => (index ? [index + 1, colour] : [colour]));
  const held: ExpressionSpecification = ["coalesce", ["feature-state", "class"], 0];
  const colour = ["step", held, ...classes] as unknown as ExpressionSpecification;
  return ["case", ["==", held, 0], "rgba(0,0,0,0)", colour];
}

function levelLayers(config: MapConfig, show: string): LayerSpecification[] {
  return config.levels.flatMap(({ kind, minzoom, maxzoom }): LayerSpecification[] => {
    const common = { source: "areas", "source-layer": kind, minzoom, maxzoom } as const;
    const layers: LayerSpecification[] = [
      {
        id: hatchId(kind),
        type: "fill",
        ...common,
        layout: { visibility: "none" },
        paint: { "fill-pattern": HATCH },
      },
      {
        id: fillId(kind),
        type: "fill",
        ...common,
        paint: { "fill-color": classColour(config.layers[show] ?? []), "fill-antialias": false },
      },
    ];
    if (kind === BOUNDARY) return layers;
    return [
      ...layers,
      {
        id: `line-${kind}`,
        type: "line",
        ...common,
        paint: {
          "line-color": "#ffffff",
          "line-opacity": ["interpolate", ["linear"], ["zoom"], minzoom, 0, minzoom + 2, 0.5],
          "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.3, 14, 1.2],
        },
      },
    ];
  });
}

function boundaryLayer(visible: boolean): LayerSpecification {
  return {
    id: "boundaries",
    type: "line",
    source: "areas",
    "source-layer": BOUNDARY,
    layout: { visibility: visible ? "visible" : "none", "line-join": "round" },
    paint: {
      "line-color": "#1d1a24",
      "line-opacity": ["interpolate", ["linear"], ["zoom"], 5, 0.35, 9, 0.7],
      "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.4, 8, 0.9, 12, 2],
    },
  };
}

function selectionLayers(): LayerSpecification[] {
  const line = (id: string, color: string, width: number): LayerSpecification => ({
    id,
    type: "line",
    source: OUTLINE,
    layout: { "line-join": "round" },
    paint: { "line-color": color, "line-width": width },
  });
  return [line("selected-halo", "#ffffff", 7), line("selected-line", "#0b0b0f", 3.5)];
}

export function supportSource(tiles: string[]): VectorSourceSpecification {
  return { type: "vector", tiles, maxzoom: 14 };
}

export function supportLayers(): LayerSpecification[] {
  return [
    {
      id: SUPPORT_HALO,
      type: "circle",
      source: SUPPORT,
      "source-layer": "places",
      filter: ["==", ["get", "sid"], ""],
      layout: { visibility: "none" },
      paint: { "circle-radius": 19, "circle-color": "#ffeb3b", "circle-stroke-color": "#0b0b0f", "circle-stroke-width": 2 },
    },
    {
      id: SUPPORT,
      type: "symbol",
      source: SUPPORT,
      "source-layer": "places",
      layout: {
        visibility: "none",
        "icon-image": ["concat", "support-", ["get", "kind"]],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 7, 0.7, 12, 0.75, 13, 1],
        "icon-allow-overlap": true,
      },
    },
    {
      id: SUPPORT_CLUSTERS,
      type: "symbol",
      source: SUPPORT,
      "source-layer": "clusters",
      layout: {
        visibility: "none",
        "icon-image": ["concat", "cluster-", ["to-string", ["get", "count"]]],
        "icon-allow-overlap": true,
      },
    },
  ];
}

export function buildStyle(config: MapConfig, boundaries: boolean, show: string): StyleSpecification {
  const basemap = config.basemap;
  const land: LayerSpecification = {
    id: "land",
    type: "fill",
    source: "areas",
    "source-layer": BOUNDARY,
    paint: { "fill-color": config.colours.land },
  };
  return {
    version: 8,
    sources: {
      areas: { type: "vector", url: "/tiles/areas.json" },
      // Hidden until the script knows the number of the directory's last change.
      [SUPPORT]: supportSource(["/tiles/directory/0/{z}/{x}/{y}.mvt"]),
      [OUTLINE]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
      ...(basemap && {
        [BASEMAP]: {
          type: "raster" as const,
          tiles: [basemap.tiles],
          tileSize: 256,
          attribution: basemap.attribution,
        },
      }),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": config.colours.sea } },
      land,
      ...(basemap
        ? [{ id: BASEMAP, type: "raster" as const, source: BASEMAP, layout: { visibility: "none" as const } }]
        : []),
      ...levelLayers(config, show),
      boundaryLayer(boundaries),
      ...selectionLayers(),
      ...supportLayers(),
    ],
  };
}
