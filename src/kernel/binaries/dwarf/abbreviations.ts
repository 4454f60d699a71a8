/**
 * Abbreviations: the shapes of entries, by code. Each unit has a table, which many may share.
 */

import { FORM } from './constants.ts';
import { Cursor, DwarfDamage } from './cursor.ts';

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Triples of attribute, form and implicit value. */
  readonly attributes: readonly number[];
}

export type AbbreviationTable = readonly (Abbreviation | undefined)[];

/** Compilers number from 1 without gaps; a huge number is damage and would make a huge array. */
const MAX_GAP = 0xffff;

/** readAbbreviations reads the table at an offset of .debug_abbrev. */
export function readAbbreviations(section: Buffer, offset: number): AbbreviationTable {
  const table: (Abbreviation | undefined)[] = [];
  const cursor = new Cursor(section, offset);
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    if (code > table.length + MAX_GAP) throw new DwarfDamage('abbreviation out of range');
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes: number[] = [];
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      const implicit = form === FORM.implicitConst ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      attributes.push(attribute, form, implicit);
    }
    table[code] = { tag, hasChildren, attributes };
  }
  return table;
}
