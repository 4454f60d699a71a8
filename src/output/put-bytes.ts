/** Text that is written as bytes at once. All take where to begin and give where it ends; the room is the caller's to have. */

const ZERO = 0x30;
const TWO_31 = 0x8000_0000;

/** putNumber writes an exact integer in decimal digits. */
export function putNumber(out: Uint8Array, start: number, value: number): number {
  return value >= 0 && value < TWO_31 ? putSmall(out, start, value | 0) : putAscii(out, start, String(value));
}

/** putAscii writes text of letters up to U+007F. */
export function putAscii(out: Uint8Array, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) out[start + index] = text.charCodeAt(index);
  return start + text.length;
}

/** putBytes copies a few bytes; `set` would make a view first. */
export function putBytes(out: Uint8Array, start: number, bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) out[start + index] = bytes[index] as number;
  return start + bytes.length;
}

/** putString copies up to `limit` bytes or to the NUL. */
export function putString(out: Uint8Array, start: number, bytes: Uint8Array, from: number, limit: number): number {
  let at = start;
  for (let index = from; index < from + limit; index++) {
    const byte = bytes[index] as number;
    if (byte === 0) break;
    out[at++] = byte;
  }
  return at;
}

/** putPadded gives what was written since `start` its width, with blanks on one side. */
export function putPadded(out: Uint8Array, start: number, end: number, width: number, isLeft: boolean): number {
  const missing = width - (end - start);
  if (missing <= 0) return end;
  if (isLeft) out.fill(0x20, end, end + missing);
  else {
    out.copyWithin(start + missing, start, end);
    out.fill(0x20, start, start + missing);
  }
  return end + missing;
}

/** Of less than 2^31. */
function putSmall(out: Uint8Array, start: number, value: number): number {
  let end = start + 1;
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) end++;
  let digits = value;
  for (let place = end - 1; place >= start; place--) {
    const tens = (digits / 10) | 0;
    out[place] = ZERO + digits - tens * 10;
    digits = tens;
  }
  return end;
}
