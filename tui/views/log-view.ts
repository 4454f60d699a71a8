/** The log: what the script prints, newest at the bottom; follows until the user scrolls up. */

import type { Painter } from '../cells/painter.ts';
import { style } from '../cells/style.ts';
import type { RowFilter } from '../models/table.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

export interface LogLine {
  readonly timeMs: number;
  readonly text: string;
  readonly isError: boolean;
}

const BLANK = 32;
/** Blanks that stay between two columns, if that does. */
const GAP = 2;

/** LogLines is a bounded list of printed lines. */
export class LogLines {
  readonly #max: number;
  #lines: LogLine[] = [];
  /** Lines ever pushed, and those of them that are no messages about the run. */
  total = 0;
  printed = 0;

  constructor(max = 5000) {
    this.#max = max;
  }

  push(line: LogLine): void {
    this.#lines.push(line);
    this.total++;
    if (!line.isError) this.printed++;
    // Cut in bulk: shifting one line at a time would move the whole array for each.
    if (this.#lines.length > this.#max * 1.25) this.#lines = this.#lines.slice(-this.#max);
  }

  /** Lines printed up to a time. */
  until(timeMs: number): readonly LogLine[] {
    const last = this.#lines.at(-1);
    if (last === undefined || last.timeMs <= timeMs) return this.#lines;
    let end = this.#lines.length;
    while (end > 0 && (this.#lines[end - 1]?.timeMs ?? 0) > timeMs) end--;
    return this.#lines.slice(0, end);
  }

  /** Lines pushed after the first `count`, as far as they are kept. */
  since(count: number): readonly LogLine[] {
    const fresh = this.total - count;
    return fresh <= 0 ? [] : this.#lines.slice(-fresh);
  }

  clear(): void {
    this.#lines = [];
  }

  get length(): number {
    return this.#lines.length;
  }
}

/** Several words, all in capitals: `PID PROCESS TO`. */
const HEADING = /^\s*[A-Z][A-Z0-9_./()%#-]*(?:\s+[A-Z(%#][A-Z0-9_./()%#-]*)+\s*$/;

function isHeading(text: string): boolean {
  return HEADING.test(text);
}

/**
 * closeGaps takes out columns that are blank in all of the lines, where one of these is wider than there is room: scripts
 * pad for the longest address there may be. What stood below each other still does, two blanks apart or one.
 */
function closeGaps(lines: readonly string[], width: number): readonly string[] {
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  if (longest <= width) return lines;
  const isUsed = new Uint8Array(longest);
  for (const line of lines)
    for (let column = 0; column < line.length; column++) if (line.charCodeAt(column) !== BLANK) isUsed[column] = 1;
  const wide = keptParts(isUsed, GAP);
  const length = wide.reduce((sum, [from, to]) => sum + to - from, 0);
  const kept = length <= width ? wide : keptParts(isUsed, 1);
  return lines.map((line) => kept.map(([from, to]) => line.slice(from, to)).join(''));
}

type Part = readonly [start: number, end: number];

function keptParts(isUsed: Uint8Array, gap: number): readonly Part[] {
  const kept: Part[] = [];
  let start = 0;
  let blanks = 0;
  for (let column = 0; column < isUsed.length; column++) {
    blanks = isUsed[column] === 1 ? 0 : blanks + 1;
    if (blanks === gap + 1) kept.push([start, column]);
    if (blanks > gap) start = column + 1;
  }
  kept.push([start, isUsed.length]);
  return kept;
}

export class LogView implements View {
  readonly kind = 'log';
  filterText = '';
  #filter: RowFilter | undefined;
  /** Lines from the end that the bottom of the view stands at; 0 follows. */
  #back = 0;
  #page = 1;
  #count = 0;
  #bottomLine = '';
  /** What scripts print first, above their columns; stays at the top when the rest scrolls. */
  #heading: LogLine | undefined;
  readonly #lines: () => readonly LogLine[];

  constructor(lines: () => readonly LogLine[]) {
    this.#lines = lines;
  }

  paint(painter: Painter, _context: ViewContext): void {
    const all = this.#lines();
    const [first] = all;
    if (first !== undefined && isHeading(first.text)) this.#heading = first;
    // Thousands of lines: what is shown of them is cut out, and no copy made of the rest.
    const before = first !== undefined && first === this.#heading ? 1 : 0;
    const printed = all.length - before;
    const filter = this.#filter;
    const lines = filter === undefined ? all : all.filter((line, at) => at >= before && filter(line.text));
    const skipped = filter === undefined ? before : 0;
    const count = lines.length - skipped;
    // While scrolled back, new lines do not move what is being read.
    if (this.#back > 0 && count > this.#count) this.#back += count - this.#count;
    this.#count = count;
    const heading = this.#heading === undefined ? [] : [this.#heading];
    this.#page = Math.max(1, painter.height - heading.length);
    this.#back = Math.max(0, Math.min(this.#back, count - this.#page));
    const end = lines.length - this.#back;
    const page = lines.slice(Math.max(skipped, end - this.#page), end);
    this.#bottomLine = page.at(-1)?.text ?? '';
    const shown = [...heading, ...page];
    const texts = closeGaps(
      shown.map((line) => line.text),
      painter.width,
    );
    for (const [y, line] of shown.entries()) painter.text(0, y, texts[y] ?? '', style(line.isError ? 'error' : 'text'));
    if (page.length > 0) return;
    painter.text(0, heading.length, printed === 0 ? 'nothing printed yet' : 'no line matches', style('faint'));
  }

  run(command: ViewCommand): boolean {
    const step: Partial<Record<ViewCommand, number>> = {
      up: 1,
      down: -1,
      pageUp: this.#page,
      pageDown: -this.#page,
      first: this.#count,
      last: -this.#count,
    };
    const by = step[command];
    if (by === undefined) return false;
    this.#back = Math.max(0, Math.min(this.#count - this.#page, this.#back + by));
    return true;
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
    this.#back = 0;
  }

  selection(): Selection | undefined {
    if (this.#bottomLine === '') return undefined;
    return { entry: { value: this.#bottomLine }, text: this.#bottomLine };
  }

  status(): string {
    const filter = this.filterText === '' ? '' : `/${this.filterText} `;
    return `${filter}${this.#count} ${this.#count === 1 ? 'line' : 'lines'}${this.#back > 0 ? `, ${this.#back} back` : ''}`;
  }
}
