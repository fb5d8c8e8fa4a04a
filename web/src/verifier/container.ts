import { decode } from "./base45";
import { join, same } from "./bytes";
import { Unreadable } from "./problem";

/** The HCERT container: `HC1:`, base45, zlib; bounded, and of our own profile only the one form there is. */
const PREFIX = "HC1:";
const OWN_TEXT = 400;
const OWN_BYTES = 600;
export const EU_TEXT = 16_000;
export const EU_BYTES = 64_000;

function adler32(data: Uint8Array): number[] {
  let low = 1;
  let high = 0;
  for (const value of data) {
    low = (low + value) % 65521;
    high = (high + low) % 65521;
  }
  return [high >> 8, high & 255, low >> 8, low & 255];
}

/** `data` (under 64 KiB) as a zlib stream with one stored block. */
export function store(data: Uint8Array): Uint8Array {
  const size = data.length;
  const head = [0x78, 1, 1, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255];
  return join(head, data, adler32(data));
}

/** What a zlib stream holds, at most `limit` bytes. */
export async function inflate(data: Uint8Array, limit: number): Promise<Uint8Array> {
  if (data[0] === 0xd2)
    throw new Unreadable("not_compressed", "内容没有压缩", "the content is not compressed");
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Blob([join(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      parts.push(value);
      if (size > limit) break;
    }
  } catch {
    throw new Unreadable(
      "compression",
      "压缩数据损坏或不完整",
      "the compressed data are broken or cut short",
    );
  } finally {
    reader.cancel().catch(() => undefined);
  }
  if (size > limit)
    throw new Unreadable("too_large", `解压后超过 ${limit} 字节`, `unpacks to more than ${limit} bytes`);
  const plain = join(...parts);
  if (plain.length > 2 && plain[0] === 0x78 && (0x7800 + (plain[1] ?? 0)) % 31 === 0)
    throw new Unreadable("compressed_twice", "内容压缩了两次", "the content is compressed twice");
  return plain;
}

export function unpack(text: string, longest: number): Uint8Array {
  if (text.length > longest)
    throw new Unreadable(
      "too_long",
      `文本超过 ${longest} 个字符`,
      `the text is longer than ${longest} characters`,
    );
  if (!text.startsWith(PREFIX))
    throw new Unreadable(
      "prefix",
      "不是健康凭证：缺少 HC1: 开头",
      "no credential: it does not begin with HC1:",
    );
  return decode(text.slice(PREFIX.length));
}

export async function unwrap(text: string): Promise<Uint8Array> {
  const packed = unpack(text, OWN_TEXT);
  const plain = await inflate(packed, OWN_BYTES);
  if (!same(store(plain), packed))
    throw new Unreadable(
      "not_canonical",
      "封装形式不是唯一的标准形式",
      "not packed in the one form there is",
    );
  return plain;
}
