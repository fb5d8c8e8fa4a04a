/**
 * The map island. Host:
 *   <div class="map-host" data-map data-areas="URL" data-points="URL" data-bounds="w,s,e,n" [data-tiles="URL"]>
 * Areas: properties id "grid:<code>", code, name, level, kind, tier, note, href. Points: id "case:<uuid>", kind,
 * tone, title, href. Both hold only what the reader may see: the server filters, never this script.
 */
import {
  type GeoJSONSource,
  type GeoJSONSourceDiff,
  Map as GlMap,
  type LngLatBoundsLike,
  type MapGeoJSONFeature,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { openRecord } from "../record";
import { keepInAddress, onSelect, select, selected } from "../selection";
import { THEME } from "../theme";
import { word } from "../words";
import { element, fillLegend, scaleBar, tools } from "./chrome";
import { Dragging } from "./dragging";
import { FINDING_TIERS, KINDS, type Kind, LINE_KINDS, pictures, RATIO, TIERS, type Tier } from "./images";
import { AREAS, LIVE, POINTS, type Sources, style } from "./layers";
import { readInks } from "./theme";

setWorkerUrl(workerUrl);

/** Pixels kept free around the whole area for the buttons and the legend. */
const ROOM = { top: 28, right: 28, bottom: 60, left: 60 };

/** Which colours the legend tells, by `data-tiers`; nothing said: those of findings. */
const LEGENDS: Readonly<Record<string, readonly Tier[]>> = { none: [], five: TIERS };

export const RELOAD = "wangge:map";

interface Reload {
  areas?: string;
  points?: string;
  /** Where the areas that changed are: they take the place of those shown, the others stay. */
  patch?: string;
}

function bounds(text: string | undefined): [number, number, number, number] | null {
  const numbers = (text ?? "").split(",").map(Number);
  const [w, s, e, n] = numbers;
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) return null;
  return [w as number, s as number, e as number, n as number];
}

/** `?view=lon,lat,zoom`, so that a view can be sent and reloaded. */
export function parseView(text: string | null): { center: [number, number]; zoom: number } | null {
  const numbers = (text ?? "").split(",").map(Number);
  const [lon, lat, zoom] = numbers;
  if (numbers.length !== 3 || lon === undefined || lat === undefined || zoom === undefined) return null;
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22)) return null;
  return { center: [lon, lat], zoom };
}

export function startMap(host: HTMLElement): void {
  try {
    new Island(host);
  } catch (fault) {
    console.error(fault);
    const says = element("p", "notice map-fail", word("map_failed"));
    says.dataset.tone = "warn";
    host.append(says);
  }
}

class Island {
  private readonly map: GlMap;
  private readonly says = element("div", "map-says");
  private readonly scale = element("div", "map-scale");
  private readonly legend = element("ul", "map-legend");
  /** False until the first picture stands and while the box changes: such moves are not the reader's. */
  private settled = false;
  private sources: Sources;
  private marked: { source: string; id: string } | null = null;
  private readonly whole: [number, number, number, number] | null;
  /** The whole area is seen and the reader has not gone anywhere yet: it stays whole when the box changes. */
  private keepsWhole: boolean;

  constructor(private readonly host: HTMLElement) {
    this.sources = {
      areas: host.dataset.areas ?? null,
      points: host.dataset.points ?? null,
      tiles: host.dataset.tiles ?? null,
      lines: host.dataset.lines ?? null,
      clustered: !this.kinds().includes("building"),
    };
    this.whole = bounds(host.dataset.bounds);
    const canvas = element("div", "map-canvas");
    host.prepend(canvas);
    const inks = readInks();
    const view = parseView(new URL(location.href).searchParams.get("view"));
    this.keepsWhole = view === null && this.whole !== null;
    const start =
      view ??
      (this.whole ? { bounds: this.whole as LngLatBoundsLike, fitBoundsOptions: { padding: ROOM } } : {});
    this.map = new GlMap({
      container: canvas,
      style: style(inks, this.sources),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 19,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      fadeDuration: 0,
      trackResize: false, // listen() follows the box; a second follower would pass for the reader's own move
      ...start,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    // Pictures live in a style: they are given anew whenever one has been read.
    this.map.on("style.load", () => this.drawPictures());
    this.furnish();
    this.listen();
    if (host.dataset.drags !== undefined) new Dragging(this.map, host);
  }

  private drawPictures(): void {
    const inks = readInks();
    for (const [name, image] of pictures(inks)) this.map.addImage(name, image, { pixelRatio: RATIO });
    fillLegend(this.legend, inks, {
      tiers: LEGENDS[this.host.dataset.tiers ?? ""] ?? FINDING_TIERS,
      bands: this.host.dataset.bands !== undefined,
      nets: this.host.dataset.nets !== undefined,
      kinds: this.sources.points === null && this.sources.clustered ? [] : this.kinds(),
      lines: LINE_KINDS.filter((kind) => this.host.dataset.lineKinds?.split(",").includes(kind)),
    });
  }

  /** What its points are about: `data-kinds`, else the matters of the daily round. */
  private kinds(): Kind[] {
    const asked = this.host.dataset.kinds?.split(",") ?? ["case", "task"];
    return KINDS.filter((kind) => asked.includes(kind));
  }

  private furnish(): void {
    this.legend.setAttribute("aria-label", this.host.dataset.legend ?? "");
    this.says.setAttribute("aria-live", "polite");
    const cross = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    cross.setAttribute("viewBox", "0 0 28 28");
    cross.setAttribute("class", "icon map-cross");
    cross.setAttribute("aria-hidden", "true");
    const lines = document.createElementNS("http://www.w3.org/2000/svg", "path");
    lines.setAttribute("d", "M14 2v8m0 8v8M2 14h8m8 0h8M14 11a3 3 0 1 1 0 6a3 3 0 1 1 0-6");
    cross.append(lines);
    this.host.append(
      tools([
        { name: "map_zoom_in", path: "M12 5v14M5 12h14", act: () => this.map.zoomIn() },
        { name: "map_zoom_out", path: "M5 12h14", act: () => this.map.zoomOut() },
        { name: "map_whole", path: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", act: () => this.showWhole() },
      ]),
      this.legend,
      this.scale,
      this.says,
      cross,
    );
    this.map.getCanvas().setAttribute("aria-label", this.host.dataset.label ?? "");
  }

  private listen(): void {
    const { map } = this;
    map.on("click", (event) => this.pick(event.point));
    // Not while the map is pulled along: what is under the hand stays the same, and asking thousands of areas costs.
    map.on("mousemove", (event) => {
      if (!map.dragPan.isActive()) this.tell(this.at(event.point));
    });
    map.on("mouseout", () => this.tell(null));
    map.on("moveend", () => {
      if (this.settled) this.keepsWhole = false;
      this.moved(this.settled);
    });
    map.on("load", () => {
      this.moved(false);
      this.mark(selected(), !new URL(location.href).searchParams.has("view"));
      this.settled = true;
      this.host.dataset.ready = "";
    });
    map.on("error", ({ error }) => console.error(error));
    // Whole and still: what is to be pointed at, or photographed, is drawn.
    map.on("render", () => delete this.host.dataset.still);
    map.on("idle", () => {
      this.host.dataset.still = "";
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.pick(map.project(map.getCenter()));
    });
    onSelect(({ key, source }) => this.mark(key, source !== "map"));
    document.addEventListener(THEME, () => {
      this.marked = null;
      map.setStyle(style(readInks(), this.sources), { diff: false });
      map.once("idle", () => this.mark(selected(), false));
    });
    document.addEventListener(RELOAD, (event) => this.reload((event as CustomEvent<Reload>).detail));
    // The column beside the map opens and closes: the canvas follows its own box.
    new ResizeObserver(() => {
      this.settled = false;
      delete this.host.dataset.still;
      map.resize();
      if (this.keepsWhole && this.whole) map.fitBounds(this.whole, { padding: ROOM, duration: 0 });
      this.settled = map.loaded();
    }).observe(this.host);
    // A record opened by htmx replaces the address; what the map adds to it is put back.
    document.addEventListener("htmx:pushedIntoHistory", () => this.moved(!this.keepsWhole));
  }

  private at(point: { x: number; y: number }): MapGeoJSONFeature | null {
    const around: [[number, number], [number, number]] = [
      [point.x - 6, point.y - 6],
      [point.x + 6, point.y + 6],
    ];
    for (const layer of LIVE) {
      const area = layer === "grid-fill" ? ([point.x, point.y] as [number, number]) : around;
      const [hit] = this.map.queryRenderedFeatures(area, { layers: [layer] });
      if (hit) return hit;
    }
    return null;
  }

  private pick(point: { x: number; y: number }): void {
    const hit = this.at(point);
    if (!hit) {
      select(null, "map");
      return;
    }
    const { id, href, cluster_id: cluster } = hit.properties as Record<string, unknown>;
    if (typeof cluster === "number") {
      void this.openCluster(hit, cluster);
      return;
    }
    if (typeof id !== "string") return;
    this.tell(hit);
    select(id, "map");
    if (typeof href === "string" && href.startsWith("/")) openRecord(href, id);
    else keepInAddress("sel", id);
  }

  private async openCluster(hit: MapGeoJSONFeature, cluster: number): Promise<void> {
    if (hit.geometry.type !== "Point") return;
    const zoom = await (this.map.getSource(POINTS) as GeoJSONSource).getClusterExpansionZoom(cluster);
    this.map.easeTo({ center: hit.geometry.coordinates as [number, number], zoom });
  }

  private tell(hit: MapGeoJSONFeature | null): void {
    this.map.getCanvas().style.cursor = hit ? "pointer" : "";
    if (!hit) {
      this.says.replaceChildren();
      return;
    }
    const { name, title, note, point_count: count } = hit.properties as Record<string, unknown>;
    const head = typeof count === "number" ? word("map_many", { n: count }) : String(title ?? name ?? "");
    const text = typeof note === "string" ? note : "";
    if (this.says.dataset.now === head + text && this.says.hasChildNodes()) return;
    this.says.dataset.now = head + text;
    this.says.replaceChildren(element("strong", "", head), ...(text ? [element("span", "", text)] : []));
  }

  private mark(key: string | null, bring: boolean): void {
    if (this.marked) this.map.setFeatureState(this.marked, { selected: false });
    this.marked = null;
    if (!key || !this.map.isStyleLoaded()) return;
    this.marked = { source: key.startsWith("grid:") ? AREAS : POINTS, id: key };
    this.map.setFeatureState(this.marked, { selected: true });
    if (bring) this.bring(key);
  }

  /** Moves the map to the selection when it lies outside what is seen. */
  private bring(key: string): void {
    const row = document.querySelector<HTMLElement>(
      `[data-select="${CSS.escape(key)}"][data-at], [data-record="${CSS.escape(key)}"][data-at]`,
    );
    const [lon, lat] = (row?.dataset.at ?? "").split(",").map(Number);
    if (lon === undefined || lat === undefined || Number.isNaN(lon) || Number.isNaN(lat)) return;
    const seen = this.map.getBounds().contains([lon, lat]);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // A place so small that its cluster would hide it says how near to go.
    const near = Number(row?.dataset.zoom ?? 0);
    // Who looks at the whole area sees the place in it, and goes on doing so, however late the record beside it comes.
    if (this.settled && this.keepsWhole && seen && !near) return;
    if (!seen || this.map.getZoom() < (near || 12.5)) {
      this.map.easeTo({
        center: [lon, lat],
        zoom: Math.max(near || 14, this.map.getZoom()),
        duration: calm ? 0 : 450,
      });
    }
  }

  private showWhole(): void {
    if (!this.whole) return;
    this.map.once("moveend", () => {
      this.keepsWhole = true;
    });
    this.map.fitBounds(this.whole, { padding: ROOM });
  }

  private moved(keep = true): void {
    const { lng, lat } = this.map.getCenter();
    const zoom = this.map.getZoom();
    if (keep) keepInAddress("view", `${lng.toFixed(5)},${lat.toFixed(5)},${zoom.toFixed(2)}`);
    const perPixel = (40075016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom);
    const { metres, pixels } = scaleBar(perPixel);
    const bar = element("i");
    bar.style.width = `${pixels}px`;
    this.scale.replaceChildren(
      element("span", "", metres < 1000 ? `${metres} m` : `${metres / 1000} km`),
      bar,
    );
    const canvas = this.map.getCanvas();
    if (document.activeElement === canvas) this.tell(this.at(this.map.project(this.map.getCenter())));
  }

  private reload({ patch, ...to }: Reload): void {
    this.sources = { ...this.sources, ...to };
    const areas = this.map.getSource(AREAS) as GeoJSONSource | undefined;
    if (patch && areas) void this.patch(areas, patch);
    else if (to.areas) areas?.setData(to.areas);
    if (to.points) (this.map.getSource(POINTS) as GeoJSONSource | undefined)?.setData(to.points);
  }

  /** Puts what came in the place of the areas of the same community; whatever goes wrong, all are fetched anew. */
  private async patch(areas: GeoJSONSource, from: string): Promise<void> {
    try {
      const answer = await fetch(from);
      if (!answer.ok) throw new Error(String(answer.status));
      const { features } = (await answer.json()) as {
        features: NonNullable<GeoJSONSourceDiff["add"]>;
      };
      const ids = new Set(features.map((one) => String(one.properties?.id)));
      const communities = new Set(features.map((one) => one.properties?.community as unknown));
      const gone = this.map
        .querySourceFeatures(AREAS)
        .filter(({ properties }) => communities.has(properties.community) && !ids.has(String(properties.id)))
        .map(({ properties }) => String(properties.id));
      await areas.updateData({ remove: [...new Set(gone)], add: features });
    } catch (fault) {
      console.error(fault);
      if (this.sources.areas) areas.setData(this.sources.areas);
    }
  }
}
