import "../styles/tokens.css";
import "./verifier.css";
import { Problem, Refused } from "./problem";
import { Camera, inPicture } from "./scan";
import { openTrust, type Trust } from "./trust";
import { check, type Verdict } from "./verify";
import { current, say, speak, type Word } from "./words";

/** The verifier's page. All state is here, in memory; only the trust file, which knows no person, is kept. */
const KEPT = "wangge:trust";
const CLEAR_AFTER = 90_000;

function at<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

type Shown = Verdict | (Pick<Verdict, "code" | "zh" | "en"> & { verdict: "refused" });

let trust: Trust | undefined;
let shown: Shown | undefined;
let clearing = 0;
let told: Word | undefined;

const camera = new Camera(at<HTMLVideoElement>("video"), (text) => void judge(text));

function make(name: string, className = "", text = ""): HTMLElement {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

const SHAPES: Record<Shown["verdict"], [string, string]> = {
  valid: ["M24 4a20 20 0 1 1 0 40a20 20 0 1 1 0-40z", "M14.5 25l6.5 6.5L34 18"],
  invalid: ["M16 4h16l12 12v16L32 44H16L4 32V16z", "M16.500 16.500l15 15M31.500 16.500l-15 15"],
  unreadable: ["M24 5l21 37H3z", "M24 18v11M24 35v.5"],
  refused: ["M24 5l21 37H3z", "M24 18v11M24 35v.5"],
};

function shape(verdict: Shown["verdict"]): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 48 48");
  picture.setAttribute("aria-hidden", "true");
  for (const [index, path] of SHAPES[verdict].entries()) {
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    line.setAttribute("class", index ? "sign" : "body");
    picture.append(line);
  }
  return picture;
}

function facts(rows: [Word, string][]): HTMLElement {
  const list = make("dl", "facts");
  for (const [word, value] of rows) if (value) list.append(make("dt", "", say(word)), make("dd", "", value));
  return list;
}

function local(seconds: number): string {
  const format = new Intl.DateTimeFormat(current() === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return format.format(seconds * 1000);
}

function reason(found: Shown): string {
  return current() === "zh" ? found.zh : found.en;
}

/** The block that the person at the door reads first: one word, one reason, what to compare. */
function card(found: Shown): HTMLElement {
  const box = make("article", `card ${found.verdict}`);
  const head = make("div", "verdict");
  const words = make("div");
  words.append(make("p", "word", say(found.verdict)), make("p", "reason", reason(found)));
  head.append(shape(found.verdict), words);
  box.append(head);
  if (found.verdict !== "refused" && found.claims) {
    const { claims, signer } = found;
    const compare = make("div", "compare");
    compare.append(
      make("p", "hint", say("compare")),
      facts([
        ["initials", [...found.initials].join(" ")],
        ["birthday", found.birthday],
      ]),
    );
    const name = current() === "zh" ? signer?.zh : signer?.en;
    const decides = found.verdict === "valid" || found.code === "rule";
    const rows = facts([
      // a revoked green is no green: the colour is shown where it decides
      ["colour", decides ? say(claims.colour) : ""],
      ["issuer", [name, claims.issuer].filter(Boolean).join(" ")],
      ["form", say(claims.form)],
      ["from", local(claims.notBefore)],
      ["until", local(claims.expires)],
      ["rule", found.rule ?? ""],
    ]);
    if (decides) rows.querySelector("dd")?.classList.add("colour", claims.colour);
    box.append(compare, rows);
  }
  const next = make("button", "button main", say("next")) as HTMLButtonElement;
  next.type = "button";
  next.id = "next";
  next.addEventListener("click", () => clear(true));
  box.append(next);
  return box;
}

function show(): void {
  at("verdict").replaceChildren(
    shown ? card(shown) : make("p", "waiting", say(trust ? "waiting" : "noTrust")),
  );
  document.body.dataset.verdict = shown?.verdict ?? "";
  at("said").textContent = told ? say(told) : "";
}

function tell(word?: Word): void {
  told = word;
  at("said").textContent = word ? say(word) : "";
}

/** Forget what was scanned; look on where the camera is open. */
function clear(again: boolean): void {
  clearTimeout(clearing);
  shown = undefined;
  at<HTMLTextAreaElement>("text").value = "";
  at<HTMLInputElement>("picture").value = "";
  tell();
  show();
  if (again && camera.open) void openCamera();
  else if (again) at("camera").focus();
}

async function judge(text: string): Promise<void> {
  if (!trust) return;
  tell();
  const place = at<HTMLSelectElement>("place").value || trust.home;
  try {
    shown = await check(trust, text, Math.floor(Date.now() / 1000), place);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    shown = { verdict: "refused", code: error.code, zh: error.zh, en: error.en };
  }
  show();
  navigator.vibrate?.(shown.verdict === "valid" ? 60 : [120, 60, 120]);
  at("answer").focus({ preventScroll: true });
  at("answer").scrollIntoView({ block: "nearest" });
  clearTimeout(clearing);
  clearing = window.setTimeout(() => clear(false), CLEAR_AFTER);
}

async function openCamera(): Promise<void> {
  const video = at<HTMLVideoElement>("video");
  try {
    video.hidden = false;
    at("camera").hidden = true;
    tell("looking");
    await camera.start();
  } catch {
    camera.stop();
    video.hidden = true;
    at("camera").hidden = false;
    tell("noCamera");
  }
}

async function readPicture(file: File): Promise<void> {
  tell("looking");
  try {
    const text = await inPicture(file);
    if (text === undefined) tell("noCode");
    else await judge(text);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    tell("noPicture");
  }
}

/** A province by its code and, where the trust file has one, its name. */
function title(province: string): string {
  const name = trust?.names.get(province);
  return [province, current() === "zh" ? name?.zh : name?.en].filter(Boolean).join(" ");
}

function describeTrust(): void {
  const words = at("trust-words");
  const select = at<HTMLSelectElement>("place");
  at("place-box").hidden = !trust || trust.names.size < 2;
  document.body.classList.toggle("armed", trust !== undefined);
  for (const id of ["camera", "picture", "judge"]) at<HTMLButtonElement>(id).disabled = !trust;
  if (!trust) {
    words.textContent = say("noTrust");
    return;
  }
  const until = Math.min(...trust.periods.map((period) => period.until));
  const day = new Intl.DateTimeFormat(current() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium" });
  words.textContent = `${title(trust.home)} · ${say("until_")} ${day.format(until * 1000)} · ${trust.signers.size} ${say("signers")}`;
  const chosen = select.value || trust.home;
  select.replaceChildren(...[...trust.names.keys()].map((province) => new Option(title(province), province)));
  select.value = trust.names.has(chosen) ? chosen : trust.home;
}

async function load(bundle: string, keep: boolean): Promise<void> {
  try {
    trust = await openTrust(bundle);
    if (keep)
      try {
        localStorage.setItem(KEPT, bundle);
      } catch {
        // a private window or a file's page may not keep anything: then it holds until the page is closed
      }
    describeTrust();
    clear(false);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    describeTrust();
    at("trust-words").textContent = current() === "zh" ? error.zh : error.en;
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function turn(): void {
  speak(current() === "zh" ? "en" : "zh");
  describe();
}

function describe(): void {
  const button = at("language");
  button.textContent = current() === "zh" ? "English" : "中文";
  button.lang = current() === "zh" ? "en" : "zh-Hans";
  describeTrust();
  show();
}

at("language").addEventListener("click", turn);
at("camera").addEventListener("click", () => void openCamera());
at("judge").addEventListener("click", () => void judge(at<HTMLTextAreaElement>("text").value.trim()));
at<HTMLInputElement>("picture").addEventListener("change", (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file) void readPicture(file);
});
at<HTMLInputElement>("trust-file").addEventListener("change", async (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file && file.size < 50_000_000) await load(await file.text(), true);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden" || !camera.open) return;
  camera.stop();
  at("video").hidden = true;
  at("camera").hidden = false;
  tell();
});

speak(current());
describe();
const inside = at("trust").textContent?.trim();
const bundle = inside || kept();
if (bundle) void load(bundle, false);
if (location.protocol.startsWith("http")) {
  const link = at<HTMLAnchorElement>("save");
  link.href = location.href;
  link.hidden = false;
}
