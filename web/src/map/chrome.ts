/** What stands around the map: zoom buttons, legend with layers to switch, scale, and what is under the pointer. */
import { type WordKey, word } from "../words";
import {
  BANDS,
  bandPattern,
  exclusivePattern,
  type Kind,
  LINE_KINDS,
  type LineKind,
  linePattern,
  lockedPattern,
  marker,
  RATIO,
  type Tier,
  type Tone,
  tierPattern,
} from "./images";
import type { Inks } from "./theme";

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

function drawing(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export interface Tool {
  readonly name: WordKey;
  readonly path: string;
  readonly act: () => void;
}

export function tools(list: readonly Tool[]): HTMLElement {
  const box = element("div", "map-tools");
  const group = element("div");
  for (const tool of list) {
    const button = element("button");
    button.type = "button";
    button.title = word(tool.name);
    button.setAttribute("aria-label", word(tool.name));
    button.append(drawing(tool.path));
    button.addEventListener("click", tool.act);
    group.append(button);
  }
  box.append(group);
  return box;
}

/** A picture of the map in the legend: a pattern fills its field, a marker stands alone. */
function swatch(image: ImageData, repeat: boolean): HTMLCanvasElement {
  const canvas = element("canvas", repeat ? "" : "marker");
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = repeat ? 22 * RATIO : image.width;
  canvas.height = repeat ? 14 * RATIO : image.height;
  const pen = canvas.getContext("2d");
  for (let x = 0; x < canvas.width; x += image.width) {
    for (let y = 0; y < canvas.height; y += image.height) pen?.putImageData(image, x, y);
  }
  return canvas;
}

/** The state in which a kind stands in the legend. */
const SHOWN: Readonly<Partial<Record<Kind, Tone>>> = {
  defect: "late",
  building: "waiting",
  asset: "waiting",
};

export function fillLegend(
  list: HTMLElement,
  inks: Inks,
  has: {
    tiers: readonly Tier[];
    bands: boolean;
    nets: boolean;
    kinds: readonly Kind[];
    lines: readonly LineKind[];
  },
): void {
  const rows: [HTMLCanvasElement, WordKey][] = [];
  for (const tier of has.tiers) rows.push([swatch(tierPattern(tier, inks), true), `tier_${tier}`]);
  if (has.bands) for (const band of BANDS) rows.push([swatch(bandPattern(band, inks), true), `band_${band}`]);
  if (has.bands) rows.push([swatch(lockedPattern(inks), true), "band_locked"]);
  if (has.nets) {
    rows.push([swatch(bandPattern("far_above", inks), true), "net_moves"]);
    rows.push([swatch(bandPattern("below", inks), true), "net_only"]);
  } else rows.push([swatch(exclusivePattern(inks), true), "kind_exclusive"]);
  for (const kind of LINE_KINDS) {
    if (has.lines.includes(kind)) rows.push([swatch(linePattern(kind, inks), true), `line_${kind}`]);
  }
  for (const kind of has.kinds) {
    rows.push([swatch(marker(kind, SHOWN[kind] ?? "active", inks), false), `kind_${kind}`]);
  }
  list.replaceChildren(
    ...rows.map(([picture, name]) => {
      const item = element("li");
      item.append(picture, element("span", "", word(name)));
      return item;
    }),
  );
}

const STEPS = [1, 2, 5];

/** Longest round distance not wider than `widest` pixels, and its width. */
export function scaleBar(metresPerPixel: number, widest = 96): { metres: number; pixels: number } {
  const limit = metresPerPixel * widest;
  let best = 1;
  for (let power = 0; power < 8; power++) {
    for (const step of STEPS) {
      const metres = step * 10 ** power;
      if (metres <= limit) best = metres;
    }
  }
  return { metres: best, pixels: best / metresPerPixel };
}
