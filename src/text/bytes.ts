/**
 * Traced text without loss: bytes are decoded as UTF-8, and each byte that is not part of valid UTF-8 becomes the
 * lone surrogate U+DC00 + byte, which no valid text contains. Encoding turns it back into the byte.
 */

let decoder: InstanceType<typeof TextDecoder> | undefined;

/** Made when needed: the first one costs a start a quarter of a millisecond. */
function strictDecoder(): InstanceType<typeof TextDecoder> {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return decoder;
}

/** decodeBytes turns bytes into text; never fails. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return strictDecoder().decode(bytes);
  } catch {
    return decodeDamaged(bytes);
  }
}

/** hasStrayBytes tells whether text holds bytes that were no UTF-8. */
export function hasStrayBytes(text: string): boolean {
  return /[\udc80-\udcff]/.test(text);
}

/** encodeText gives back the bytes that `decodeBytes` read. */
export function encodeText(text: string): Uint8Array {
  if (!hasStrayBytes(text)) return Buffer.from(text, 'utf8');
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdbff) {
      index++; // a pair belongs together
    } else if (code >= 0xdc80 && code <= 0xdcff) {
      parts.push(Buffer.from(text.slice(start, index), 'utf8'), Uint8Array.of(code - 0xdc00));
      start = index + 1;
    }
  }
  parts.push(Buffer.from(text.slice(start), 'utf8'));
  return Buffer.concat(parts);
}

function decodeDamaged(bytes: Uint8Array): string {
  let text = '';
  let start = 0;
  while (start < bytes.length) {
    const length = sequenceLength(bytes, start);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[start] ?? 0));
      start++;
    } else {
      text += strictDecoder().decode(bytes.subarray(start, start + length));
      start += length;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `start`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  const length =
    first < 0x80
      ? 1
      : first >= 0xc2 && first < 0xe0
        ? 2
        : first >= 0xe0 && first < 0xf0
          ? 3
          : first >= 0xf0 && first < 0xf5
            ? 4
            : 0;
  if (length === 0 || start + length > bytes.length) return 0;
  try {
    strictDecoder().decode(bytes.subarray(start, start + length));
    return length;
  } catch {
    return 0;
  }
}
