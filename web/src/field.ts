/**
 * Entry of the worker's page. Without script the forms still post as usual; with it, words are kept on the
 * phone from the first letter, and a visit handed in without network goes out by itself later.
 *
 *   <body data-worker="actor id">
 *   <form method="post" action="..." data-outbox="task:0192..." data-title="6-2-301 ...">
 */
import "./styles/index.css";
import { focusErrors, watchControls } from "./controls";
import { notice } from "./notice";
import { type Post, pause, postWith, sendWaiting } from "./outbox/sender";
import { type Entry, type EntryState, type Fields, Store } from "./outbox/store";
import { watchTheme } from "./theme";
import { word } from "./words";

const RECEIPTS_KEPT_DAYS = 30;
const DRAFT_PAUSE_MS = 250;

function token(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

function fieldsOf(form: HTMLFormElement): Fields {
  return [...new FormData(form)].filter(
    ([name, value]) => name !== "csrfmiddlewaretoken" && !(value instanceof File && value.size === 0),
  );
}

function fill(form: HTMLFormElement, fields: Fields, touched: ReadonlySet<string>): void {
  const texts = new Map<string, string[]>();
  for (const [name, value] of fields) {
    if (typeof value === "string") texts.set(name, [...(texts.get(name) ?? []), value]);
  }
  for (const control of form.elements) {
    if (
      !(
        control instanceof HTMLInputElement ||
        control instanceof HTMLTextAreaElement ||
        control instanceof HTMLSelectElement
      )
    )
      continue;
    if (!control.name || control.type === "file" || control.type === "hidden" || touched.has(control.name))
      continue;
    const values = texts.get(control.name) ?? [];
    if (control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio")) {
      control.checked = values.includes(control.value);
    } else if (values[0] !== undefined) {
      control.value = values[0];
    }
  }
}

/** Whether every needed answer stands; if not, a summary on top says which is missing, in the page's language. */
function complete(form: HTMLFormElement): boolean {
  form.querySelector(".error-summary")?.remove();
  const missing = new Map<string, HTMLElement>();
  for (const control of form.elements) {
    if (!(control instanceof HTMLElement) || !("checkValidity" in control)) continue;
    if ((control as HTMLInputElement).checkValidity()) continue;
    const question = control
      .closest(".question, .field")
      ?.querySelector("legend, label")
      ?.textContent?.trim();
    const name = question ?? (control as HTMLInputElement).name;
    if (!missing.has(name)) missing.set(name, control);
  }
  if (!missing.size) return true;
  const summary = document.createElement("div");
  summary.className = "error-summary";
  summary.setAttribute("role", "alert");
  const head = document.createElement("h2");
  head.textContent = word("problem");
  const list = document.createElement("ul");
  for (const [question, control] of missing) {
    control.id ||= `answer-${list.childElementCount}`;
    const link = document.createElement("a");
    link.href = `#${control.id}`;
    link.textContent = word("answer_missing", { question });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  summary.append(head, list);
  form.prepend(summary);
  focusErrors(form);
  return false;
}

/** One form: every change is written down at once; handing in moves it to the outbox. */
class KeptForm {
  private timer = 0;
  private dirty = false;
  private edits = 0;
  private handing = false;
  private readonly touched = new Set<string>();
  private readonly says: HTMLElement | null;
  private readonly id: string;
  private readonly restored: Promise<void>;

  /** Listens at once: what is typed, or handed in, while the phone's storage still opens is not lost. */
  constructor(
    private readonly form: HTMLFormElement,
    private readonly store: Promise<Store>,
    private readonly handedIn: () => Promise<boolean>,
  ) {
    this.id = form.dataset.outbox ?? location.pathname;
    this.says = form.querySelector("[data-saved-mark]");
    form.noValidate = true;
    form.addEventListener("input", (event) => this.later(event));
    form.addEventListener("change", (event) => this.later(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.handing) return; // a second tap while the first is still at it
      this.handing = true;
      void this.handIn().finally(() => {
        this.handing = false;
      });
    });
    // The phone is put away, rings, or the page is left: write at once.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.dirty) void this.keep();
    });
    addEventListener("pagehide", () => this.dirty && void this.keep());
    this.restored = this.restore();
  }

  /** Gives back the words kept before, but for what was answered anew since the page came. */
  private async restore(): Promise<void> {
    const draft = await (await this.store).draft(this.id);
    if (!draft) return;
    fill(this.form, draft.fields, this.touched);
    this.say("saved", word("draft_restored"));
  }

  /** Until the words kept before are back. */
  start(): Promise<void> {
    return this.restored;
  }

  private later({ target }: Event): void {
    this.dirty = true;
    this.edits += 1;
    if (target && "name" in target) this.touched.add(String(target.name));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), DRAFT_PAUSE_MS);
  }

  private async keep(): Promise<void> {
    clearTimeout(this.timer);
    const edit = this.edits;
    try {
      await this.restored;
      await (await this.store).keepDraft(this.id, fieldsOf(this.form));
      if (edit === this.edits) this.dirty = false; // not before: the page may be left while it is written
      this.say("saved", word("draft_saved"));
    } catch (fault) {
      console.error(fault);
      this.say("failed", word("draft_failed"));
    }
  }

  private async handIn(): Promise<void> {
    clearTimeout(this.timer);
    await this.restored.catch(() => {}); // shut storage: said below, and the plain way is open
    if (!complete(this.form)) return;
    const button = this.form.querySelector<HTMLButtonElement>("button[type=submit], button:not([type])");
    if (button) button.disabled = true;
    try {
      await (await this.store).handIn(this.id, {
        key: crypto.randomUUID(),
        title: this.form.dataset.title ?? document.title,
        sendTo: this.form.action,
        fields: fieldsOf(this.form),
      });
    } catch (fault) {
      // The phone's storage is full or shut: the words are still in the form, and the plain way is open.
      console.error(fault);
      notice(word("outbox_not_stored"), "bad");
      if (button) button.disabled = false;
      if (navigator.onLine) this.form.submit();
      return;
    }
    this.dirty = false;
    notice(word("outbox_stored"), "good");
    const sent = await this.handedIn();
    const next = this.form.dataset.next;
    // Without network the next page could not be shown: stay, with an empty form and the count of what waits.
    if (sent && next) location.assign(next);
    else this.form.reset();
    if (this.says) this.says.textContent = "";
    if (button) button.disabled = false;
  }

  private say(state: "saved" | "failed", text: string): void {
    if (!this.says) return;
    this.says.dataset.state = state;
    this.says.textContent = text;
  }
}

class Outbox {
  private timer = 0;
  private readonly box = document.querySelector<HTMLElement>("[data-outbox-state]");
  private readonly list = document.querySelector<HTMLElement>("[data-outbox-list]");
  private signedOut = false;

  constructor(
    private readonly store: Store,
    private readonly post: Post,
  ) {}

  start(): void {
    addEventListener("online", () => void this.send());
    addEventListener("offline", () => void this.show());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.send();
    });
    void this.store.forget(new Date(Date.now() - RECEIPTS_KEPT_DAYS * 86_400_000)).then(() => this.send());
  }

  /** Whether all is sent. One sender at a time, also across tabs; who cannot have the lock leaves the work to who has it. */
  async send(): Promise<boolean> {
    clearTimeout(this.timer);
    await this.show();
    let all = false;
    const work = async (lock: Lock | null): Promise<void> => {
      if (!lock) return;
      const round = await sendWaiting(this.store, this.post, () => void this.show());
      this.signedOut = round.signedOut;
      all = round.left === 0;
      if (round.left) this.timer = window.setTimeout(() => void this.send(), pause(round.tries) * 1000);
    };
    if (navigator.locks) await navigator.locks.request("wangge-outbox", { ifAvailable: true }, work);
    else await work({ name: "alone", mode: "exclusive" } as Lock);
    await this.show();
    return all;
  }

  async show(): Promise<void> {
    const entries = await this.store.entries();
    const others = await this.store.waitingOfOthers();
    const count = (state: EntryState): number => entries.filter((entry) => entry.state === state).length;
    const counts = {
      saved: entries.length,
      waiting: count("waiting"),
      sent: count("sent"),
      refused: count("refused"),
    };
    for (const [name, n] of Object.entries(counts)) {
      const place = this.box?.querySelector<HTMLElement>(`[data-count="${name}"]`);
      const figure = place?.querySelector("b");
      if (place && figure) {
        figure.textContent = String(n);
        place.toggleAttribute("data-none", n === 0);
      }
    }
    const says = this.box?.querySelector<HTMLElement>("[data-says]");
    if (says) says.textContent = this.sentence(counts.waiting, others);
    this.list?.replaceChildren(...entries.map((entry) => line(entry)).reverse());
  }

  private sentence(waiting: number, others: number): string {
    if (this.signedOut && waiting) return word("outbox_sign_in");
    if (!navigator.onLine) return word("outbox_offline");
    return others ? word("outbox_other_worker", { n: others }) : "";
  }
}

function line(entry: Entry): HTMLElement {
  const item = document.createElement("li");
  const row = document.createElement("div");
  row.className = "row";
  const title = document.createElement("span");
  title.className = "title";
  title.textContent = entry.title;
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.dataset.tone = { waiting: "waiting", sent: "done", refused: "refused" }[entry.state];
  badge.textContent =
    document.querySelector<HTMLElement>(`[data-count="${entry.state}"] [data-word]`)?.textContent ??
    entry.state;
  const meta = document.createElement("span");
  meta.className = "meta";
  const at = (instant: string): string => new Date(instant).toLocaleString(document.documentElement.lang);
  if (entry.state === "sent" && entry.sentAt)
    meta.textContent = word("outbox_sent_at", { at: at(entry.sentAt) });
  else if (entry.state === "refused") meta.textContent = entry.problem ?? word("outbox_refused");
  else meta.textContent = word("outbox_waiting_since", { at: at(entry.savedAt) });
  row.append(title, badge, meta);
  item.append(row);
  return item;
}

async function start(): Promise<void> {
  watchControls();
  watchTheme();
  focusErrors();
  const worker = document.body.dataset.worker;
  if (!worker) return;
  const opening = Store.open(worker);
  let outbox: Outbox | null = null;
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-outbox]")].map(
    (form) => new KeptForm(form, opening, async () => (await outbox?.send()) ?? false),
  );
  const store = await opening;
  outbox = new Outbox(store, postWith(token));
  // Ask that the phone does not clear this storage when it is short of room.
  void navigator.storage?.persist?.();
  for (const form of forms) await form.start();
  outbox.start();
}

void start();
