// Error correction of QR codes: Reed-Solomon over the field of 256 elements with x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004, 7.5).

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

const at = (table: Uint8Array, index: number): number => table[index] ?? 0;

function times(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : at(EXP, at(LOG, one) + at(LOG, other));
}

/** The polynomial whose roots are the first `degree` powers of 2, without its leading 1. */
function generator(degree: number): Uint8Array {
  const result = new Uint8Array(degree);
  result[degree - 1] = 1;
  for (let root = 0; root < degree; root += 1) {
    for (let index = 0; index < degree; index += 1) {
      result[index] = times(at(result, index), at(EXP, root)) ^ (index + 1 < degree ? at(result, index + 1) : 0);
    }
  }
  return result;
}

/** The `count` code words by which `data` is mended when it is read with errors. */
export function correction(data: Uint8Array, count: number): Uint8Array {
  const divisor = generator(count);
  const rest = new Uint8Array(count);
  for (const byte of data) {
    const factor = byte ^ at(rest, 0);
    rest.copyWithin(0, 1);
    rest[count - 1] = 0;
    for (let index = 0; index < count; index += 1) rest[index] = at(rest, index) ^ times(at(divisor, index), factor);
  }
  return rest;
}
