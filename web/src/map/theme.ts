/** The map's colours are the page's: read from the design tokens, so light and dark need no second list. */
const NAMES = [
  "paper",
  "sheet",
  "sheet-2",
  "sheet-3",
  "line",
  "line-2",
  "edge",
  "ink",
  "ink-2",
  "ink-3",
  "accent",
  "accent-soft",
  "on-accent",
  "red",
  "red-ink",
  "red-soft",
  "orange",
  "yellow",
  "yellow-ink",
  "yellow-soft",
  "blue",
  "blue-ink",
  "blue-soft",
  "green",
  "violet",
  "focus",
] as const;

export type Ink = (typeof NAMES)[number];
export type Inks = Readonly<Record<Ink, string>>;

export function readInks(): Inks {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const inks = {} as Record<Ink, string>;
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    inks[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return inks;
}
