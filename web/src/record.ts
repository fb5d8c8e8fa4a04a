/** The record column: opening keeps focus and selection right, closing goes back to the list's own address. */
import htmx from "htmx.org";
import { keepInAddress, markRows, rowOf, select, selected } from "./selection";

const column = (): HTMLElement | null => document.getElementById("record");

/** Opens a record by its address, as if its row had been followed. */
export function openRecord(href: string, key: string): void {
  const row = rowOf(key);
  if (row) {
    row.click();
    return;
  }
  if (column()) void htmx.ajax("get", href, { target: "#record", swap: "innerHTML", push: href });
  else location.assign(href);
}

function close(link: HTMLAnchorElement): void {
  const box = column();
  if (!box) return;
  const key = selected();
  box.replaceChildren();
  history.pushState({ htmx: true }, "", link.href);
  select(null, "record");
  keepInAddress("sel", null);
  if (key) rowOf(key)?.focus();
}

export function watchRecord(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[data-shut]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    close(link);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.target as HTMLElement;
    if (target.id !== "record") {
      markRows(target);
      return;
    }
    const record = target.querySelector<HTMLElement>("[data-record]");
    select(record?.dataset.record ?? null, "record");
    const heading = target.querySelector<HTMLElement>("h1, h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  });
}

export function closeOpenRecord(): boolean {
  const link = document.querySelector<HTMLAnchorElement>("#record a[data-shut]");
  if (!link) return false;
  close(link);
  return true;
}
