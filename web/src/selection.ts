/**
 * One selection, shared by map, list and record.
 *
 * A key reads `kind:id` ("case:0192...", "grid:120110001005003"). Rows carry it in `data-select`, an open
 * record in `data-record`, features of the map in their `id`. The address keeps it: an open record has
 * its own path; a selection without a record stands in `?sel=`.
 */
export type Source = "map" | "list" | "record" | "address";

export interface Selected {
  readonly key: string | null;
  readonly source: Source;
}

export const SELECT = "wangge:select";

let current: string | null = null;

export function selected(): string | null {
  return current;
}

export function select(key: string | null, source: Source): void {
  if (key === current) return;
  current = key;
  markRows(document);
  document.dispatchEvent(new CustomEvent<Selected>(SELECT, { detail: { key, source } }));
}

export function onSelect(listen: (selection: Selected) => void): void {
  document.addEventListener(SELECT, (event) => listen((event as CustomEvent<Selected>).detail));
}

export function rowOf(key: string): HTMLAnchorElement | null {
  return document.querySelector<HTMLAnchorElement>(`a[data-select="${CSS.escape(key)}"]`);
}

export function markRows(root: ParentNode): void {
  for (const row of root.querySelectorAll<HTMLElement>("[data-select]")) {
    const mine = row.dataset.select === current;
    if (mine) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    if (mine) row.scrollIntoView({ block: "nearest" });
  }
}

/** Changes one parameter of the address in place, without a new step in the history. */
export function keepInAddress(name: string, value: string | null): void {
  const address = new URL(location.href);
  if (value === null) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  const text = address.href
    .replaceAll("%2C", ",")
    .replaceAll("%3A", (sign, at: number) => (at > 8 ? ":" : sign));
  if (text !== location.href) history.replaceState(history.state, "", text);
}

/** The selection this page was opened with: its open record, or `?sel=`. */
export function selectFromPage(): void {
  const record = document.querySelector<HTMLElement>("#record [data-record]");
  select(record?.dataset.record ?? new URL(location.href).searchParams.get("sel"), "address");
  markRows(document);
}
