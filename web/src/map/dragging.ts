/**
 * A building of a plan is dragged to the grid beside it. What was dragged is handed in by the page's own form
 * (`#move`: plot, to, from), which the list beside the map uses, too: whoever drags no mouse loses nothing.
 */
import type { GeoJSONFeature, Map as GlMap, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { element } from "./chrome";
import { AREAS } from "./layers";

interface Dragged {
  readonly plot: string;
  readonly code: string;
  readonly title: string;
  readonly note: string;
  readonly from: { x: number; y: number };
  readonly touch: boolean;
  far: boolean;
}

const FAR = 6; // pixels: less is a click
const FINGER = 18; // pixels around a touch in which a building is meant

export class Dragging {
  private dragged: Dragged | null = null;
  private over: string | null = null;
  private readonly ghost = element("div", "map-ghost");

  constructor(
    private readonly map: GlMap,
    host: HTMLElement,
  ) {
    this.ghost.hidden = true;
    this.ghost.setAttribute("aria-hidden", "true");
    host.append(this.ghost);
    map.on("mousedown", "points", (event) => this.take(event, event.features));
    map.on("touchstart", (event) => {
      if (event.points.length === 1) this.take(event, this.under(event.point));
      else this.letGo(); // a second finger: the map is pinched
    });
    map.on("mousemove", (event) => this.carry(event));
    map.on("touchmove", (event) => this.carry(event));
    map.on("mouseup", () => this.drop());
    map.on("touchend", () => this.drop());
    map.on("touchcancel", () => this.letGo());
    window.addEventListener("mouseup", () => this.letGo());
    window.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.letGo();
    });
  }

  /** The building nearest to a finger, which covers more than a point. */
  private under({ x, y }: { x: number; y: number }): GeoJSONFeature[] {
    const around: [[number, number], [number, number]] = [
      [x - FINGER, y - FINGER],
      [x + FINGER, y + FINGER],
    ];
    const away = (one: GeoJSONFeature): number => {
      if (one.geometry.type !== "Point") return Number.POSITIVE_INFINITY;
      const at = this.map.project(one.geometry.coordinates as [number, number]);
      return Math.hypot(at.x - x, at.y - y);
    };
    return this.map
      .queryRenderedFeatures(around, { layers: ["points"] })
      .sort((one, other) => away(one) - away(other));
  }

  private take(event: MapMouseEvent | MapTouchEvent, features: readonly GeoJSONFeature[] | undefined): void {
    const told = features?.[0]?.properties as Record<string, unknown> | undefined;
    if (told?.drags !== true) return;
    event.preventDefault(); // the map stays where it is
    this.dragged = {
      plot: String(told.plot),
      code: String(told.code),
      title: String(told.title),
      note: String(told.note),
      from: event.point,
      touch: "points" in event,
      far: false,
    };
  }

  private carry(event: MapMouseEvent | MapTouchEvent): void {
    const { dragged } = this;
    if (!dragged) return;
    const { x, y } = event.point;
    if (!dragged.far && Math.hypot(x - dragged.from.x, y - dragged.from.y) < FAR) return;
    dragged.far = true;
    this.ghost.hidden = false;
    this.ghost.replaceChildren(element("strong", "", dragged.title), element("span", "", dragged.note));
    this.ghost.style.translate = dragged.touch // above the finger, which would hide it
      ? `calc(${x}px - 50%) calc(${y - 28}px - 100%)`
      : `${x + 12}px ${y + 12}px`;
    const [hit] = this.map.queryRenderedFeatures(event.point, { layers: ["grid-fill"] });
    const code = hit ? String((hit.properties as Record<string, unknown>).code) : null;
    this.aim(code === dragged.code ? null : code);
  }

  /** Outlines the grid that the building would join. */
  private aim(code: string | null): void {
    if (code === this.over) return;
    if (this.over) this.map.setFeatureState({ source: AREAS, id: `grid:${this.over}` }, { target: false });
    if (code) this.map.setFeatureState({ source: AREAS, id: `grid:${code}` }, { target: true });
    this.over = code;
  }

  private drop(): void {
    const { dragged, over } = this;
    this.letGo();
    const form = document.querySelector<HTMLFormElement>("#move");
    if (!dragged?.far || !over || !form) return;
    for (const [name, value] of [
      ["plot", dragged.plot],
      ["to", over],
      ["from", dragged.code],
    ] as const) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value;
    }
    form.requestSubmit();
  }

  private letGo(): void {
    this.aim(null);
    this.ghost.hidden = true;
    this.dragged = null;
  }
}
