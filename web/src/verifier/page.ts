import "../styles/tokens.css";
import "./verifier.css";
import { card, ofEu, ofRefusal, ofVerdict, type Shown } from "./card";
import { checkEu, type EuSigner, euSigners } from "./eu";
import { Problem, Refused } from "./problem";
import { Camera, inPicture } from "./scan";
import { openTrust, type Trust } from "./trust";
import { check } from "./verify";
import { current, say, speak, type Word } from "./words";

/** The verifier's page. All state is here, in memory; only the trust file, which knows no person, is kept. */
const KEPT = "wangge:trust";
const KEPT_EU = "wangge:eu-signers";
const CLEAR_AFTER = 90_000;

function at<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

let trust: Trust | undefined;
let eu: EuSigner[] = [];
let shown: Shown | undefined;
let clearing = 0;
let told: Word | undefined;

const camera = new Camera(at<HTMLVideoElement>("video"), (text) => void judge(text));

function armed(): boolean {
  return trust !== undefined || eu.length > 0;
}

function waiting(): HTMLElement {
  const words = document.createElement("p");
  words.className = "waiting";
  words.textContent = say(armed() ? "waiting" : "noTrust");
  return words;
}

function show(): void {
  at("verdict").replaceChildren(shown ? card(shown, () => clear(true)) : waiting());
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

/** Our own profile; and what is none of ours, as an EU certificate where signers of those are loaded. */
async function answer(text: string, now: number): Promise<Shown> {
  try {
    const place = at<HTMLSelectElement>("place").value || undefined;
    const own = trust ? await check(trust, text, now, place) : undefined;
    if (own && (own.verdict !== "unreadable" || !eu.length)) return ofVerdict(own);
    const found = await checkEu(text, eu, now);
    return own && !found.steps.decode ? ofVerdict(own) : ofEu(found);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return ofRefusal(error);
  }
}

async function judge(text: string): Promise<void> {
  if (!armed()) return;
  tell();
  shown = await answer(text, Math.floor(Date.now() / 1000));
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
  document.body.classList.toggle("armed", armed());
  for (const id of ["camera", "picture", "judge"]) at<HTMLButtonElement>(id).disabled = !armed();
  const others = eu.length ? `${eu.length} ${say("euSigners")}` : "";
  if (!trust) {
    words.textContent = others || say("noTrust");
    return;
  }
  const until = Math.min(...trust.periods.map((period) => period.until));
  const day = new Intl.DateTimeFormat(current() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium" });
  words.textContent = `${title(trust.home)} · ${say("until_")} ${day.format(until * 1000)} · ${trust.signers.size} ${say("signers")}${others && ` · ${others}`}`;
  const chosen = select.value || trust.home;
  select.replaceChildren(...[...trust.names.keys()].map((province) => new Option(title(province), province)));
  select.value = trust.names.has(chosen) ? chosen : trust.home;
}

async function load(file: string, keep: boolean): Promise<void> {
  try {
    const foreign = file.includes("-----BEGIN CERTIFICATE-----");
    if (foreign) eu = await euSigners(file);
    else trust = await openTrust(file);
    if (keep)
      try {
        localStorage.setItem(foreign ? KEPT_EU : KEPT, file);
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

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
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
for (const file of [inside || kept(KEPT), kept(KEPT_EU)]) if (file) void load(file, false);
if (location.protocol.startsWith("http")) {
  const link = at<HTMLAnchorElement>("save");
  link.href = location.href;
  link.hidden = false;
}
