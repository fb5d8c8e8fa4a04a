import { Tagged, type Value } from "./cbor";

/** The form of an EU certificate's claims, as `wangge_credential.eu_schema` has it; the first field that is not of it. */
const TEXT = /^.{1,200}$/su;
const WHEN = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d(:?\d\d)?)?)?$/;
const COMMON = { tg: TEXT, co: /^[A-Z]{1,10}$/, is: TEXT, ci: TEXT };
const KINDS: Record<string, Record<string, RegExp | "count">> = {
  v: { ...COMMON, vp: TEXT, mp: TEXT, ma: TEXT, dn: "count", sd: "count", dt: WHEN },
  t: { ...COMMON, tt: TEXT, sc: WHEN, tr: TEXT },
  r: { ...COMMON, fr: WHEN, df: WHEN, du: WHEN },
};

function fits(value: Value, form: RegExp | "count"): boolean {
  if (form === "count") return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 99;
  // some issuers write a date as CBOR's own date
  const plain = form === WHEN && value instanceof Tagged && value.tag === 0 ? value.value : value;
  return typeof plain === "string" && form.test(plain);
}

function personFault(payload: Map<Value, Value>): string {
  const name = payload.get("nam");
  if (!(name instanceof Map) || !(name.has("fnt") ? name.get("fnt") : name.get("gnt"))) return "nam";
  if (![...name.values()].every((part) => typeof part === "string")) return "nam";
  const birth = payload.get("dob");
  return typeof birth === "string" && /^((19|20)\d\d(-\d\d){0,2}(T[\d:]+)?)?$/.test(birth) ? "" : "dob";
}

export function schemaFault(payload: Map<Value, Value>): string {
  const version = payload.get("ver");
  if (typeof version !== "string" || !/^1\.\d+\.\d+$/.test(version)) return "ver";
  const wrong = personFault(payload);
  if (wrong) return wrong;
  const present = Object.keys(KINDS).filter((kind) => {
    const group = payload.get(kind);
    return Array.isArray(group) ? group.length > 0 : Boolean(group);
  });
  const [kind] = present;
  if (present.length !== 1 || kind === undefined) return "one of v, t, r";
  const entries = payload.get(kind);
  if (!Array.isArray(entries) || entries.length !== 1 || !(entries[0] instanceof Map)) return kind;
  for (const [name, form] of Object.entries(KINDS[kind] ?? {}))
    if (!fits(entries[0].get(name), form)) return `${kind}.${name}`;
  return "";
}
