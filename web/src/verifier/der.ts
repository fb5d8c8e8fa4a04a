import { same } from "./bytes";

/** What a verifier needs of an X.509 certificate: its public key and its extended key usage. */
export interface Certificate {
  spki: Uint8Array;
  /** "EC" or "RSA", by the key's algorithm. */
  kind: "EC" | "RSA";
  usages: string[];
}

interface Element {
  tag: number;
  whole: Uint8Array;
  body: Uint8Array;
}

function elements(data: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < data.length; ) {
    const start = at;
    const tag = data[at++] ?? 0;
    let size = data[at++] ?? Number.NaN;
    if (size > 128) {
      const width = size - 128;
      if (width > 4) throw new RangeError("DER");
      size = data.subarray(at, at + width).reduce((sum, value) => sum * 256 + value, 0);
      at += width;
    }
    if (!(size >= 0 && size !== 128 && at + size <= data.length)) throw new RangeError("DER");
    found.push({ tag, whole: data.subarray(start, at + size), body: data.subarray(at, at + size) });
    at += size;
  }
  return found;
}

function inside(element: Element | undefined, tag: number): Element[] {
  if (element?.tag !== tag) throw new RangeError("DER");
  return elements(element.body);
}

/** `1.2.840.10045.2.1`. */
export function oid(bytes: Uint8Array): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 127);
    if (byte < 128) {
      parts.push(value);
      value = 0;
    }
  }
  const first = parts.shift() ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...parts].join(".");
}

const SEQUENCE = 0x30;
const EXTENDED_KEY_USAGE = Uint8Array.of(0x55, 0x1d, 0x25);

/** Take a certificate apart; throws `RangeError` for what is none. */
export function certificate(der: Uint8Array): Certificate {
  const [outer] = elements(der);
  const [tbs] = inside(outer, SEQUENCE);
  const parts = inside(tbs, SEQUENCE);
  if (parts[0]?.tag === 0xa0) parts.shift(); // the version, absent in the oldest
  const spki = parts[5];
  const [algorithm] = inside(spki, SEQUENCE);
  const [name] = inside(algorithm, SEQUENCE);
  const kind = { "1.2.840.10045.2.1": "EC", "1.2.840.113549.1.1.1": "RSA" } as const;
  const found = kind[oid(name?.body ?? new Uint8Array()) as keyof typeof kind];
  if (!spki || !found) throw new RangeError("DER");
  const usages: string[] = [];
  const extensions = parts.find((part) => part.tag === 0xa3);
  for (const extension of extensions ? inside(elements(extensions.body)[0], SEQUENCE) : []) {
    const fields = inside(extension, SEQUENCE);
    const value = fields[fields.length - 1];
    if (!same(fields[0]?.body ?? new Uint8Array(), EXTENDED_KEY_USAGE) || value?.tag !== 4) continue;
    for (const usage of inside(elements(value.body)[0], SEQUENCE)) usages.push(oid(usage.body));
  }
  return { spki: spki.whole, kind: found, usages };
}
