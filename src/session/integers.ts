/** Integers of the kernel as JavaScript values: a number where that is exact, else a bigint. */

const TWO_32 = 0x1_0000_0000;
/** High halves below this keep the whole within 2^53. */
const SAFE_HIGH = 0x20_0000;

/** readU64 reads an unsigned 64-bit integer. */
export function readU64(view: DataView, offset: number): number | bigint {
  const high = view.getUint32(offset + 4, true);
  return high < SAFE_HIGH ? high * TWO_32 + view.getUint32(offset, true) : view.getBigUint64(offset, true);
}

/** readI64 reads a signed 64-bit integer. */
export function readI64(view: DataView, offset: number): number | bigint {
  const high = view.getInt32(offset + 4, true);
  return high < SAFE_HIGH && high >= -SAFE_HIGH + 1
    ? high * TWO_32 + view.getUint32(offset, true)
    : exact(view.getBigInt64(offset, true));
}

/** exact turns a bigint into a number where nothing is lost. */
export function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** addExact adds without loss, wrapping at 64 bits as the kernel does. */
export function addExact(a: number | bigint, b: number | bigint, isSigned: boolean): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  return exact(isSigned ? BigInt.asIntN(64, sum) : BigInt.asUintN(64, sum));
}

/** divideExact divides as C does, towards zero. */
export function divideExact(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return exact(BigInt(a) / BigInt(b));
}
