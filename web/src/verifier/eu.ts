import { fromBase64, hex, join } from "./bytes";
import { read, type Value } from "./cbor";
import { showInstant } from "./claims";
import { EU_BYTES, EU_TEXT, inflate, unpack } from "./container";
import { ALGORITHM, digest, ES256, KID, parse, type Signed, signedBytes } from "./cose";
import { certificate } from "./der";
import { schemaFault } from "./eu-schema";
import { Problem, Refused, Unreadable } from "./problem";

/** The EU Digital COVID Certificate: the same container, signed under X.509 certificates. */
const PS256 = -37;
const HCERT = -260;

export interface EuSigner {
  kid: string;
  kind: "EC" | "RSA";
  key: CryptoKey;
  /** Kinds (t, v, r) that its key usage binds it to; none where it is free. */
  bound: Set<string>;
}

export interface EuReport {
  steps: Record<string, boolean>;
  problem?: Problem;
  name: string;
  birthday: string;
  expires: string;
}

/** The gateway's numbers for tests, vaccinations, recoveries, and those of an earlier draft. */
const USAGE = new Map<string, string>(
  ["1847", "0.1847"].flatMap((arc) =>
    ["t", "v", "r"].map((kind, at) => [`1.3.6.1.4.1.${arc}.2021.1.${at + 1}`, kind] as const),
  ),
);

/** A signer of its certificate (DER); throws `Refused`. */
export async function euSigner(der: Uint8Array): Promise<EuSigner> {
  try {
    const { spki, kind, usages } = certificate(der);
    const algorithm =
      kind === "EC" ? { name: "ECDSA", namedCurve: "P-256" } : { name: "RSA-PSS", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", join(spki), algorithm, false, ["verify"]);
    const bound = usages.flatMap((usage) => USAGE.get(usage) ?? []);
    return { kid: hex((await digest(der)).subarray(0, 8)), kind, key, bound: new Set(bound) };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof DOMException)) throw error;
    throw new Refused("certificate", "签名证书读不出来", "the signer's certificate cannot be read");
  }
}

async function holds(signer: EuSigner, message: Signed, algorithm: Value): Promise<boolean> {
  if (algorithm !== (signer.kind === "EC" ? ES256 : PS256)) return false;
  const how = signer.kind === "EC" ? { name: "ECDSA", hash: "SHA-256" } : { name: "RSA-PSS", saltLength: 32 };
  return crypto.subtle.verify(how, signer.key, join(message.signature), signedBytes(message));
}

function text(map: Value, ...keys: string[]): string {
  for (const key of keys) {
    const value = map instanceof Map ? map.get(key) : undefined;
    if (typeof value === "string" && value) return value;
  }
  return "";
}

class Steps {
  readonly report: EuReport = { steps: {}, name: "", birthday: "", expires: "" };

  pass(step: string): void {
    this.report.steps[step] = true;
  }

  fail(step: string, problem: Problem): void {
    this.report.steps[step] = false;
    this.report.problem ??= problem;
  }
}

/** Signers from a PEM file. */
export async function euSigners(file: string): Promise<EuSigner[]> {
  const found = [...file.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g)];
  const texts = found.map((part) => part[1] ?? "");
  try {
    return await Promise.all(texts.map((text) => euSigner(fromBase64(text.replace(/\s/g, "")))));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Refused("certificate", "签名证书读不出来", "the signers' certificates cannot be read");
  }
}

/** Go through the steps for a text at an instant (seconds); all after decoding are taken, the first that fails is the reason. */
export async function checkEu(given: string, signers: EuSigner[], at: number): Promise<EuReport> {
  const taken = new Steps();
  let step = "prefix";
  try {
    if (given.startsWith("HC1:")) taken.pass(step);
    if (given.startsWith("HC1:")) step = "base45";
    const packed = unpack(given, EU_TEXT);
    taken.pass(step);
    step = "compression";
    const plain = await inflate(packed, EU_BYTES);
    taken.pass(step);
    step = "decode";
    const message = parse(plain);
    const body = read(message.payload);
    const hcert = body instanceof Map ? body.get(HCERT) : undefined;
    const payload = hcert instanceof Map ? hcert.get(1) : undefined;
    if (!(body instanceof Map && payload instanceof Map))
      throw new Unreadable("claims", "里面不是欧盟证书", "there is no EU certificate inside");
    taken.pass(step);
    await judge(taken, message, body, payload, signers, at);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    taken.fail(step, error);
  }
  return taken.report;
}

async function judge(
  taken: Steps,
  message: Signed,
  body: Map<Value, Value>,
  payload: Map<Value, Value>,
  signers: EuSigner[],
  at: number,
): Promise<void> {
  const kid = message.headers.get(KID) ?? message.unprotected.get(KID);
  const algorithm = message.headers.get(ALGORITHM) ?? message.unprotected.get(ALGORITHM);
  const fitting = signers.filter((signer) => kid instanceof Uint8Array && signer.kid === hex(kid));
  let genuine: EuSigner | undefined;
  for (const signer of fitting) if (await holds(signer, message, algorithm)) genuine ??= signer;
  if (genuine) taken.pass("signature");
  else if (fitting.length)
    taken.fail("signature", new Problem("signature", "签名不符：内容被改动或伪造", "the signature is wrong"));
  else
    taken.fail(
      "signature",
      new Problem("unknown_signer", "没有这个签名密钥的证书", "no certificate of that key id"),
    );
  if (schemaFault(payload))
    taken.fail(
      "schema",
      new Unreadable("schema", "内容不符合欧盟证书格式", "the claims are not of the EU's form"),
    );
  else taken.pass("schema");
  time(taken, body.get(6), body.get(4), at);
  const kinds = ["v", "t", "r"].filter((kind) => (payload.get(kind) as Value[] | undefined)?.length);
  if (genuine?.bound.size && !kinds.every((kind) => genuine.bound.has(kind)))
    taken.fail(
      "usage",
      new Problem("key_usage", "签名证书不得签发此类证书", "its signer may not sign this kind"),
    );
  else taken.pass("usage");
  if (!genuine) return; // what nobody signed is not shown
  const name = payload.get("nam");
  taken.report.name = [text(name, "fn", "fnt"), text(name, "gn", "gnt")].filter(Boolean).join(" ");
  taken.report.birthday = text(payload, "dob");
}

function time(taken: Steps, issued: Value, expires: Value, at: number): void {
  if (!Number.isInteger(issued) || !Number.isInteger(expires)) {
    taken.fail("time", new Unreadable("claims", "缺少签发或失效时间", "no issue or expiry time"));
    return;
  }
  taken.report.expires = showInstant(expires as number);
  if (at < (issued as number))
    taken.fail("time", new Problem("not_yet_valid", "核验时刻早于签发时间", "the clock is before its issue"));
  else if (at >= (expires as number)) taken.fail("time", new Problem("expired", "已过期", "expired"));
  else taken.pass("time");
}
