/** Entry of every page of the console. */
import "./styles/index.css";
import htmx from "htmx.org";
import { focusErrors, watchControls } from "./controls";
import { watchKeys } from "./keys";
import { notice, type Tone } from "./notice";
import { watchRecord } from "./record";
import { keepInAddress, onSelect, select, selectFromPage } from "./selection";
import { watchTheme } from "./theme";
import { word } from "./words";

// No eval, no inline style or script: the pages run under a strict policy. No page is kept in the browser's
// storage for the back button, because pages hold personal data; going back asks the server again.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  historyRestoreAsHxRequest: false,
  selfRequestsOnly: true,
  scrollBehavior: "auto",
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // A refusal or a form with errors is a page too: show it where the answer was to stand.
    { code: "(400|403|404|409|410|413|415|422|429)", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

interface NoticeEvent {
  text: string;
  tone?: Tone;
}

function watchServer(): void {
  document.addEventListener("htmx:sendError", () => notice(word("no_connection"), "bad"));
  document.addEventListener("htmx:timeout", () => notice(word("no_connection"), "bad"));
  document.addEventListener("htmx:responseError", () => notice(word("server_fault"), "bad"));
  document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target as HTMLElement));
  // HX-Trigger: {"wangge:notice": {"text": "...", "tone": "good"}}
  document.addEventListener("wangge:notice", (event) => {
    const { text, tone } = (event as CustomEvent<NoticeEvent>).detail;
    notice(text, tone);
  });
}

/** A row without a record of its own: it is shown on the map, and the address keeps it. */
function stay(event: Event, row: HTMLElement): void {
  event.preventDefault();
  keepInAddress("sel", row.dataset.select ?? null);
  const map = document.querySelector<HTMLElement>('[data-shows-pane="map"]');
  if (row.dataset.at && map?.offsetParent) map.click(); // on a phone the map has the whole screen
}

function watchRows(): void {
  document.addEventListener("click", (event) => {
    const row = (event.target as Element).closest?.<HTMLElement>("a[data-select]");
    if (!row || event.ctrlKey || event.metaKey) return;
    if (row.dataset.stays !== undefined) stay(event, row);
    select(row.dataset.select ?? null, "list");
  });
}

/** A form that asks for a grid takes the one chosen on the map: <input data-takes="grid">. */
function watchTaking(): void {
  onSelect(({ key, source }) => {
    const field = document.querySelector<HTMLInputElement>('input[data-takes="grid"]');
    if (source === "map" && field && key?.startsWith("grid:")) field.value = key.slice("grid:".length);
  });
}

async function startMaps(): Promise<void> {
  const hosts = document.querySelectorAll<HTMLElement>("[data-map]");
  if (!hosts.length) return;
  const { startMap } = await import("./map/map");
  for (const host of hosts) startMap(host);
}

watchServer();
watchControls();
watchTheme();
watchKeys();
watchRows();
watchRecord();
watchTaking();
selectFromPage();
focusErrors();
void startMaps();
