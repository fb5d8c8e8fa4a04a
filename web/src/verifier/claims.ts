import { read, type Value } from "./cbor";
import { Unreadable } from "./problem";

/** What a credential says; see contracts/credential/credential.cddl. */
export interface Claims {
  initials: string;
  birth: number;
  colour: "green" | "yellow" | "red";
  issuer: string;
  notBefore: number;
  expires: number;
  rulePack: string;
  form: "strip" | "paper";
  rid: Uint8Array;
}

const COLOURS = [undefined, "green", "yellow", "red"] as const;
const DAYS = [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const CODE = /^[A-Za-z0-9][A-Za-z0-9./-]{0,11}$/;

function wrong(): never {
  throw new Unreadable("claims", "凭证内容不完整或格式不对", "the claims are incomplete or malformed");
}

function keys(value: Value, ...wanted: number[]): Map<Value, Value> {
  if (!(value instanceof Map) || value.size !== wanted.length || !wanted.every((key) => value.has(key)))
    wrong();
  return value;
}

function whole(value: Value): number {
  return typeof value === "number" && Number.isInteger(value) ? value : wrong();
}

function text(value: Value, form: RegExp): string {
  return typeof value === "string" && form.test(value) ? value : wrong();
}

export function decode(payload: Uint8Array): Claims {
  const token = keys(read(payload), 1, 4, 5, -260);
  const inner = keys(token.get(-260), -1).get(-1);
  const paper = inner instanceof Map && inner.has(6);
  const own = keys(inner, 1, 2, 3, 4, 5, ...(paper ? [6] : []));
  const colour = COLOURS[whole(own.get(4))];
  const rid = own.get(1);
  if (!colour || !(rid instanceof Uint8Array) || rid.length !== 10 || (paper && own.get(6) !== 1)) wrong();
  const birth = whole(own.get(3));
  const [month, day] = [Math.floor(birth / 100), birth % 100];
  const [notBefore, expires] = [whole(token.get(5)), whole(token.get(4))];
  if (birth < 0 || month > 12 || day > (DAYS[month] ?? 0)) wrong();
  if (notBefore < 0 || notBefore >= expires || expires > 2 ** 32 - 1) wrong();
  return {
    initials: text(own.get(2), /^[A-Z]{1,4}$/),
    birth,
    colour,
    issuer: text(token.get(1), CODE),
    notBefore,
    expires,
    rulePack: text(own.get(5), CODE),
    form: paper ? "paper" : "strip",
    rid,
  };
}

/** `03-12`; a withheld part is `--`. */
export function birthday(claims: Claims): string {
  const show = (part: number) => (part ? String(part).padStart(2, "0") : "--");
  return `${show(Math.floor(claims.birth / 100))}-${show(claims.birth % 100)}`;
}

export function showInstant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
