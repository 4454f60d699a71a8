/**
 * The texts of a table's rows and how wide they are. A key is put into words and measured once, however many frames show
 * it; figures are formatted anew, as they are new.
 */

import type { KeyTable } from '../../src/panels/key-table.ts';
import { formatRate, formatUnit } from '../../src/panels/units.ts';
import { shownWidth } from '../cells/sanitize.ts';
import type { Column, Row } from '../models/table.ts';

/** Part of a key. */
export interface KeyText {
  readonly text: string;
  readonly width: number;
  /** Without what most names begin with, for where there is little room. */
  readonly shortText: string;
  readonly shortWidth: number;
}

export interface Line {
  readonly row: Row;
  readonly keys: readonly KeyText[];
  /** By column; a key's are in `keys`, by part. */
  readonly texts: readonly string[];
  readonly widths: readonly number[];
}

/** More than any screen shows. */
const MAX_KEPT = 1000;

/** Far longer than any column: no need to measure all of a 4,096-byte path. */
const MAX_MEASURED = 512;

/** Probe names lose everything but the last part where room is short; those of system calls all begin the same. */
const PROBE_PREFIX =
  /^(?:tracepoint|rawtracepoint|kprobe|kretprobe|fentry|fexit|uprobe|uretprobe|usdt):(?:syscalls:sys_(?:enter|exit)_|(?:[^\s]*:)?(?=[^\s:]+$))/;

/** TableLines puts rows into words. */
export class TableLines {
  #table: KeyTable | undefined;
  readonly #keys = new Map<number, readonly KeyText[]>();

  /** The line of a row of a map with these keys. */
  of(row: Row, table: KeyTable, columns: readonly Column[]): Line {
    const keys = this.#keysOf(row, table);
    const texts: string[] = [];
    const widths: number[] = [];
    let values: Row['values'] | undefined;
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index];
      let text = '';
      let isOurs = true;
      if (column?.role === 'value') {
        values ??= row.values;
        const value = values[column.part] ?? '';
        isOurs = typeof value === 'number';
        text = typeof value === 'number' ? formatUnit(value, column.unit) : value;
      } else if (column !== undefined) text = figureText(row, column);
      texts.push(text);
      // Figures are written with plain letters.
      widths.push(isOurs ? text.length : widthOf(text));
    }
    return { row, keys, texts, widths };
  }

  #keysOf(row: Row, table: KeyTable): readonly KeyText[] {
    if (this.#table !== table || this.#keys.size >= MAX_KEPT) this.#keys.clear();
    this.#table = table;
    let keys = this.#keys.get(row.keyNumber);
    if (keys === undefined) {
      keys = row.keys.map(keyText);
      this.#keys.set(row.keyNumber, keys);
    }
    return keys;
  }
}

function keyText(text: string): KeyText {
  const shortText = text.replace(PROBE_PREFIX, '');
  return { text, width: widthOf(text), shortText, shortWidth: widthOf(shortText) };
}

function widthOf(text: string): number {
  return shownWidth(text.length > MAX_MEASURED ? text.slice(0, MAX_MEASURED) : text);
}

function figureText(row: Row, column: Column): string {
  switch (column.role) {
    case 'rate':
      return formatRate(row.rate, column.unit);
    case 'delta':
      return row.delta === 0 ? '' : `+${formatUnit(row.delta, column.unit)}`;
    case 'share':
      return `${(row.share * 100).toFixed(row.share < 0.0995 ? 1 : 0)}%`;
    default:
      return '';
  }
}
