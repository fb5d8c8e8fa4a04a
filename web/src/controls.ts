/** Small helps that every page shares: copy, file drop, error summary, list or map, dialogs. */
import { notice } from "./notice";
import { word } from "./words";

async function copy(button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    notice(word("copied"), "good");
  } catch {
    notice(word("copy_failed"), "bad");
  }
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function showChosen(input: HTMLInputElement): void {
  const box = input.closest(".drop");
  const says = box?.querySelector<HTMLElement>(".chosen");
  if (says) says.textContent = [...(input.files ?? [])].map((f) => `${f.name} · ${size(f.size)}`).join(", ");
}

/** Moves the reader to the summary of what went wrong, as soon as one is on the page. */
export function focusErrors(root: ParentNode = document): void {
  const summary = root.querySelector<HTMLElement>(".error-summary");
  if (!summary) return;
  summary.setAttribute("tabindex", "-1");
  summary.focus();
}

export function watchControls(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const copied = target.closest?.<HTMLElement>("[data-copy]");
    if (copied) void copy(copied);
    if (target.closest?.("[data-print]")) window.print();
    const shown = target.closest?.<HTMLButtonElement>("[data-shows-pane]");
    if (shown) {
      const work = shown.closest<HTMLElement>(".work");
      if (work) work.dataset.shows = shown.dataset.showsPane;
      for (const peer of shown.parentElement?.querySelectorAll("[data-shows-pane]") ?? []) {
        peer.setAttribute("aria-pressed", String(peer === shown));
      }
    }
    const dialog = target.closest?.<HTMLElement>("[data-opens]")?.dataset.opens;
    if (dialog) document.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(dialog)}`)?.showModal();
    if (target.closest?.("[data-closes]")) target.closest("dialog")?.close();
    // A link of the summary goes into the field itself, not only to its place.
    const fault = target.closest?.<HTMLAnchorElement>(".error-summary a[href^='#']");
    if (fault) {
      const field = document.getElementById(fault.hash.slice(1));
      if (field) {
        event.preventDefault();
        field.scrollIntoView({ block: "center" });
        field.focus();
      }
    }
  });
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.matches?.(".drop input[type=file]")) showChosen(input);
    // A filter that is a control sends its form at once; without script its button does.
    if (input.matches?.("[data-sends]")) input.form?.requestSubmit();
  });
  for (const [name, over] of [
    ["dragenter", true],
    ["dragover", true],
    ["dragleave", false],
    ["drop", false],
  ] as const) {
    document.addEventListener(name, (event) => {
      (event.target as Element).closest?.(".drop")?.toggleAttribute("data-over", over);
    });
  }
}
