/**
 * The recording's file format: a magic line, then records that are only ever appended. Each record carries its length and
 * a CRC over everything behind it, so that a damaged or cut-off file reads up to the damage.
 *
 *   u32 length of what follows the CRC · u32 CRC-32 · u8 type · u8 flags · u16 panel · f64 time (ms since the epoch) · payload
 *
 * All numbers are little-endian. The payload is JSON (`codec.ts`), deflated where flag 1 is set.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeJson, encodeJson } from './codec.ts';
import { crc32 } from './crc32.ts';

export const MAGIC = Buffer.from('bptop recording 1\n', 'latin1');

/** Length and CRC. */
export const PREFIX_BYTES = 8;
/** Type, flags, panel, time. */
export const FIELD_BYTES = 12;
/** No honest record is larger: a length beyond this is damage. */
export const MAX_RECORD_BYTES = 64 << 20;

export const RECORD_TYPES = { panel: 1, snapshot: 2, line: 3, keys: 4 } as const;

export type RecordType = keyof typeof RECORD_TYPES;

const TYPE_NAMES = new Map<number, RecordType>(
  Object.entries(RECORD_TYPES).map(([name, number]) => [number, name as RecordType]),
);

const DEFLATED = 1;
/** Smaller payloads gain nothing from compression. */
const DEFLATE_FROM = 200;

export interface RecordHead {
  readonly type: RecordType;
  readonly panel: number;
  readonly timeMs: number;
}

/** encodeRecord gives the bytes to append. */
export function encodeRecord(head: RecordHead, payload: unknown): Buffer {
  const json = Buffer.from(encodeJson(payload), 'utf8');
  const isDeflated = json.length >= DEFLATE_FROM;
  const body = isDeflated ? deflateRawSync(json, { level: 3 }) : json;
  const record = Buffer.alloc(PREFIX_BYTES + FIELD_BYTES + body.length);
  record.writeUInt32LE(FIELD_BYTES + body.length, 0);
  record.writeUInt8(RECORD_TYPES[head.type], 8);
  record.writeUInt8(isDeflated ? DEFLATED : 0, 9);
  record.writeUInt16LE(head.panel, 10);
  record.writeDoubleLE(head.timeMs, 12);
  body.copy(record, PREFIX_BYTES + FIELD_BYTES);
  record.writeUInt32LE(crc32(record.subarray(PREFIX_BYTES)), 4);
  return record;
}

/** readHead reads the fields of a record from what follows its CRC; undefined for a type of a newer bptop. */
export function readHead(content: Buffer): RecordHead | undefined {
  const type = TYPE_NAMES.get(content.readUInt8(0));
  if (type === undefined) return undefined;
  return { type, panel: content.readUInt16LE(2), timeMs: content.readDoubleLE(4) };
}

/** readPayload decodes a record's payload from what follows its CRC. */
export function readPayload(content: Buffer): unknown {
  const body = content.subarray(FIELD_BYTES);
  const isDeflated = (content.readUInt8(1) & DEFLATED) !== 0;
  const json = isDeflated ? inflateRawSync(body, { maxOutputLength: MAX_RECORD_BYTES }) : body;
  return decodeJson(json.toString('utf8'));
}
