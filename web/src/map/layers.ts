/** The quiet map: our own areas and points, no outside tiles. Built anew for each theme. */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import { BANDS, KINDS, TIERS, TONES } from "./images";
import type { Inks } from "./theme";

export const AREAS = "areas";
export const POINTS = "points";
export const LINES = "lines";
/** Drawn from the reader's own fonts: no glyph server. The weight is read off the first name. */
const FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC"];
const BOLD = ["Wangge Bold", ...FONTS];
/** Layers that answer to pointer and cross-hair, topmost first. */
export const LIVE = ["points", "clusters", "grid-fill"] as const;

export interface Sources {
  readonly areas: string | null;
  readonly points: string | null;
  /** Roads, rivers, rails and walls that part the ground. */
  readonly lines: string | null;
  /** Raster tiles an institution plugs in under ours; the default has none. */
  readonly tiles: string | null;
  /** Points that stand close together become one, until the reader comes near. */
  readonly clustered: boolean;
}

const EMPTY = { type: "FeatureCollection", features: [] } as const;

function sources(from: Sources): Record<string, SourceSpecification> {
  const all: Record<string, SourceSpecification> = {
    [AREAS]: { type: "geojson", data: from.areas ?? EMPTY, promoteId: "id" },
    [LINES]: { type: "geojson", data: from.lines ?? EMPTY },
    [POINTS]: {
      type: "geojson",
      data: from.points ?? EMPTY,
      promoteId: "id",
      cluster: from.clustered,
      clusterRadius: 44,
      clusterMaxZoom: 15,
      ...(from.clustered && {
        clusterProperties: { late: ["+", ["case", ["==", ["get", "tone"], "late"], 1, 0]] },
      }),
    },
  };
  if (from.tiles) all.tiles = { type: "raster", tiles: [from.tiles], tileSize: 256 };
  return all;
}

const level = (name: string): ["==", ["get", string], string] => ["==", ["get", "level"], name];
const chosen = (yes: string | number, no: string | number) =>
  ["case", ["boolean", ["feature-state", "selected"], false], yes, no] as never;

/**
 * Areas lie edge to edge under lines of their own: softening each edge would draw every outline once more for every
 * fill, a quarter of a picture's time where a processor draws it.
 */
const HARD = { "fill-antialias": false } as const;

export function layers(inks: Inks, from: Sources): LayerSpecification[] {
  const all: LayerSpecification[] = [
    { id: "ground", type: "background", paint: { "background-color": inks.paper } },
  ];
  if (from.tiles) {
    all.push({
      id: "tiles",
      type: "raster",
      source: "tiles",
      paint: { "raster-saturation": -0.85, "raster-opacity": 0.6 },
    });
  }
  all.push(
    {
      id: "grid-fill",
      type: "fill",
      source: AREAS,
      filter: level("grid"),
      paint: {
        ...HARD,
        "fill-color": chosen(inks["accent-soft"], inks.sheet),
        "fill-opacity": from.tiles ? 0.4 : 1,
      },
    },
    {
      id: "grid-exclusive",
      type: "fill",
      source: AREAS,
      filter: ["all", level("grid"), ["==", ["get", "kind"], "exclusive"]],
      paint: { ...HARD, "fill-pattern": "exclusive" },
    },
    {
      id: "grid-tier",
      type: "fill",
      source: AREAS,
      filter: ["all", level("grid"), ["in", ["get", "tier"], ["literal", [...TIERS]]]],
      paint: { ...HARD, "fill-pattern": ["concat", "tier-", ["get", "tier"]] },
    },
    {
      id: "grid-band",
      type: "fill",
      source: AREAS,
      filter: ["all", level("grid"), ["in", ["get", "band"], ["literal", [...BANDS]]]],
      paint: { ...HARD, "fill-pattern": ["concat", "band-", ["get", "band"]] },
    },
    {
      id: "grid-line",
      type: "line",
      source: AREAS,
      filter: level("grid"),
      paint: {
        "line-color": ["case", ["has", "band"], inks["ink-3"], inks["line-2"]],
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.4, 15, 1.4],
      },
    },
    {
      id: "community-line",
      type: "line",
      source: AREAS,
      filter: level("community"),
      minzoom: 10.5,
      paint: {
        "line-color": inks.edge,
        "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.6, 15, 1.8],
      },
    },
    {
      id: "street-line",
      type: "line",
      source: AREAS,
      filter: level("street"),
      paint: {
        "line-color": inks["ink-3"],
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.8, 15, 2.4],
      },
    },
    {
      id: "district-line",
      type: "line",
      source: AREAS,
      filter: level("district"),
      paint: { "line-color": inks["ink-2"], "line-width": 2.5, "line-dasharray": [4, 2] },
    },
    ...barriers(inks),
    {
      id: "grid-locked",
      type: "line",
      source: AREAS,
      filter: ["all", level("grid"), ["==", ["get", "locked"], true]],
      paint: { "line-color": inks.violet, "line-width": 4, "line-dasharray": [1, 0.7], "line-offset": 3 },
    },
    {
      id: "grid-target",
      type: "line",
      source: AREAS,
      filter: level("grid"),
      paint: {
        "line-color": inks.ink,
        "line-width": ["case", ["boolean", ["feature-state", "target"], false], 4, 0] as never,
        "line-offset": 2,
      },
    },
    {
      id: "grid-chosen",
      type: "line",
      source: AREAS,
      filter: level("grid"),
      paint: { "line-color": inks.focus, "line-width": chosen(3.5, 0) },
    },
    label("street-name", "street", inks.ink, [9.5, 13], 15),
    label("community-name", "community", inks["ink-2"], [12, 14.5], 13),
    label("grid-name", "grid", inks["ink-2"], [14, 24], 13),
    {
      id: "clusters",
      type: "circle",
      source: POINTS,
      filter: ["has", "point_count"],
      paint: {
        "circle-color": inks.sheet,
        "circle-radius": ["step", ["get", "point_count"], 13, 10, 16, 100, 20, 1000, 25],
        "circle-stroke-color": ["case", [">", ["get", "late"], 0], inks.red, inks.accent],
        "circle-stroke-width": ["case", [">", ["get", "late"], 0], 3.5, 2],
      },
    },
    {
      id: "cluster-count",
      type: "symbol",
      source: POINTS,
      filter: ["has", "point_count"],
      layout: {
        "text-field": ["get", "point_count_abbreviated"],
        "text-size": 13,
        "text-font": BOLD,
        "text-allow-overlap": true,
      },
      paint: { "text-color": inks.ink },
    },
    {
      id: "point-chosen",
      type: "circle",
      source: POINTS,
      filter: ["!", ["has", "point_count"]],
      paint: {
        "circle-radius": 17,
        "circle-color": "rgba(0,0,0,0)",
        "circle-stroke-color": inks.focus,
        "circle-stroke-width": chosen(3.5, 0),
      },
    },
    {
      id: "points",
      type: "symbol",
      source: POINTS,
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": [
          "concat",
          ["match", ["get", "kind"], [...KINDS], ["get", "kind"], "task"],
          "-",
          ["match", ["get", "tone"], [...TONES], ["get", "tone"], "waiting"],
        ] as never,
        "icon-allow-overlap": true,
        // a building grows with its households
        "icon-size": [
          "case",
          ["==", ["get", "kind"], "building"],
          ["interpolate", ["linear"], ["get", "weight"], 0, 0.5, 60, 0.8, 250, 1.3],
          1,
        ] as never,
        "symbol-sort-key": ["case", ["==", ["get", "tone"], "late"], 2, 1],
      },
    },
  );
  return all;
}

/** A river is a broad band, a road a pair of lines, a railway ties, a wall short strokes: told apart without colour. */
function barriers(inks: Inks): LayerSpecification[] {
  const kind = (name: string): ["==", ["get", string], string] => ["==", ["get", "kind"], name];
  const wide = (from: number, to: number): never =>
    ["interpolate", ["linear"], ["zoom"], 11, from, 16, to] as never;
  const line = (
    id: string,
    name: string,
    paint: NonNullable<Extract<LayerSpecification, { type: "line" }>["paint"]>,
  ): LayerSpecification => ({
    id,
    type: "line",
    source: LINES,
    filter: kind(name),
    layout: { "line-join": "round" },
    paint,
  });
  return [
    line("line-river", "river", { "line-color": inks.blue, "line-opacity": 0.75, "line-width": wide(3, 8) }),
    line("line-road", "road", {
      "line-color": inks["ink-2"],
      "line-width": wide(0.6, 1.6),
      "line-gap-width": wide(1, 4),
    }),
    line("line-railway", "railway", { "line-color": inks.ink, "line-width": wide(0.8, 1.6) }),
    line("line-ties", "railway", {
      "line-color": inks.ink,
      "line-width": wide(3, 7),
      "line-dasharray": [0.25, 1.2],
    }),
    line("line-wall", "wall", {
      "line-color": inks["ink-2"],
      "line-width": wide(1.4, 3),
      "line-dasharray": [1.5, 0.8],
    }),
    line("line-net", "net", {
      "line-color": inks.violet,
      "line-width": wide(1.2, 2.6),
      "line-dasharray": [3, 1.4],
    }),
  ];
}

function label(
  id: string,
  name: string,
  ink: string,
  [from, to]: [number, number],
  size: number,
): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: AREAS,
    filter: level(name),
    minzoom: from,
    maxzoom: to,
    layout: {
      "text-field": ["get", "name"],
      "text-size": size,
      "text-font": name === "street" ? BOLD : FONTS,
      "text-max-width": 7,
      "text-padding": 6,
    },
    paint: { "text-color": ink, "text-halo-color": "rgba(0,0,0,0)" },
  };
}

export function style(inks: Inks, from: Sources): StyleSpecification {
  const built = layers(inks, from);
  for (const layer of built) {
    if (layer.type === "symbol" && layer.id.endsWith("-name")) {
      layer.paint = { ...layer.paint, "text-halo-color": inks.sheet, "text-halo-width": 1.6 };
    }
  }
  return { version: 8, sources: sources(from), layers: built };
}
