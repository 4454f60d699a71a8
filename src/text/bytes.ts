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
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(text));
  let length = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdbff) {
      index++; // a pair belongs together
    } else if (code >= 0xdc80 && code <= 0xdcff) {
      if (start < index) length += bytes.write(text.slice(start, index), length);
      bytes[length++] = code - 0xdc00;
      start = index + 1;
    }
  }
  length += bytes.write(text.slice(start), length);
  return bytes.subarray(0, length);
}

function decodeDamaged(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (start < at) text += buffer.toString('utf8', start, at);
    text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    start = ++at;
  }
  return text + buffer.toString('utf8', start);
}

/** Length of the valid UTF-8 sequence at `start`, 0 if there is none (table 3-7 of the Unicode standard). */
function sequenceLength(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0) return 0;
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[start + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  for (let at = start + 2; at < start + length; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
