/** Light, dark, or as the device says. A cookie keeps it, so that the server sends the right page at once. */
export type Theme = "light" | "dark";

export const THEME = "wangge:theme";

export function isDark(): boolean {
  const asked = document.documentElement.dataset.theme;
  if (asked === "dark" || asked === "light") return asked === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function wear(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing from Firefox and Safari
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  document.dispatchEvent(new CustomEvent(THEME));
}

export function watchTheme(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest?.("[data-theme-switch]");
    if (button) wear(isDark() ? "light" : "dark");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent(THEME));
  });
}
