/**
 * One unit's line table: which instruction belongs to which line of which file. The line program is run once and its rows
 * kept as columns in order of address.
 */

import { lastNotAbove } from '../symbol-table.ts';
import { AT, FORM } from './constants.ts';
import { Cursor, DwarfDamage } from './cursor.ts';
import type { DwarfFile, Unit } from './dwarf-file.ts';

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

export interface LineRow extends SourceLine {
  readonly address: number;
}

interface RawRow {
  readonly address: number;
  readonly file: number;
  readonly line: number;
  readonly isStatement: boolean;
  /** The address is the first one behind a sequence of instructions. */
  readonly isEnd: boolean;
}

const CONTENT_PATH = 1;
const CONTENT_DIRECTORY = 2;

/** LineTable answers for the addresses of one unit. */
export class LineTable {
  readonly #rows: readonly RawRow[];
  readonly #addresses: Float64Array;
  readonly #files: readonly string[];

  constructor(rows: readonly RawRow[], files: readonly string[]) {
    // An end sorts before what begins there; otherwise the last of several rows at one address counts.
    this.#rows = rows
      .map((row, order) => ({ row, order }))
      .sort(
        (left, right) =>
          left.row.address - right.row.address ||
          Number(right.row.isEnd) - Number(left.row.isEnd) ||
          left.order - right.order,
      )
      .map(({ row }) => row);
    this.#addresses = Float64Array.from(this.#rows, (row) => row.address);
    this.#files = files;
  }

  find(address: number): SourceLine | undefined {
    const row = this.#rows[lastNotAbove(this.#addresses, address)];
    if (!row || row.isEnd || row.line === 0) return undefined;
    return { file: this.fileName(row.file), line: row.line };
  }

  fileName(index: number): string {
    return this.#files[index] ?? '';
  }

  /** Rows where a statement of that line begins, in files that `matches` accepts. */
  statements(line: number, matches: (file: string) => boolean): readonly LineRow[] {
    const wanted = new Set(this.#files.flatMap((file, index) => (matches(file) ? [index] : [])));
    if (wanted.size === 0) return [];
    return this.#rows
      .filter((row) => !row.isEnd && row.isStatement && row.line === line && wanted.has(row.file))
      .map((row) => ({ address: row.address, file: this.fileName(row.file), line }));
  }
}

/** readLineTable runs the line program of a unit. */
export function readLineTable(file: DwarfFile, unit: Unit): LineTable | undefined {
  const root = file.entry(unit, unit.rootOffset);
  const offset = root && file.number(root, AT.statementList);
  if (!root || offset === undefined) return undefined;
  const directory = file.text(root, AT.compilationDirectory) ?? '';
  const cursor = new Cursor(file.section('.debug_line'), offset);
  let length = cursor.unsigned(4);
  const offsetSize = length === 0xffffffff ? 8 : 4;
  if (offsetSize === 8) length = cursor.unsigned(8);
  const end = cursor.at + length;
  const version = cursor.unsigned(2);
  if (version < 2 || version > 5) return undefined;
  if (version >= 5) cursor.skip(2); // sizes of addresses and segment selectors
  const headerLength = cursor.unsigned(offsetSize);
  const programAt = cursor.at + headerLength;
  const minimumLength = cursor.u8();
  if (version >= 4) cursor.skip(1); // operations per instruction: 1 but for VLIW machines
  const isStatementAtFirst = cursor.u8() !== 0;
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0) throw new DwarfDamage('line range of 0');
  const operandCounts = Array.from({ length: opcodeBase - 1 }, () => cursor.u8());
  // An assembler may write 32-bit line tables for 64-bit units.
  const files =
    version >= 5 ? readFiles5(cursor, file, { ...unit, offsetSize }, directory) : readFiles4(cursor, directory);
  cursor.at = programAt;
  const rows = runProgram(cursor, end, {
    minimumLength,
    isStatementAtFirst,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
  });
  return new LineTable(rows, files);
}

interface ProgramHeader {
  readonly minimumLength: number;
  readonly isStatementAtFirst: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
}

function runProgram(cursor: Cursor, end: number, header: ProgramHeader): RawRow[] {
  const { minimumLength, lineBase, lineRange, opcodeBase } = header;
  const rows: RawRow[] = [];
  let address = 0;
  let file = 1;
  let line = 1;
  let isStatement = header.isStatementAtFirst;
  const push = (isEnd = false) => rows.push({ address, file, line, isStatement, isEnd });
  while (cursor.at < end) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minimumLength;
      line += lineBase + (adjusted % lineRange);
      push();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = cursor.uleb();
        const next = cursor.at + length;
        const extended = length > 0 ? cursor.u8() : 0;
        if (extended === 1) {
          push(true);
          address = 0;
          file = 1;
          line = 1;
          isStatement = header.isStatementAtFirst;
        } else if (extended === 2) address = cursor.unsigned(Math.min(8, length - 1));
        cursor.at = next;
        break;
      }
      case 1:
        push();
        break;
      case 2:
        address += cursor.uleb() * minimumLength;
        break;
      case 3:
        line += cursor.sleb();
        break;
      case 4:
        file = cursor.uleb();
        break;
      case 6:
        isStatement = !isStatement;
        break;
      case 8:
        address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
        break;
      case 9:
        address += cursor.unsigned(2);
        break;
      default:
        // Columns, basic blocks and what later standards add: only to be passed over.
        for (let count = header.operandCounts[opcode - 1] ?? 0; count > 0; count--) cursor.uleb();
    }
  }
  return rows;
}

/** Before DWARF 5: directories and files count from 1, directory 0 is the one of the compilation. */
function readFiles4(cursor: Cursor, compilationDirectory: string): string[] {
  const directories = [compilationDirectory];
  for (let name = cursor.text(); name !== ''; name = cursor.text())
    directories.push(joinPath(compilationDirectory, name));
  const files = [''];
  for (let name = cursor.text(); name !== ''; name = cursor.text()) {
    files.push(joinPath(directories[cursor.uleb()] ?? '', name));
    cursor.uleb(); // modification time
    cursor.uleb(); // length
  }
  return files;
}

function readFiles5(cursor: Cursor, file: DwarfFile, unit: Unit, compilationDirectory: string): string[] {
  const directories = readEntries(cursor, file, unit).map(({ path }) => joinPath(compilationDirectory, path));
  return readEntries(cursor, file, unit).map(({ path, directory }) => joinPath(directories[directory] ?? '', path));
}

function readEntries(cursor: Cursor, file: DwarfFile, unit: Unit): { path: string; directory: number }[] {
  const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  const entries: { path: string; directory: number }[] = [];
  for (let count = cursor.uleb(); count > 0; count--) {
    const entry = { path: '', directory: 0 };
    for (const [content, form] of formats) {
      if (form === FORM.string) {
        const text = cursor.text();
        if (content === CONTENT_PATH) entry.path = text;
        continue;
      }
      const value = file.readValue(cursor, form, unit);
      if (content === CONTENT_PATH) entry.path = file.textOf(value, unit) ?? '';
      else if (content === CONTENT_DIRECTORY) entry.directory = value.value;
    }
    entries.push(entry);
  }
  return entries;
}

function joinPath(directory: string, name: string): string {
  return name.startsWith('/') || directory === '' ? name : `${directory}/${name}`;
}
