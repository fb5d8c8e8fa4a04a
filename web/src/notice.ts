/** One short notice at the edge of the page, read out by screen readers, gone after a while. */
export type Tone = "plain" | "good" | "warn" | "bad";

export function notice(text: string, tone: Tone = "plain"): void {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  const item = document.createElement("div");
  item.className = "notice";
  item.dataset.tone = tone;
  item.setAttribute("role", tone === "bad" ? "alert" : "status");
  const words = document.createElement("p");
  words.textContent = text;
  item.append(words);
  box.append(item);
  // A fault stays until it is read: only the next page or a click takes it away.
  item.addEventListener("click", () => item.remove());
  if (tone !== "bad") setTimeout(() => item.remove(), 6000);
}
