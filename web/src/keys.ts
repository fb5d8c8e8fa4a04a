/** Keyboard: "/" search, j and k through a list, g then a letter to a page, Esc to close, "?" for this list. */
import { closeOpenRecord } from "./record";

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

function walk(step: 1 | -1): void {
  const rows = [
    ...document.querySelectorAll<HTMLElement>("[data-walk] a[data-select], [data-walk] [data-step]"),
  ];
  if (!rows.length) return;
  const held = rows.indexOf(document.activeElement as HTMLElement);
  const from = held >= 0 ? held : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

/** Up and down open the neighbouring row of a list that is worked through one by one. */
function openNeighbour(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-arrows] a[data-select]")];
  if (!rows.length) return false;
  const held = rows.indexOf(document.activeElement as HTMLElement);
  const from = held >= 0 ? held : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step))];
  next?.focus();
  next?.click();
  return true;
}

/** A button that names its key is pressed by it: <button data-key="s">. */
function press(key: string): boolean {
  const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (!button || button.offsetParent === null) return false;
  button.click();
  return true;
}

function shutMenus(): boolean {
  const open = document.querySelectorAll<HTMLDetailsElement>("details.shuts[open]");
  for (const menu of open) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  }
  return open.length > 0;
}

export function watchKeys(): void {
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (typing(event.target)) (event.target as HTMLElement).blur();
      else if (!shutMenus()) closeOpenRecord();
      return;
    }
    if (typing(event.target) || event.isComposing) return;
    if (going && Date.now() - going < 1200) {
      going = 0;
      const link = document.querySelector<HTMLAnchorElement>(`.nav a[data-go="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
        return;
      }
    }
    switch (event.key) {
      case "/":
        event.preventDefault();
        document.querySelector<HTMLInputElement>(".search input[type=search]")?.focus();
        break;
      case "ArrowDown":
        if (openNeighbour(1)) event.preventDefault();
        break;
      case "ArrowUp":
        if (openNeighbour(-1)) event.preventDefault();
        break;
      case "j":
        walk(1);
        break;
      case "k":
        walk(-1);
        break;
      case "g":
        going = Date.now();
        break;
      case "?":
        document.querySelector<HTMLDialogElement>("dialog#keys")?.showModal();
        break;
      default:
        if (press(event.key)) event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.shuts[open]")) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
}
