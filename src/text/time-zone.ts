/**
 * The abbreviation of the local time zone (`CET`), which JavaScript does not tell: read from the zone's TZif file
 * (RFC 8536), from the rule at its end for times after the last transition.
 */

import { readFileSync } from 'node:fs';

interface Zone {
  /** Seconds since the epoch, ascending, and the index in `abbreviations` that holds from then on. */
  readonly transitions: readonly number[];
  readonly indexes: readonly number[];
  readonly abbreviations: readonly string[];
  /** POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. */
  readonly rule: string;
}

const MAX_BYTES = 1 << 20;
let loaded: { readonly name: string; readonly zone: Zone | undefined } | undefined;

/** zoneAbbreviation names the local zone at that time. */
export function zoneAbbreviation(date: Date): string {
  const { TZ: name = '' } = process.env;
  if (loaded?.name !== name) loaded = { name, zone: readZone(name) };
  const { zone } = loaded;
  const seconds = date.getTime() / 1000;
  if (zone) {
    const last = zone.transitions.at(-1);
    if (zone.rule === '' || (last !== undefined && seconds < last)) {
      const next = zone.transitions.findIndex((one) => one > seconds);
      const index = next < 0 ? zone.indexes.at(-1) : next === 0 ? 0 : zone.indexes[next - 1];
      const found = zone.abbreviations[index ?? 0];
      if (found) return found;
    }
    return fromRule(zone.rule, date) ?? 'UTC';
  }
  return fromRule(name, date) ?? (date.getTimezoneOffset() === 0 ? 'UTC' : '');
}

const RULE = /^(<[^>]+>|[A-Za-z]{3,})([-+]?\d+(?::\d+)*)(?:(<[^>]+>|[A-Za-z]{3,}).*)?$/;

/** The rule's standard name or, if the offset in force is not the standard one, its summer name. */
function fromRule(rule: string, date: Date): string | undefined {
  const [, standard, offset = '', summer] = RULE.exec(rule) ?? [];
  if (!standard) return undefined;
  const [hours = 0, minutes = 0] = offset.split(':').map(Number);
  const standardMinutes = hours * 60 + (offset.startsWith('-') ? -minutes : minutes);
  const name = summer && date.getTimezoneOffset() !== standardMinutes ? summer : standard;
  return name.replace(/[<>]/g, '');
}

function readZone(name: string): Zone | undefined {
  const file = name.replace(/^:/, '');
  if (file.includes('..')) return undefined;
  const path = file === '' ? '/etc/localtime' : file.startsWith('/') ? file : `/usr/share/zoneinfo/${file}`;
  try {
    const bytes = readFileSync(path);
    return bytes.length <= MAX_BYTES ? parseZone(bytes) : undefined;
  } catch {
    return undefined;
  }
}

const HEADER_SIZE = 44;

/** parseZone reads a TZif file of version 2 or later. */
export function parseZone(bytes: Buffer): Zone | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'TZif' || (bytes[4] ?? 0) < 0x32) return undefined;
  const second = HEADER_SIZE + blockSize(bytes, 0, 4);
  const timeCount = bytes.readUInt32BE(second + 32);
  const typeCount = bytes.readUInt32BE(second + 36);
  const charCount = bytes.readUInt32BE(second + 40);
  let at = second + HEADER_SIZE;
  const transitions = Array.from({ length: timeCount }, (_, index) => Number(bytes.readBigInt64BE(at + index * 8)));
  at += timeCount * 8;
  const indexes = [...bytes.subarray(at, at + timeCount)];
  at += timeCount;
  const names = bytes.toString('latin1', at + typeCount * 6, at + typeCount * 6 + charCount);
  const abbreviations = Array.from({ length: typeCount }, (_, index) => {
    const start = bytes[at + index * 6 + 5] ?? 0;
    return names.slice(start, names.indexOf('\0', start));
  });
  const end = second + HEADER_SIZE + blockSize(bytes, second, 8);
  return { transitions, indexes, abbreviations, rule: bytes.toString('latin1', end).trim() };
}

function blockSize(bytes: Buffer, header: number, timeSize: number): number {
  const count = (index: number) => bytes.readUInt32BE(header + 20 + index * 4);
  const [universal, standard, leaps, times, types, chars] = [0, 1, 2, 3, 4, 5].map(count);
  return (
    (times ?? 0) * (timeSize + 1) +
    (types ?? 0) * 6 +
    (chars ?? 0) +
    (leaps ?? 0) * (timeSize + 4) +
    (standard ?? 0) +
    (universal ?? 0)
  );
}
