import { fromBase64, fromHex, hex, same } from "./bytes";
import { read, type Value } from "./cbor";
import type { Json } from "./certlogic";
import { ALGORITHM, CONTENT_TYPE, ES256, Key, KID, parseOwn, type Signed } from "./cose";
import { Problem, Refused } from "./problem";
import { RevokedSet } from "./revocation";

/** What a verifier trusts: opened once from its file, every list vouched for, or refused whole. */
export interface Signer {
  province: string;
  issuer: string;
  zh: string;
  en: string;
  key: Key;
  uses: string[];
  start: number;
  end: number;
}

export interface Rule {
  id: string;
  version: string;
  zh: string;
  en: string;
  start: number;
  end: number;
  logic: Json;
}

export interface Period {
  kind: string;
  province: string;
  issued: number;
  until: number;
}

export interface Trust {
  home: string;
  names: Map<string, { zh: string; en: string }>;
  signers: Map<string, Signer[]>;
  rules: Map<string, Rule[]>;
  revoked: Map<string, RevokedSet[]>;
  periods: Period[];
}

interface List extends Period {
  body: Map<Value, Value>;
  message: Signed;
}

type Vouched = { key: Key; may: string };

const KINDS = ["trust", "rules", "revoked"];

function isMap(value: Value): Map<Value, Value> {
  if (!(value instanceof Map)) throw new TypeError("not a map");
  return value;
}

function text(map: Map<Value, Value>, key: string): string {
  const value = map.get(key);
  if (typeof value !== "string") throw new TypeError(key);
  return value;
}

function whole(map: Map<Value, Value>, key: string): number {
  const value = map.get(key);
  if (!Number.isInteger(value)) throw new TypeError(key);
  return value as number;
}

function list(map: Map<Value, Value>, key: string): Value[] {
  const value = map.get(key);
  if (!Array.isArray(value)) throw new TypeError(key);
  return value;
}

function bytes(map: Map<Value, Value>, key: string): Uint8Array {
  const value = map.get(key);
  if (!(value instanceof Uint8Array)) throw new TypeError(key);
  return value;
}

function parseList(data: Uint8Array): List {
  try {
    const message = parseOwn(data);
    const body = isMap(read(message.payload));
    const kind = text(body, "type");
    if (!KINDS.includes(kind) || message.headers.get(CONTENT_TYPE) !== `application/wangge-${kind}+cbor`)
      throw new TypeError("type");
    if (message.headers.get(ALGORITHM) !== ES256) throw new TypeError("algorithm");
    const [issued, until] = [whole(body, "issued"), whole(body, "until")];
    return { kind, province: text(body, "province"), issued, until, body, message };
  } catch (error) {
    if (error instanceof Problem || error instanceof TypeError)
      throw new Refused("list", "签名清单损坏", "a signed list is broken");
    throw error;
  }
}

/** Demand that one of these keys signed the list. */
async function demand(found: List, keys: Vouched[]): Promise<List> {
  const kid = found.message.headers.get(KID);
  for (const { key, may } of keys)
    if ((may === "" || may === found.kind) && kid instanceof Uint8Array && same(kid, key.kid))
      if (await key.signed(found.message)) return found;
  throw new Refused(
    "list_signature",
    "清单的签名不是所信任的密钥作出的",
    "a list is not signed by a trusted key",
  );
}

async function signerOf(found: List, value: Value): Promise<Signer> {
  const entry = isMap(value);
  const name = isMap(entry.get("name"));
  return {
    province: found.province,
    issuer: text(entry, "issuer"),
    zh: text(name, "zh"),
    en: text(name, "en"),
    key: await Key.of(bytes(entry, "point")),
    uses: list(entry, "uses").map(String),
    start: whole(entry, "from"),
    end: whole(entry, "until"),
  };
}

function ruleOf(value: Value): Rule {
  const body = JSON.parse(String(value));
  const [start, end] = [Date.parse(body.from) / 1000, Date.parse(body.until) / 1000];
  if (body.engine !== "CertLogic" || !(start < end)) throw new TypeError("rule");
  const { zh, en } = body.description;
  return { id: body.id, version: body.version, zh, en, start, end, logic: body.logic };
}

async function opened(bundle: string): Promise<Trust> {
  const file = JSON.parse(bundle);
  if (file.format !== "wangge-trust/1") throw new TypeError("format");
  const home: string = file.home.province;
  const root = await Key.of(fromHex(file.home.point));
  const all = (file.lists as string[]).map((item) => parseList(fromBase64(item)));
  const trustLists = all.filter((found) => found.kind === "trust");
  const first = trustLists.find((found) => found.province === home);
  if (!first)
    throw new Refused(
      "no_home_list",
      "没有本省根密钥签名的信任清单",
      "no trust list signed by the home root",
    );
  await demand(first, [{ key: root, may: "" }]);
  const trust: Trust = {
    home,
    names: new Map([[home, { zh: String(file.home.name?.zh ?? ""), en: String(file.home.name?.en ?? "") }]]),
    signers: new Map(),
    rules: new Map(),
    revoked: new Map(),
    periods: [],
  };
  const keys = new Map<string, Vouched[]>([[home, [{ key: root, may: "" }]]]);
  for (const value of list(first.body, "recognises")) {
    const entry = isMap(value);
    const name = isMap(entry.get("name"));
    keys.set(text(entry, "province"), [{ key: await Key.of(bytes(entry, "point")), may: "" }]);
    trust.names.set(text(entry, "province"), { zh: text(name, "zh"), en: text(name, "en") });
  }
  for (const found of trustLists) {
    const own = keys.get(found.province);
    if (!own || (found.province === home && found !== first))
      throw new Refused("province", "信任清单所属省份未被承认", "a trust list of a province not recognised");
    await demand(found, own.slice(0, 1));
    for (const value of list(found.body, "signers")) {
      const signer = await signerOf(found, value);
      const kid = hex(signer.key.kid);
      trust.signers.set(kid, [...(trust.signers.get(kid) ?? []), signer]);
      for (const may of signer.uses) if (may !== "credential") own.push({ key: signer.key, may });
    }
  }
  for (const found of all) {
    trust.periods.push({
      kind: found.kind,
      province: found.province,
      issued: found.issued,
      until: found.until,
    });
    if (found.kind === "trust") continue;
    await demand(found, keys.get(found.province) ?? []);
    if (found.kind === "rules") {
      const before = trust.rules.get(found.province) ?? [];
      trust.rules.set(found.province, [...before, ...list(found.body, "rules").map(ruleOf)]);
    } else {
      const { body } = found;
      const set = RevokedSet.open(
        bytes(body, "salt"),
        whole(body, "count"),
        whole(body, "bits"),
        bytes(body, "set"),
      );
      trust.revoked.set(found.province, [...(trust.revoked.get(found.province) ?? []), set]);
    }
  }
  return trust;
}

/** Open a verifier's file; throws `Refused`. */
export async function openTrust(bundle: string): Promise<Trust> {
  try {
    return await opened(bundle);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused("trust", "不是信任文件", "not a trust file");
  }
}

/** Refuse to judge with lists that have run out, or that are of the future: then this clock is wrong. */
export function requireCurrent(trust: Trust, at: number): void {
  for (const { issued, until } of trust.periods) {
    if (at < issued)
      throw new Refused(
        "clock_behind",
        "时钟早于信任清单的签发时间：请校准时间",
        "the clock is before the lists were issued: set the clock",
      );
    if (at >= until)
      throw new Refused("trust_expired", "信任清单已过期：请更新", "the lists have run out: load new ones");
  }
}
