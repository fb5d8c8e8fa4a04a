import { join } from "./bytes";
import { Unreadable } from "./problem";

/** CBOR as values. Whole numbers beyond 2^53 are refused: nothing we read has one. */
export type Value =
  | number
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | Tagged;

export class Tagged {
  constructor(
    readonly tag: number,
    readonly value: Value,
  ) {}
}

const DEPTH = 12;
const STOP = Symbol("stop");

class Reader {
  private at = 0;
  constructor(private readonly data: Uint8Array) {}

  get left(): number {
    return this.data.length - this.at;
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw new RangeError("cut short");
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  private size(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new RangeError("no such length");
    const size = this.take(1 << (info - 24)).reduce((sum, value) => sum * 256 + value, 0);
    if (!Number.isSafeInteger(size)) throw new RangeError("too large");
    return size;
  }

  private simple(info: number): Value | typeof STOP {
    if (info === 31) return STOP;
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    if (info === 23) return undefined;
    const width = { 25: 2, 26: 4, 27: 8 }[info];
    if (!width) throw new RangeError("no such value");
    const view = new DataView(join(this.take(width)).buffer);
    if (width === 4) return view.getFloat32(0);
    if (width === 8) return view.getFloat64(0);
    const bits = view.getUint16(0);
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size =
      exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : exponent
          ? 2 ** (exponent - 25) * (1024 + fraction)
          : 2 ** -24 * fraction;
    return bits >> 15 ? -size : size;
  }

  private chunks(major: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      const head = this.take(1)[0] ?? 0;
      if (head === 0xff) return join(...parts);
      if (head >> 5 !== major || (head & 31) === 31) throw new RangeError("a foreign chunk");
      parts.push(this.take(this.size(head & 31)));
    }
  }

  item(depth: number): Value {
    const value = this.next(depth);
    if (value === STOP) throw new RangeError("a stop alone");
    return value;
  }

  private next(depth: number): Value | typeof STOP {
    if (depth > DEPTH) throw new RangeError("too deep");
    const head = this.take(1)[0] ?? 0;
    const [major, info] = [head >> 5, head & 31];
    if (major === 7) return this.simple(info);
    const endless = info === 31;
    if (endless && (major < 2 || major === 6)) throw new RangeError("no such length");
    if (major === 2 || major === 3) {
      const bytes = endless ? this.chunks(major) : this.take(this.size(info));
      return major === 2 ? bytes : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    }
    const size = endless ? Number.POSITIVE_INFINITY : this.size(info);
    if (major === 0) return size;
    if (major === 1) return -1 - size;
    if (major === 6) return new Tagged(size, this.item(depth + 1));
    if (!endless && size > this.left) throw new RangeError("cut short");
    return major === 4 ? this.list(size, depth + 1) : this.map(size, depth + 1);
  }

  private list(size: number, depth: number): Value[] {
    const values: Value[] = [];
    while (values.length < size) {
      const value = this.next(depth);
      if (value === STOP) {
        if (Number.isFinite(size)) throw new RangeError("a stop too early");
        break;
      }
      values.push(value);
    }
    return values;
  }

  private map(size: number, depth: number): Map<Value, Value> {
    const values = new Map<Value, Value>();
    while (values.size < size) {
      const key = this.next(depth);
      if (key === STOP) {
        if (Number.isFinite(size)) throw new RangeError("a stop too early");
        break;
      }
      // a key that comes twice means two things
      if (values.has(key)) throw new RangeError("a key twice");
      values.set(key, this.item(depth));
    }
    return values;
  }
}

export function read(data: Uint8Array): Value {
  try {
    const reader = new Reader(data);
    const value = reader.item(0);
    if (reader.left) throw new RangeError("something follows");
    return value;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      throw new Unreadable("cbor", "CBOR 结构损坏", "the CBOR is broken");
    throw error;
  }
}

/** A byte string's head and bytes, as everything we write has them. */
export function bytes(data: Uint8Array): Uint8Array {
  const size = data.length;
  if (size < 24) return join([0x40 + size], data);
  if (size < 256) return join([0x58, size], data);
  if (size < 65536) return join([0x59, size >> 8, size & 255], data);
  return join([0x5a, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255], data);
}
