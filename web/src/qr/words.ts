// What a QR code says, as the code words that are drawn (ISO/IEC 18004, 7.4 to 7.6): text as bytes, correction level M.

import { correction } from "./field";

/** Per version from 1 on: code words of correction in each block, and how many blocks there are. */
const PER_BLOCK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

export const LARGEST = PER_BLOCK.length;

/** How many modules of a version are left for code words, in bits. */
export function roomFor(version: number): number {
  let bits = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    bits -= (25 * marks - 10) * marks - 55;
    if (version >= 7) bits -= 36;
  }
  return bits;
}

function dataWords(version: number): number {
  return Math.floor(roomFor(version) / 8) - (PER_BLOCK[version - 1] ?? 0) * (BLOCKS[version - 1] ?? 0);
}

/** The smallest version that holds so many bytes; null where there is none. */
export function versionFor(bytes: number): number | null {
  for (let version = 1; version <= LARGEST; version += 1) {
    const head = 4 + (version < 10 ? 8 : 16);
    if (head + 8 * bytes <= 8 * dataWords(version)) return version;
  }
  return null;
}

/** Head, bytes, end and filling. */
function packed(bytes: Uint8Array, version: number): Uint8Array {
  const bits: number[] = [];
  const push = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  push(0b0100, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  const room = 8 * dataWords(version);
  push(0, Math.min(4, room - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  for (let filling = 0xec; bits.length < room; filling ^= 0xec ^ 0x11) push(filling, 8);
  return Uint8Array.from({ length: bits.length / 8 }, (_, index) =>
    bits.slice(8 * index, 8 * index + 8).reduce((byte, bit) => (byte << 1) | bit, 0),
  );
}

/** All code words, as they are drawn: blocks interleaved, then their correction. */
export function codeWords(bytes: Uint8Array, version: number): Uint8Array {
  const data = packed(bytes, version);
  const [blocks, check] = [BLOCKS[version - 1] ?? 0, PER_BLOCK[version - 1] ?? 0];
  const short = Math.floor(data.length / blocks);
  const longs = data.length % blocks;
  const parts: { data: Uint8Array; check: Uint8Array }[] = [];
  for (let index = 0, from = 0; index < blocks; index += 1) {
    // The last ones are one longer.
    const part = data.subarray(from, (from += short + (index >= blocks - longs ? 1 : 0)));
    parts.push({ data: part, check: correction(part, check) });
  }
  const result: number[] = [];
  for (let index = 0; index <= short; index += 1) {
    for (const part of parts) {
      const byte = part.data[index];
      if (byte !== undefined) result.push(byte);
    }
  }
  for (let index = 0; index < check; index += 1) for (const part of parts) result.push(part.check[index] ?? 0);
  return Uint8Array.from(result);
}
