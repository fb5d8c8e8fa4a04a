/**
 * Pictures the map draws with. A tier is a pattern as well as a colour (hatch, dots, lines), a matter's kind
 * is an outline (square: case, disc: task, diamond: defect) and its state a sign inside, so the map reads in greyscale.
 */
import type { Ink, Inks } from "./theme";

export const TIERS = ["red", "orange", "yellow", "blue", "green"] as const;
export type Tier = (typeof TIERS)[number];
/** Findings about people know three; orange and green are colours of areas. */
export const FINDING_TIERS = ["red", "yellow", "blue"] as const;

export const TONES = ["waiting", "active", "done", "late", "paused", "closed"] as const;
export type Tone = (typeof TONES)[number];

export const KINDS = ["case", "task", "defect", "building", "asset"] as const;
export type Kind = (typeof KINDS)[number];

/** How far a grid of a plan is from its target. Blue below, amber above: told apart by colour-blind eyes, too. */
export const BANDS = ["far_below", "below", "on", "above", "far_above"] as const;
export type Band = (typeof BANDS)[number];

/** What parts the ground; a grid should not cross it. */
export const LINE_KINDS = ["road", "river", "railway", "wall", "net"] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export const RATIO = 2;

type Draw = (pen: CanvasRenderingContext2D) => void;

function picture(width: number, height: number, draw: Draw): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = width * RATIO;
  canvas.height = height * RATIO;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("this browser gives no canvas");
  pen.scale(RATIO, RATIO);
  draw(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** One tile of a tier's pattern; it repeats without a seam. */
export function tierPattern(tier: Tier, inks: Inks): ImageData {
  const size = 12;
  return picture(size, size, (pen) => {
    pen.globalAlpha = 0.2;
    pen.fillStyle = inks[tier];
    pen.fillRect(0, 0, size, size);
    pen.globalAlpha = 0.7;
    pen.strokeStyle = inks[tier];
    pen.lineWidth = 1.6;
    if (tier === "red") {
      for (const shift of [-size, 0, size]) {
        pen.beginPath();
        pen.moveTo(shift - 1, size + 1);
        pen.lineTo(shift + size + 1, -1);
        pen.stroke();
      }
    } else if (tier === "orange") {
      for (const [x, y] of [
        [3, 3],
        [9, 9],
      ] as const) {
        pen.beginPath();
        pen.moveTo(x - 2.4, y);
        pen.lineTo(x + 2.4, y);
        pen.moveTo(x, y - 2.4);
        pen.lineTo(x, y + 2.4);
        pen.stroke();
      }
    } else if (tier === "green") {
      pen.lineWidth = 1;
      pen.beginPath();
      pen.arc(size / 2, size / 2, 2, 0, 7);
      pen.stroke();
    } else if (tier === "yellow") {
      for (const [x, y] of [
        [3, 3],
        [9, 9],
      ] as const) {
        pen.beginPath();
        pen.arc(x, y, 1.5, 0, 7);
        pen.fill();
      }
    } else {
      pen.lineWidth = 1.3;
      for (const y of [3, 9]) {
        pen.beginPath();
        pen.moveTo(0, y);
        pen.lineTo(size, y);
        pen.stroke();
      }
    }
  });
}

/** One tile of a band: level lines below the target, slanted ones above it; denser and darker when it is far. */
export function bandPattern(band: Band, inks: Inks): ImageData {
  const size = 16;
  return picture(size, size, (pen) => {
    if (band === "on") {
      pen.globalAlpha = 0.16;
      pen.fillStyle = inks.green;
      pen.fillRect(0, 0, size, size);
      return;
    }
    const far = band.startsWith("far");
    const ink = band.endsWith("below") ? inks.blue : inks.yellow;
    pen.globalAlpha = far ? 0.42 : 0.14;
    pen.fillStyle = ink;
    pen.fillRect(0, 0, size, size);
    pen.globalAlpha = far ? 0.95 : 0.75;
    pen.strokeStyle = ink;
    pen.lineWidth = far ? 2.2 : 1.2;
    const step = far ? size / 2 : size;
    if (band.endsWith("below")) {
      for (let y = step / 2; y < size; y += step) {
        pen.beginPath();
        pen.moveTo(0, y);
        pen.lineTo(size, y);
        pen.stroke();
      }
    } else {
      for (let shift = -size; shift <= size; shift += step) {
        pen.beginPath();
        pen.moveTo(shift - 1, size + 1);
        pen.lineTo(shift + size + 1, -1);
        pen.stroke();
      }
    }
  });
}

/** The edge of a locked grid, for the legend. */
export function lockedPattern(inks: Inks): ImageData {
  return picture(22, 14, (pen) => {
    pen.strokeStyle = inks.violet;
    pen.lineWidth = 3;
    pen.setLineDash([4, 3]);
    pen.strokeRect(2, 2, 18, 10);
  });
}

/** A piece of a line as the map draws it, for the legend. */
export function linePattern(kind: LineKind, inks: Inks): ImageData {
  return picture(22, 14, (pen) => {
    const across = (y: number): void => {
      pen.beginPath();
      pen.moveTo(0, y);
      pen.lineTo(22, y);
      pen.stroke();
    };
    const ink = { river: "blue", railway: "ink", net: "violet", road: "ink-2", wall: "ink-2" } as const;
    pen.strokeStyle = inks[ink[kind]];
    if (kind === "road") {
      pen.lineWidth = 1.4;
      across(4.5);
      across(9.5);
      return;
    }
    pen.lineWidth = kind === "river" ? 6 : kind === "wall" ? 2.6 : 1.4;
    if (kind === "wall") pen.setLineDash([4, 2]);
    if (kind === "net") {
      pen.lineWidth = 2.4;
      pen.setLineDash([6, 3]);
    }
    across(7);
    if (kind === "railway") {
      pen.lineWidth = 7;
      pen.setLineDash([1.6, 4]);
      across(7);
    }
  });
}

/** An exclusive grid (school, hospital, government, mall): fine crosses, no colour of its own. */
export function exclusivePattern(inks: Inks): ImageData {
  return picture(10, 10, (pen) => {
    pen.strokeStyle = inks["ink-3"];
    pen.globalAlpha = 0.4;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(5, 3);
    pen.lineTo(5, 7);
    pen.moveTo(3, 5);
    pen.lineTo(7, 5);
    pen.stroke();
  });
}

const TONE_INK: Readonly<Record<Tone, Ink>> = {
  waiting: "ink-2",
  active: "accent",
  done: "green",
  late: "red",
  paused: "violet",
  closed: "ink-3",
};

function sign(pen: CanvasRenderingContext2D, tone: Tone): void {
  pen.beginPath();
  if (tone === "waiting") {
    pen.arc(12, 12, 3.2, 0, 7);
  } else if (tone === "active") {
    pen.arc(12, 12, 3.2, -Math.PI / 2, Math.PI / 2);
    pen.fill();
    pen.beginPath();
    pen.arc(12, 12, 3.2, 0, 7);
  } else if (tone === "done") {
    pen.moveTo(8.4, 12.3);
    pen.lineTo(11, 14.9);
    pen.lineTo(15.6, 9.4);
  } else if (tone === "late") {
    pen.moveTo(12, 7.6);
    pen.lineTo(12, 12.8);
    pen.moveTo(12, 16);
    pen.lineTo(12, 16.2);
  } else if (tone === "paused") {
    pen.moveTo(10, 8.8);
    pen.lineTo(10, 15.2);
    pen.moveTo(14, 8.8);
    pen.lineTo(14, 15.2);
  } else {
    pen.moveTo(8.8, 12);
    pen.lineTo(15.2, 12);
  }
  pen.stroke();
}

/** A matter on the map, 24 by 24. */
export function marker(kind: Kind, tone: Tone, inks: Inks): ImageData {
  return picture(24, 24, (pen) => {
    pen.beginPath();
    if (kind === "case") pen.roundRect(3, 3, 18, 18, 4);
    else if (kind === "task") pen.arc(12, 12, 9.2, 0, 7);
    else if (kind === "building") pen.rect(5, 5, 14, 14);
    else if (kind === "asset") {
      pen.moveTo(12, 4);
      pen.lineTo(20.5, 19);
      pen.lineTo(3.5, 19);
      pen.closePath();
    } else {
      pen.moveTo(12, 1.2);
      pen.lineTo(22.8, 12);
      pen.lineTo(12, 22.8);
      pen.lineTo(1.2, 12);
      pen.closePath();
    }
    pen.fillStyle = inks[TONE_INK[tone]];
    pen.strokeStyle = inks.sheet;
    pen.lineWidth = 2;
    pen.fill();
    pen.stroke();
    pen.strokeStyle = inks.sheet;
    pen.fillStyle = inks.sheet;
    pen.lineWidth = 2;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    if (kind !== "asset" && (kind !== "building" || tone === "active")) sign(pen, tone);
  });
}

/** All pictures by the names the style asks for. */
export function pictures(inks: Inks): Map<string, ImageData> {
  const all = new Map<string, ImageData>();
  for (const tier of TIERS) all.set(`tier-${tier}`, tierPattern(tier, inks));
  for (const band of BANDS) all.set(`band-${band}`, bandPattern(band, inks));
  all.set("exclusive", exclusivePattern(inks));
  for (const kind of KINDS) for (const tone of TONES) all.set(`${kind}-${tone}`, marker(kind, tone, inks));
  return all;
}
