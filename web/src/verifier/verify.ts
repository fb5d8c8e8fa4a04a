import { hex } from "./bytes";
import { evaluate, type Json, RuleError, truth } from "./certlogic";
import { birthday, type Claims, decode, showInstant } from "./claims";
import { unwrap } from "./container";
import { ALGORITHM, ES256, KID, parseOwn, type Signed } from "./cose";
import { Unreadable } from "./problem";
import { type Rule, requireCurrent, type Signer, type Trust } from "./trust";

/** Checking a credential: text in, verdict out. Nothing is sent, nothing is kept. */
export interface Verdict {
  verdict: "valid" | "invalid" | "unreadable";
  code: string;
  zh: string;
  en: string;
  initials: string;
  birthday: string;
  claims?: Claims;
  signer?: Signer;
  rule?: string;
}

const COLOUR_ZH = { green: "绿色", yellow: "黄色", red: "红色" };

function bare(verdict: "invalid" | "unreadable", code: string, zh: string, en: string): Verdict {
  return { verdict, code, zh, en, initials: "", birthday: "" };
}

async function signerOf(
  trust: Trust,
  message: Signed,
  claims: Claims,
  at: number,
): Promise<Signer | Verdict> {
  const { headers } = message;
  const kid = headers.get(KID);
  if (headers.size !== 2 || headers.get(ALGORITHM) !== ES256 || !headers.has(KID))
    return bare("unreadable", "algorithm", "签名算法不是 ES256", "not signed with ES256");
  const known = kid instanceof Uint8Array ? (trust.signers.get(hex(kid)) ?? []) : [];
  if (!known.length) {
    requireCurrent(trust, at);
    return bare(
      "invalid",
      "unknown_signer",
      "签发密钥不在信任清单里",
      "the signing key is not on the trust list",
    );
  }
  const genuine: Signer[] = [];
  for (const signer of known) if (await signer.key.signed(message)) genuine.push(signer);
  if (!genuine.length)
    return bare(
      "invalid",
      "signature",
      "签名不符：内容被改动或伪造",
      "the signature is wrong: altered or forged",
    );
  return (
    genuine.find((signer) => signer.issuer === claims.issuer && signer.uses.includes("credential")) ??
    bare(
      "invalid",
      "not_entitled",
      "该密钥无权以此机构名义签发",
      "this key may not sign in the name of this issuer",
    )
  );
}

function accepts(rule: Rule, data: Json): boolean {
  try {
    return truth(evaluate(rule.logic, data));
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}

async function judge(
  trust: Trust,
  claims: Claims,
  signer: Signer,
  at: number,
  place: string,
): Promise<[string, string, string, string?]> {
  const [begin, end] = [showInstant(claims.notBefore), showInstant(claims.expires)];
  if (at >= claims.expires) return ["expired", `已于 ${end} 失效`, `expired at ${end}`];
  if (at < claims.notBefore)
    return [
      "not_yet_valid",
      `${begin} 起才有效；请核对时钟`,
      `valid only from ${begin}; is the clock right?`,
    ];
  requireCurrent(trust, at);
  if (at < signer.start || at >= signer.end)
    return ["signer_expired", "签发密钥不在有效期内", "the signing key is outside its validity"];
  for (const set of trust.revoked.get(signer.province) ?? [])
    if (await set.has(claims.rid)) return ["revoked", "已被签发机构吊销", "revoked by its issuer"];
  const rules = (trust.rules.get(place) ?? []).filter((rule) => rule.start <= at && at < rule.end);
  const { colour, rulePack, issuer, form } = claims;
  const payload = { colour, rulePack, issuer, form, notBefore: begin, expires: end };
  const data = { payload, external: { validationClock: showInstant(at) } };
  for (const rule of rules)
    if (!accepts(rule, data)) return ["rule", rule.zh, rule.en, `${rule.id} ${rule.version}`];
  const [zh, en] = [`真实有效，${COLOUR_ZH[colour]}`, `genuine and in force, ${colour}`];
  if (rules.length) return ["accepted", zh, en];
  return ["accepted", `${zh}；此地没有接受规则`, `${en}; this place has no acceptance rules`];
}

/**
 * Judge a text at an instant (seconds), by the rules of `place`. Throws `Refused` where the lists are not of this time
 * and the answer would hang on them: what is forged, expired or not begun is so by its own signed words.
 */
export async function check(trust: Trust, text: string, at: number, place = trust.home): Promise<Verdict> {
  try {
    const message = parseOwn(await unwrap(text.replace(/[\r\n]+$/, "")));
    const claims = decode(message.payload);
    const signer = await signerOf(trust, message, claims, at);
    if ("verdict" in signer) return signer;
    const [code, zh, en, rule] = await judge(trust, claims, signer, at, place);
    return {
      verdict: code === "accepted" ? "valid" : "invalid",
      code,
      zh,
      en,
      initials: claims.initials,
      birthday: birthday(claims),
      claims,
      signer,
      ...(rule ? { rule } : {}),
    };
  } catch (error) {
    if (error instanceof Unreadable) return bare("unreadable", error.code, error.zh, error.en);
    throw error;
  }
}
