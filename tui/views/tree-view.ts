/** Stacks as a tree to unfold: heaviest first, chains that do not branch on one line each, hot paths open at first. */

import { formatCount } from '../../src/panels/units.ts';
import type { Painter } from '../cells/painter.ts';
import { style, type Token } from '../cells/style.ts';
import { FlameModel, type FlameNode } from '../models/flame.ts';
import type { RowFilter } from '../models/table.ts';
import { paintBar } from './bars.ts';
import type { Selection, View, ViewCommand, ViewContext } from './view.ts';

/** Frames with at least this share are open until the user says otherwise. */
const OPEN_SHARE = 0.15;

interface TreeRow {
  readonly node: FlameNode;
  readonly path: string;
  readonly depth: number;
  readonly isOpen: boolean;
}

export class TreeView implements View {
  readonly kind = 'tree';
  readonly lookback = 1;
  filterText = '';
  #filter: RowFilter | undefined;
  readonly #model = new FlameModel();
  readonly #toggled = new Map<string, boolean>();
  #rows: readonly TreeRow[] = [];
  #selectedPath = '';
  #selected = 0;
  #top = 0;
  #page = 1;
  #total = 0;

  paint(painter: Painter, context: ViewContext): void {
    const map = context.history.at(-1)?.map;
    if (map === undefined) return;
    const root = this.#model.at(map);
    this.#total = root.value;
    if (root.value === 0) {
      painter.text(0, 0, 'no stacks yet', style('faint'));
      return;
    }
    const rows: TreeRow[] = [];
    for (const child of heaviestFirst(root)) this.#collect(child, '', 0, rows);
    this.#rows = rows;
    this.#page = painter.height;
    this.#follow();
    for (let line = 0; line < painter.height; line++) {
      const row = this.#rows[this.#top + line];
      if (row === undefined) break;
      this.#paintRow(painter, line, row, context);
    }
  }

  run(command: ViewCommand): boolean {
    const row = this.#rows[this.#selected];
    switch (command) {
      case 'up':
        return this.#select(this.#selected - 1);
      case 'down':
        return this.#select(this.#selected + 1);
      case 'pageUp':
        return this.#select(this.#selected - this.#page);
      case 'pageDown':
        return this.#select(this.#selected + this.#page);
      case 'first':
        return this.#select(0);
      case 'last':
        return this.#select(this.#rows.length - 1);
      case 'expand':
      case 'right':
      case 'left':
        if (row === undefined || row.node.children.length === 0) return false;
        this.#toggled.set(row.path, command === 'expand' ? !row.isOpen : command === 'right');
        return true;
      default:
        return false;
    }
  }

  setFilter(text: string, filter: RowFilter | undefined): void {
    this.filterText = text;
    this.#filter = filter;
  }

  selection(): Selection | undefined {
    const row = this.#rows[this.#selected];
    if (row === undefined) return undefined;
    return { entry: { value: row.node.value }, text: `${row.path.split('\0').join(';')} ${row.node.value}` };
  }

  status(): string {
    return `${this.filterText === '' ? '' : `/${this.filterText} `}${formatCount(this.#total)} samples`;
  }

  click(_x: number, y: number): void {
    this.#select(this.#top + y);
  }

  #select(index: number): boolean {
    this.#selected = Math.max(0, Math.min(this.#rows.length - 1, index));
    this.#selectedPath = this.#rows[this.#selected]?.path ?? '';
    return true;
  }

  #follow(): void {
    const at = this.#rows.findIndex((row) => row.path === this.#selectedPath);
    if (at >= 0) this.#selected = at;
    this.#selected = Math.max(0, Math.min(this.#selected, this.#rows.length - 1));
    if (this.#selected < this.#top) this.#top = this.#selected;
    if (this.#selected >= this.#top + this.#page) this.#top = this.#selected - this.#page + 1;
    this.#top = Math.max(0, Math.min(this.#top, this.#rows.length - this.#page));
  }

  #collect(node: FlameNode, parentPath: string, depth: number, rows: TreeRow[]): void {
    const filter = this.#filter;
    // With a search, only branches that lead to a match are shown, opened.
    if (filter !== undefined && !contains(node, filter)) return;
    const path = parentPath === '' ? node.name : `${parentPath}\0${node.name}`;
    const isHot = node.value / this.#total >= OPEN_SHARE || filter !== undefined;
    const isOpen = node.children.length > 0 && (this.#toggled.get(path) ?? isHot);
    rows.push({ node, path, depth, isOpen });
    if (!isOpen) return;
    // A chain that does not branch needs no further indent.
    const isChain = node.children.length === 1 && node.self === 0;
    for (const child of heaviestFirst(node)) this.#collect(child, path, isChain ? depth : depth + 1, rows);
  }

  #paintRow(painter: Painter, y: number, row: TreeRow, context: ViewContext): void {
    const { node } = row;
    const share = node.value / this.#total;
    const isSelected = context.isFocused && this.#top + y === this.#selected;
    painter.textRight(6, y, `${(share * 100).toFixed(1)}%`, style('value'), 6);
    paintBar(painter, 7, y, 8, share, style('bar'), context.glyphs);
    const marker = node.children.length === 0 ? ' ' : row.isOpen ? context.glyphs.expanded : context.glyphs.collapsed;
    const x = painter.text(16 + row.depth * 2, y, `${marker} `, style('muted'));
    const isMatch = this.#filter?.(node.name) ?? false;
    const end = painter.text(x, y, node.name, style(isMatch ? 'match' : TOKENS[node.kind]));
    painter.text(end + 1, y, formatCount(node.value), style('faint'));
    if (isSelected) painter.background(0, y, painter.width, 'selection');
  }
}

const TOKENS: Readonly<Record<FlameNode['kind'], Token>> = {
  root: 'text',
  label: 'title',
  user: 'series1',
  kernel: 'series0',
};

function heaviestFirst(node: FlameNode): readonly FlameNode[] {
  return node.children.filter((child) => child.value > 0).sort((left, right) => right.value - left.value);
}

function contains(node: FlameNode, filter: RowFilter): boolean {
  return filter(node.name) || node.children.some((child) => contains(child, filter));
}
