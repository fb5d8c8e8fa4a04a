import type { EuReport } from "./eu";
import type { Refused } from "./problem";
import { Unreadable } from "./problem";
import type { Verdict } from "./verify";
import { current, say, type Word } from "./words";

/** An answer as the page shows it; its facts are worded when it is drawn, in the language of then. */
export interface Shown {
  verdict: Verdict["verdict"] | "refused";
  zh: string;
  en: string;
  compare: [Word, string][];
  colour?: "green" | "yellow" | "red" | undefined;
  rows(): [Word, string][];
}

function make(name: string, className = "", text = ""): HTMLElement {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function local(seconds: number): string {
  const format = new Intl.DateTimeFormat(current() === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return format.format(seconds * 1000);
}

export function ofRefusal({ zh, en }: Refused): Shown {
  return { verdict: "refused", zh, en, compare: [], rows: () => [] };
}

export function ofVerdict(found: Verdict): Shown {
  const { verdict, zh, en, claims, signer } = found;
  if (!claims) return { verdict, zh, en, compare: [], rows: () => [] };
  return {
    verdict,
    zh,
    en,
    compare: [
      ["initials", [...found.initials].join(" ")],
      ["birthday", found.birthday],
    ],
    // a revoked green is no green: the colour is shown where it decides
    colour: verdict === "valid" || found.code === "rule" ? claims.colour : undefined,
    rows: () => [
      ["issuer", [current() === "zh" ? signer?.zh : signer?.en, claims.issuer].filter(Boolean).join(" ")],
      ["form", say(claims.form)],
      ["from", local(claims.notBefore)],
      ["until", local(claims.expires)],
      ["rule", found.rule ?? ""],
    ],
  };
}

export function ofEu({ problem, name, birthday, expires }: EuReport): Shown {
  const verdict = problem instanceof Unreadable ? "unreadable" : problem ? "invalid" : "valid";
  const [zh, en] = [
    "签名真实，在有效期内；未套用任何国家的规则",
    "genuine and in force; no country's rules applied",
  ];
  return {
    verdict,
    zh: problem?.zh ?? zh,
    en: problem?.en ?? en,
    compare: name
      ? [
          ["name", name],
          ["born", birthday],
        ]
      : [],
    rows: () => [
      ["form", say("eu")],
      ["until", expires ? local(Date.parse(expires) / 1000) : ""],
    ],
  };
}

const SHAPES: Record<Shown["verdict"], [string, string]> = {
  valid: ["M24 4a20 20 0 1 1 0 40a20 20 0 1 1 0-40z", "M14.5 25l6.5 6.5L34 18"],
  invalid: ["M16 4h16l12 12v16L32 44H16L4 32V16z", "M16.5 16.5l15 15M31.5 16.5l-15 15"],
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

/** The block that the person at the door reads first: one word, one reason, what to compare. */
export function card(found: Shown, next: () => void): HTMLElement {
  const box = make("article", `card ${found.verdict}`);
  const head = make("div", "verdict");
  const words = make("div");
  words.append(
    make("p", "word", say(found.verdict)),
    make("p", "reason", current() === "zh" ? found.zh : found.en),
  );
  head.append(shape(found.verdict), words);
  box.append(head);
  if (found.compare.length) {
    const compare = make("div", "compare");
    compare.append(make("p", "hint", say("compare")), facts(found.compare));
    box.append(compare);
  }
  const rows = facts([
    ...(found.colour ? [["colour", say(found.colour)] as [Word, string]] : []),
    ...found.rows(),
  ]);
  if (found.colour) rows.querySelector("dd")?.classList.add("colour", found.colour);
  if (rows.childElementCount) box.append(rows);
  const button = make("button", "button main", say("next")) as HTMLButtonElement;
  button.type = "button";
  button.id = "next";
  button.addEventListener("click", next);
  box.append(button);
  return box;
}
