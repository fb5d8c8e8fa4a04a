import { Unreadable } from "./problem";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Base45 (RFC 9285), strict: none but the one text for the bytes. */
export function decode(text: string): Uint8Array {
  const values = [...text].map((character) => ALPHABET.indexOf(character));
  if (values.includes(-1))
    throw new Unreadable(
      "base45_character",
      "含有 base45 以外的字符",
      "a character that base45 does not have",
    );
  if (values.length % 3 === 1)
    throw new Unreadable(
      "base45_length",
      "长度不对，内容被截断",
      "of an impossible length: the text was cut",
    );
  const bytes: number[] = [];
  for (let at = 0; at < values.length; at += 3) {
    const [first, middle, high] = [values[at] ?? 0, values[at + 1] ?? 0, values[at + 2]];
    const group = first + 45 * middle + 2025 * (high ?? 0);
    if (group > (high === undefined ? 255 : 65535))
      throw new Unreadable("base45_range", "base45 数值越界", "a base45 group is out of range");
    if (high !== undefined) bytes.push(group >> 8);
    bytes.push(group & 255);
  }
  return Uint8Array.from(bytes);
}
