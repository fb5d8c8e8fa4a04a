import { big, join, same } from "./bytes";
import { bytes, read, Tagged, type Value } from "./cbor";
import { Unreadable } from "./problem";

/** COSE_Sign1 (RFC 9052): the parts of a signed message, what its signature is over, and whether a key made it. */
export const ALGORITHM = 1;
export const CONTENT_TYPE = 3;
export const KID = 4;
export const ES256 = -7;

export interface Signed {
  protected: Uint8Array;
  headers: Map<Value, Value>;
  unprotected: Map<Value, Value>;
  payload: Uint8Array;
  signature: Uint8Array;
}

const NOT = () => new Unreadable("cose", "不是 COSE_Sign1 结构", "not a COSE_Sign1 message");

export function signedBytes(message: Signed): Uint8Array<ArrayBuffer> {
  const context = new TextEncoder().encode("Signature1");
  return join(
    [0x84, 0x60 + context.length],
    context,
    bytes(message.protected),
    [0x40],
    bytes(message.payload),
  );
}

export function parse(data: Uint8Array): Signed {
  let value = read(data);
  for (let round = 0; round < 2; round += 1)
    if (value instanceof Tagged && (value.tag === 18 || value.tag === 61)) value = value.value;
  if (!Array.isArray(value) || value.length !== 4) throw NOT();
  const [head, unprotected, payload, signature] = value;
  if (!(head instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array))
    throw NOT();
  const headers = head.length ? read(head) : new Map<Value, Value>();
  if (!(headers instanceof Map && unprotected instanceof Map)) throw NOT();
  return { protected: head, headers, unprotected, payload, signature };
}

/** As `parse`, and only the one form in which we write: nothing stands outside the signature. */
export function parseOwn(data: Uint8Array): Signed {
  const message = parse(data);
  const written = join(
    [0xd2, 0x84],
    bytes(message.protected),
    [0xa0],
    bytes(message.payload),
    bytes(message.signature),
  );
  if (!same(written, data))
    throw new Unreadable(
      "not_canonical",
      "签名结构不是唯一的标准形式",
      "not signed in the one form there is",
    );
  return message;
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const HEAD = [
  0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1,
  7, 3, 0x42, 0,
];

export async function digest(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(data)));
}

/** A public key, ready for use. */
export class Key {
  private constructor(
    readonly kid: Uint8Array,
    private readonly key: CryptoKey,
  ) {}

  static async of(point: Uint8Array): Promise<Key> {
    const key = await crypto.subtle.importKey("raw", join(point), CURVE, false, ["verify"]);
    return new Key((await digest(join(HEAD, point))).slice(0, 8), key);
  }

  /** Whether this key signed the message; of the two forms of an ECDSA signature only the lower is taken. */
  async signed(message: Signed): Promise<boolean> {
    const { signature } = message;
    if (signature.length !== 64) return false;
    const [r, s] = [big(signature.subarray(0, 32)), big(signature.subarray(32))];
    if (r === 0n || r >= ORDER || s === 0n || s > ORDER / 2n) return false;
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    return crypto.subtle.verify(algorithm, this.key, join(signature), signedBytes(message));
  }
}
