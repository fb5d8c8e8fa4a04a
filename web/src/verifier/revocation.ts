import { big, join } from "./bytes";
import { digest } from "./cose";
import { Refused } from "./problem";

/** Revoked ids: a salted, coded set that can be asked for an id in hand, and not listed. */
export class RevokedSet {
  private constructor(
    private readonly salt: Uint8Array,
    private readonly span: bigint,
    private readonly places: Set<bigint>,
  ) {}

  get size(): number {
    return this.places.size;
  }

  static open(salt: Uint8Array, count: number, bits: number, coded: Uint8Array): RevokedSet {
    const broken = () => new Refused("revocation", "吊销表损坏", "the revocation set is broken");
    if (!(bits >= 4 && bits <= 40 && count >= 0) || coded.length > Math.floor((count * (bits + 3)) / 8) + 1)
      throw broken();
    const places = new Set<bigint>();
    let at = 0;
    let before = 0n;
    const bit = (index: number): number => {
      const value = coded[index >> 3];
      if (value === undefined) throw broken();
      return (value >> (7 - (index & 7))) & 1;
    };
    for (let found = 0; found < count; found += 1) {
      let high = 0;
      while (bit(at++)) high += 1;
      let low = 0;
      for (let step = 0; step < bits; step += 1) low = low * 2 + bit(at++);
      before += BigInt(high) * 2n ** BigInt(bits) + BigInt(low);
      places.add(before);
    }
    if (coded.length * 8 - at >= 8) throw broken();
    for (; at < coded.length * 8; at += 1) if (bit(at)) throw broken();
    return new RevokedSet(salt, BigInt(count) << BigInt(bits), places);
  }

  async has(rid: Uint8Array): Promise<boolean> {
    if (!this.places.size) return false;
    const start = (await digest(join(this.salt, rid))).subarray(0, 8);
    return this.places.has((big(start) * this.span) >> 64n);
  }
}
