/** The page's words; reasons come in both languages from where they arise. */
export type Language = "zh" | "en";

const WORDS = {
  title: ["离线核验", "Offline verifier"],
  quiet: ["不联网 · 不留记录", "No network · no record"],
  trust: ["信任文件", "Trust file"],
  place: ["按何地规则", "By the rules of"],
  load: ["载入信任文件", "Load a trust file"],
  noTrust: ["还没有信任文件，载入后才能核验。", "No trust file yet: load one to begin."],
  scan: ["扫码", "Scan"],
  camera: ["打开摄像头", "Open the camera"],
  picture: ["选择图片", "Choose a picture"],
  paste: ["粘贴文本", "Paste the text"],
  text: ["二维码文本（HC1: 开头）", "Text of the code (begins with HC1:)"],
  judge: ["核验", "Check"],
  answer: ["结果", "Result"],
  waiting: [
    "把凭证的二维码放进取景框，或选择一张图片。",
    "Hold the credential's code in the frame, or choose a picture.",
  ],
  foot: [
    "本页只用信任文件里的公钥、规则和吊销表判断；扫到的内容不发送、不保存，90 秒后清除。",
    "This page judges with the keys, rules and revoked ids of its trust file alone. What is scanned is neither sent nor kept, and cleared after 90 seconds.",
  ],
  save: ["保存本页供离线使用", "Save this page for use offline"],
  valid: ["有效", "Valid"],
  invalid: ["无效", "Not valid"],
  unreadable: ["无法读取", "Unreadable"],
  refused: ["无法判断", "Cannot judge"],
  compare: ["与证件比对", "Compare with a document"],
  initials: ["姓名首字母", "Initials"],
  birthday: ["出生月日", "Birthday"],
  colour: ["状态", "Status"],
  green: ["绿色", "Green"],
  yellow: ["黄色", "Yellow"],
  red: ["红色", "Red"],
  issuer: ["签发机构", "Issued by"],
  form: ["形式", "Form"],
  strip: ["当日凭证", "Day strip"],
  paper: ["纸质凭证", "Paper"],
  from: ["生效", "Valid from"],
  until: ["失效", "Expires"],
  rule: ["未满足的规则", "Rule not met"],
  next: ["下一位", "Next"],
  looking: ["正在寻找二维码…", "Looking for a code…"],
  noCode: ["图片里没有找到二维码。", "No code was found in the picture."],
  noPicture: ["图片打不开。", "The picture cannot be opened."],
  noCamera: [
    "摄像头打不开：请允许使用，或选择图片。",
    "The camera cannot be opened: allow it, or choose a picture.",
  ],
  until_: ["清单有效至", "lists until"],
  signers: ["个签发密钥", "signing keys"],
  euSigners: ["张欧盟签名证书", "EU signing certificates"],
  eu: ["欧盟数字证书", "EU digital certificate"],
  name: ["姓名", "Name"],
  born: ["出生日期", "Born"],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;

let language: Language = /^zh\b/i.test(navigator.language) ? "zh" : "en";

export function current(): Language {
  return language;
}

export function say(word: Word): string {
  return WORDS[word][language === "zh" ? 0 : 1];
}

/** Turn the page to a language: every element that names its word, the title, the page's own language. */
export function speak(wanted: Language): void {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-Hans" : "en";
  document.title = `${say("title")} · ${wanted === "zh" ? "网格" : "Wangge"}`;
  for (const element of document.querySelectorAll<HTMLElement>("[data-say]"))
    element.textContent = say(element.dataset.say as Word);
}
